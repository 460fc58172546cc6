// Session: a connection of the backend to PostgreSQL, made when it is first needed, with the
// settings under which writes run and an end to every wait. Catalogue, OutcomeStore and
// WriteTransaction → Session → PgConnection. Owned by one database thread and used by it alone;
// every call blocks, bounded by the timeouts that opening sets. Never reconnects by itself: a
// statement on a lost session fails.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "database/database_url.hpp"
#include "database/pg_connection.hpp"

namespace patchbay::backend {

class Session {
 public:
  explicit Session(const std::string& database_url);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Connects unless connected; true when this call made the connection. For kReconnectPause after
  /// a failure every call fails immediately with the same reason.
  SqlResult<bool> open();
  void close() noexcept;
  /// Makes every later `open` of a closed session fail: a connect that has started cannot be
  /// interrupted. [any thread]
  void connect_no_more() noexcept;
  /// Shuts the socket, so that a call that waits for an answer returns, and makes every later
  /// `open` fail: for a stop that must not wait for a database that hangs. [any thread]
  void sever() noexcept;
  [[nodiscard]] bool is_open() const noexcept;
  /// The server process of the session; 0 when closed. [any thread]
  [[nodiscard]] int server_process() const noexcept { return server_process_.load(); }

  /// The number of statements run so far; a script and a pipeline
  /// count as one. [any thread]
  [[nodiscard]] std::uint64_t statements() const noexcept { return statements_.load(); }

  /// Runs one statement with its parameters. After an error the session may be `lost`.
  SqlResult<SqlRows> run(const SqlStatement& statement);
  /// Runs the statements in one round trip; see PgConnection::run_pipeline.
  std::vector<SqlResult<SqlRows>> run_pipeline(const std::vector<SqlStatement>& statements);
  /// Runs statements without parameters, separated by ';'; the rows are the last one's.
  SqlResult<SqlRows> run_script(const std::string& script);

 private:
  SqlResult<void> connect();
  SqlResult<SqlRows> closed_if_lost(SqlResult<SqlRows> answer);
  void note_socket(int socket) noexcept;
  [[nodiscard]] bool may_connect() noexcept;

  const Result<DatabaseUrl> url_;
  std::unique_ptr<PgConnection> connection_;
  std::atomic<int> server_process_{0};
  std::atomic<std::uint64_t> statements_{0};
  std::mutex socket_mutex_;  // a socket is shut by one thread while another one closes it
  int socket_ = -1;
  bool connects_ = true;
  bool severed_ = false;
  std::optional<SqlError> last_failure_;
  std::chrono::steady_clock::time_point next_attempt_{};
};

/// `database_url` in UTF-8, and with the time that a connect may take and keep-alives, unless the
/// text or the environment says so itself.
[[nodiscard]] Result<DatabaseUrl> session_url(const std::string& database_url);

}  // namespace patchbay::backend
