// PgConnection: one libpq connection; with pg_connection.cpp the only code that sees libpq.
// Owned and used by one thread at a time; `interrupt` and `sever` may come from
// another. Blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;

namespace patchbay {

using PgCell = std::optional<std::string_view>;
using PgRow = std::vector<std::optional<std::string>>;

class PgConnection {
 public:
  enum class Purpose : std::uint8_t {
    queries,
    replication,
    raw_replication,  ///< In the encoding of the database, so that no value can fail.
  };

  /// All values come as UTF-8 text (from a database without an encoding as the bytes there are)
  /// under the settings the protocol names, whatever the defaults of the role or the database.
  /// ErrorCode::rejected: the URL is malformed; retry: anything else.
  [[nodiscard]] static Result<std::unique_ptr<PgConnection>> open(const std::string& url,
                                                                  Purpose purpose);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  /// Runs one statement. A failure carries PostgreSQL's message; `sqlstate` tells more.
  Result<std::vector<PgRow>> query(const std::string& sql,
                                   const std::vector<std::string>& parameters = {});
  /// Runs a SELECT and hands over row after row; cells live until `row` returns. `row` returns
  /// false to give up.
  Result<void> stream(const std::string& sql,
                      const std::function<bool(const std::vector<PgCell>&)>& row);
  /// Of the last failure; "" when the connection itself failed.
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }
  [[nodiscard]] bool alive() const;
  /// The database holds texts in no encoding: any bytes.
  [[nodiscard]] bool has_no_encoding() const;

  /// Asks the server to make the running statement fail. Does not wait for a server that hangs.
  /// [any thread]
  void interrupt();
  /// Shuts the connection under whoever waits for its answer: for an end that must not wait for a
  /// server that hangs. [any thread]
  void sever();

  /// Sends START_REPLICATION; afterwards only the methods below.
  Result<void> start_copy(const std::string& command);
  /// The next frame; nullopt when none is there yet. An error ends the stream.
  Result<std::optional<std::string>> next_frame();
  Result<void> send_frame(const std::string& frame);
  /// The server's process for this connection.
  [[nodiscard]] int process_id() const;
  /// Becomes readable when a frame may be there.
  [[nodiscard]] int socket() const;

 private:
  explicit PgConnection(pg_conn* connection);
  tl::unexpected<Error> failed(const std::string& what, const void* result);

  pg_conn* connection_;
  struct Cancel;
  std::shared_ptr<Cancel> cancel_;  ///< Shared with a request that the server has not taken yet.
  std::string sqlstate_;
};

/// What libpq said as one line without a full stop at its end. The explanations it puts on indented
/// lines are left out.
[[nodiscard]] std::string one_line(std::string_view message);

/// 'text' as an SQL literal.
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace patchbay
