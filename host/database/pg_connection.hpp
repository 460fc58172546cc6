// PgConnection: one connection to PostgreSQL through libpq; with pg_connection.cpp the only code
// that runs statements through it. Backend and sync service → PgConnection → PostgreSQL. Owned and
// used by one thread at a time; `interrupt` and `sever` may come from another. Blocks. Never
// reconnects.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "database/database_url.hpp"
#include "database/sql_error.hpp"
#include "database/sql_statement.hpp"

struct pg_conn;
struct pg_result;

namespace patchbay {

using PgCell = std::optional<std::string_view>;
using PgRow = SqlRow;

class PgConnection {
 public:
  /// Connects. The settings of the session are what the URL says. PostgreSQL's reason for refusing
  /// a connection is in the message alone.
  [[nodiscard]] static SqlResult<std::unique_ptr<PgConnection>> open(const DatabaseUrl& url);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  /// Writes the server's notices to the log, at level debug. Without this they are dropped.
  void log_notices(std::string component);
  /// From now on all values come in the encoding of the database, so that no value can fail.
  Result<void> take_values_as_they_are();

  /// Runs one statement with its parameters.
  SqlResult<SqlRows> run(const SqlStatement& statement);
  /// Runs statements without parameters, separated by ';'; the rows are the last one's.
  SqlResult<SqlRows> run_script(const std::string& script);
  /// Sends all statements before it reads an answer, so that they cost one round trip, and gives
  /// one answer each. After a statement that fails none is run: those behind it give the same
  /// error. Meant for statements whose answers are short.
  std::vector<SqlResult<SqlRows>> run_pipeline(const std::vector<SqlStatement>& statements);
  /// Runs one statement, or without parameters several. A failure carries PostgreSQL's message with
  /// its details; `sqlstate` tells more.
  Result<std::vector<PgRow>> query(const std::string& sql,
                                   const std::vector<std::string>& parameters = {});
  /// Runs a SELECT and hands over row after row; cells live until `row` returns. `row` returns
  /// false to give up.
  Result<void> stream(const std::string& sql,
                      const std::function<bool(const std::vector<PgCell>&)>& row);
  /// The SQLSTATE of the last failure of a call that returns no SqlError; "" when the connection
  /// failed.
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }
  [[nodiscard]] bool alive() const;
  /// Whether the database stores texts in no encoding: any bytes.
  [[nodiscard]] bool has_no_encoding() const;

  /// Asks the server to cancel the running statement. Does not wait for a server that hangs.
  /// [any thread]
  void interrupt();
  /// Shuts the socket, so that a call that waits for an answer returns: for a stop that must not
  /// wait for a server that hangs. [any thread]
  void sever();

  /// Sends START_REPLICATION; afterwards only the methods below.
  Result<void> start_copy(const std::string& command);
  /// The next frame; nullopt when none has arrived yet. An error ends the stream.
  Result<std::optional<std::string>> next_frame();
  Result<void> send_frame(const std::string& frame);
  /// The server's process for this connection.
  [[nodiscard]] int process_id() const;
  /// The socket, which becomes readable when a frame may have arrived.
  [[nodiscard]] int socket() const;

 private:
  explicit PgConnection(pg_conn* connection);
  SqlResult<SqlRows> rows_or_error(const pg_result* answer);
  bool send_pipeline(const std::vector<SqlStatement>& statements);
  [[nodiscard]] SqlError error_of(const pg_result* answer) const;
  tl::unexpected<Error> failed(const std::string& what, const pg_result* answer);

  pg_conn* connection_;
  struct Cancel;
  std::shared_ptr<Cancel> cancel_;  ///< Shared with a request that the server has not taken yet.
  std::string sqlstate_;
  std::string notices_;  ///< The log's component that gets them; "": none.
};

/// A message of libpq as one line without a full stop at its end, and without the explanations that
/// libpq puts on indented lines.
[[nodiscard]] std::string one_line(std::string_view message);

/// 'text' as an SQL literal.
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace patchbay
