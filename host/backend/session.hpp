// Session: one connection to PostgreSQL and the only user of libpqxx, whose exceptions end here.
// Owned by one database thread and used by it alone; every call blocks, bounded by the timeouts
// that opening sets. It never reconnects by itself: a statement on a lost session fails.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backend/sql_error.hpp"

namespace patchbay::backend {

/// One statement; `$1::type` in the text is `parameters[0]`, in PostgreSQL's text form.
struct Statement {
  std::string text;
  std::vector<std::optional<std::string>> parameters;
};

struct Rows {
  std::vector<std::vector<std::optional<std::string>>> values;
  std::size_t affected = 0;

  /// A cell that is never null; "" for null.
  [[nodiscard]] const std::string& text(std::size_t row, std::size_t column) const;
};

class Session {
 public:
  explicit Session(std::string database_url);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Connects unless connected; true when this call made the connection. For kReconnectPause after
  /// a failure it fails at once with the same reason.
  SqlResult<bool> open();
  void close() noexcept;
  /// Every later `open` of a session that is closed fails: a connect that begins cannot be cut
  /// short. [any thread]
  void connect_no_more() noexcept;
  /// Shuts the connection under whoever waits for its answer, and connects no more: for an end that
  /// must not wait for a database that hangs. [any thread]
  void sever() noexcept;
  [[nodiscard]] bool is_open() const noexcept;
  /// PostgreSQL's process behind the session; 0 when closed. [any thread]
  [[nodiscard]] int server_process() const noexcept { return server_process_.load(); }

  /// Statements run so far, a script counts as one; what grows faster than the work is a fault.
  /// [any thread]
  [[nodiscard]] std::uint64_t statements() const noexcept { return statements_.load(); }

  /// Runs one statement with its parameters. After an error the session may be `lost`.
  SqlResult<Rows> run(const Statement& statement);
  /// Runs statements without parameters, separated by ';'; the rows are the last one's.
  SqlResult<Rows> run_script(const std::string& script);

 private:
  struct Connection;
  template <typename Work>
  SqlResult<Rows> guarded(Work work);
  void note_socket(int socket) noexcept;
  [[nodiscard]] bool may_connect() noexcept;

  std::string url_;
  std::unique_ptr<Connection> connection_;
  std::atomic<int> server_process_{0};
  std::atomic<std::uint64_t> statements_{0};
  std::mutex socket_mutex_;  // a socket is shut by one thread while another one closes it
  int socket_ = -1;
  bool connects_ = true;
  bool severed_ = false;
  std::optional<SqlError> last_failure_;
  std::chrono::steady_clock::time_point next_attempt_{};
};

/// `database_url` in UTF-8, and with the time a connect may take and keep-alives unless it, or the
/// environment, says so itself.
[[nodiscard]] std::string session_url(const std::string& database_url);

}  // namespace patchbay::backend
