#include "database/pg_connection.hpp"

#include <libpq-fe.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "log/log.hpp"

namespace patchbay {
namespace {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ClearResult>;

bool succeeded(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_SINGLE_TUPLE;
}

PgCell cell_of(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return std::nullopt;
  return std::string_view(PQgetvalue(result, row, column),
                          static_cast<std::size_t>(PQgetlength(result, row, column)));
}

SqlRows rows_of(const PGresult* result) {
  SqlRows rows;
  rows.affected = std::strtoull(PQcmdTuples(const_cast<PGresult*>(result)), nullptr, 10);
  rows.values.resize(static_cast<std::size_t>(PQntuples(result)));
  for (std::size_t row = 0; row < rows.values.size(); ++row) {
    for (int column = 0; column < PQnfields(result); ++column) {
      const auto cell = cell_of(result, static_cast<int>(row), column);
      rows.values[row].push_back(cell ? std::optional<std::string>(*cell) : std::nullopt);
    }
  }
  return rows;
}

const char* text_of(const std::string& parameter) {
  return parameter.c_str();
}
const char* text_of(const std::optional<std::string>& parameter) {
  return parameter ? parameter->c_str() : nullptr;
}

template <typename Parameter>
Answer execute(PGconn* connection, const std::string& sql,
               const std::vector<Parameter>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const Parameter& parameter : parameters) values.push_back(text_of(parameter));
  return Answer(PQexecParams(connection, sql.c_str(), static_cast<int>(values.size()), nullptr,
                             values.data(), nullptr, nullptr, 0));
}

/// A field of the server's error; "" where it sent none.
std::string field(const PGresult* result, int code) {
  const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

}  // namespace

/// Outlives its connection while a request is being sent.
struct PgConnection::Cancel {
  explicit Cancel(pg_conn* connection) : request(PQgetCancel(connection)) {}
  ~Cancel() { PQfreeCancel(request); }
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;

  void send() const {
    std::array<char, 256> why = {};
    PQcancel(request, why.data(), static_cast<int>(why.size()));
  }

  pg_cancel* request;
  std::atomic<bool> under_way{false};
};

SqlResult<std::unique_ptr<PgConnection>> PgConnection::open(const DatabaseUrl& url) {
  std::unique_ptr<PgConnection> connection(new PgConnection(PQconnectdb(url.text().c_str())));
  if (!connection->alive()) {
    return tl::unexpected(
        SqlError{"", one_line(PQerrorMessage(connection->connection_)), "", "", 0, true});
  }
  connection->cancel_ = std::make_shared<Cancel>(connection->connection_);
  return connection;
}

PgConnection::PgConnection(pg_conn* connection) : connection_(connection) {
  PQsetNoticeProcessor(
      connection_,
      [](void* self, const char* text) {
        const std::string& component = static_cast<PgConnection*>(self)->notices_;
        if (!component.empty()) log::debug(component, text);
      },
      this);
}

PgConnection::~PgConnection() {
  PQfinish(connection_);
}

void PgConnection::log_notices(std::string component) {
  notices_ = std::move(component);
}

Result<void> PgConnection::take_values_as_they_are() {
  if (PQsetClientEncoding(connection_, "SQL_ASCII") == 0) return {};
  return failed("setting the encoding", nullptr);
}

bool PgConnection::has_no_encoding() const {
  const char* encoding = PQparameterStatus(connection_, "server_encoding");
  return encoding != nullptr && std::string_view(encoding) == "SQL_ASCII";
}

bool PgConnection::alive() const {
  return PQstatus(connection_) == CONNECTION_OK;
}

/// Sends the request on a thread, because libpq waits without a timeout until the server takes it.
void PgConnection::interrupt() {
  if (cancel_ == nullptr || cancel_->under_way.exchange(true)) return;
  std::thread([cancel = cancel_] {
    cancel->send();
    cancel->under_way = false;
  }).detach();
}

void PgConnection::sever() {
  const int socket = PQsocket(connection_);
  if (socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

tl::unexpected<Error> PgConnection::failed(const std::string& what, const pg_result* answer) {
  sqlstate_ = field(answer, PG_DIAG_SQLSTATE);
  std::string message =
      one_line(answer == nullptr ? PQerrorMessage(connection_) : PQresultErrorMessage(answer));
  if (message.empty()) message = "the connection was lost";
  return failure(ErrorCode::retry, "PostgreSQL failed at " + what + ": " + message + ".");
}

SqlError PgConnection::error_of(const pg_result* answer) const {
  SqlError error;
  error.lost = !alive();
  error.code = field(answer, PG_DIAG_SQLSTATE);
  error.message = field(answer, PG_DIAG_MESSAGE_PRIMARY);
  error.constraint = field(answer, PG_DIAG_CONSTRAINT_NAME);
  error.column = field(answer, PG_DIAG_COLUMN_NAME);
  error.parameter = parameter_at_fault(field(answer, PG_DIAG_CONTEXT));
  if (!error.code.empty()) return error;
  error.message = error.lost ? "the connection to the database was lost"
                             : one_line(PQerrorMessage(connection_));
  return error;
}

SqlResult<SqlRows> PgConnection::rows_or_error(const pg_result* answer) {
  if (succeeded(answer)) return rows_of(answer);
  return tl::unexpected(error_of(answer));
}

SqlResult<SqlRows> PgConnection::run(const SqlStatement& statement) {
  const Answer answer = execute(connection_, statement.text, statement.parameters);
  return rows_or_error(answer.get());
}

SqlResult<SqlRows> PgConnection::run_script(const std::string& script) {
  const Answer answer(PQexec(connection_, script.c_str()));
  return rows_or_error(answer.get());
}

std::vector<SqlResult<SqlRows>> PgConnection::run_pipeline(
    const std::vector<SqlStatement>& statements) {
  std::vector<SqlResult<SqlRows>> answers;
  if (!send_pipeline(statements)) {
    answers.resize(statements.size(), tl::make_unexpected(error_of(nullptr)));
    return answers;
  }
  answers.reserve(statements.size());
  std::optional<SqlError> failed;
  for (std::size_t at = 0; at < statements.size(); ++at) {
    const Answer answer(PQgetResult(connection_));
    if (!failed) {
      answers.push_back(rows_or_error(answer.get()));
      if (!answers.back()) failed = answers.back().error();
    } else {
      answers.emplace_back(tl::make_unexpected(*failed));
    }
    if (answer) Answer(PQgetResult(connection_));  // each statement ends with a null
  }
  Answer(PQgetResult(connection_));  // the end of all
  PQexitPipelineMode(connection_);
  return answers;
}

bool PgConnection::send_pipeline(const std::vector<SqlStatement>& statements) {
  if (PQenterPipelineMode(connection_) == 0) return false;
  for (const SqlStatement& statement : statements) {
    std::vector<const char*> values;
    values.reserve(statement.parameters.size());
    for (const auto& parameter : statement.parameters) values.push_back(text_of(parameter));
    if (PQsendQueryParams(connection_, statement.text.c_str(), static_cast<int>(values.size()),
                          nullptr, values.data(), nullptr, nullptr, 0) == 0) {
      return false;
    }
  }
  return PQpipelineSync(connection_) != 0;
}

Result<std::vector<PgRow>> PgConnection::query(const std::string& sql,
                                               const std::vector<std::string>& parameters) {
  const Answer answer = parameters.empty() ? Answer(PQexec(connection_, sql.c_str()))
                                           : execute(connection_, sql, parameters);
  if (!succeeded(answer.get())) return failed("\"" + sql.substr(0, 60) + "\"", answer.get());
  return rows_of(answer.get()).values;
}

Result<void> PgConnection::stream(const std::string& sql,
                                  const std::function<bool(const std::vector<PgCell>&)>& row) {
  if (PQsendQuery(connection_, sql.c_str()) == 0) return failed("sending a query", nullptr);
  PQsetSingleRowMode(connection_);
  std::vector<PgCell> cells;
  Result<void> outcome;
  bool wanted = true;
  while (const Answer answer{PQgetResult(connection_)}) {
    if (!succeeded(answer.get())) {
      if (outcome) outcome = failed("reading a table", answer.get());
      continue;
    }
    if (PQresultStatus(answer.get()) != PGRES_SINGLE_TUPLE || !wanted) continue;
    cells.clear();
    for (int column = 0; column < PQnfields(answer.get()); ++column) {
      cells.push_back(cell_of(answer.get(), 0, column));
    }
    wanted = row(cells);
    if (!wanted) {
      // Waits, so that no later statement is cancelled; the server has just answered, so it is
      // there.
      cancel_->send();
      outcome = failure(ErrorCode::cancelled, "Reading the table was given up.");
    }
  }
  return outcome;
}

Result<void> PgConnection::start_copy(const std::string& command) {
  const Answer answer(PQexec(connection_, command.c_str()));
  if (PQresultStatus(answer.get()) == PGRES_COPY_BOTH) return {};
  return failed("starting the replication stream", answer.get());
}

Result<std::optional<std::string>> PgConnection::next_frame() {
  char* bytes = nullptr;
  int size = PQgetCopyData(connection_, &bytes, 1);
  if (size == 0) {
    // Not before: each call reads more and moves everything unread to the front of libpq's buffer.
    if (PQconsumeInput(connection_) == 0) return failed("reading the replication stream", nullptr);
    size = PQgetCopyData(connection_, &bytes, 1);
  }
  if (size > 0) {
    std::string frame(bytes, static_cast<std::size_t>(size));
    PQfreemem(bytes);
    return frame;
  }
  if (size == 0) return std::nullopt;
  const Answer answer(size == -1 ? PQgetResult(connection_) : nullptr);
  const bool said = answer && PQresultStatus(answer.get()) == PGRES_FATAL_ERROR;
  return failed("the replication stream", said ? answer.get() : nullptr);
}

Result<void> PgConnection::send_frame(const std::string& frame) {
  const bool sent = PQputCopyData(connection_, frame.data(), static_cast<int>(frame.size())) > 0 &&
                    PQflush(connection_) >= 0;
  if (!sent) return failed("answering the replication stream", nullptr);
  return {};
}

int PgConnection::process_id() const {
  return PQbackendPID(connection_);
}

int PgConnection::socket() const {
  return PQsocket(connection_);
}

std::string one_line(std::string_view message) {
  std::string line;
  while (!message.empty()) {
    const auto end = message.find('\n');
    const std::string_view piece = message.substr(0, end);
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
    if (piece.empty() || piece.front() == '\t' || piece.front() == ' ') continue;
    if (!line.empty()) line += "; ";
    for (const char letter : piece) {
      const char plain = letter == '\t' || letter == '\r' ? ' ' : letter;
      if (plain != ' ' || !line.ends_with(' ')) line += plain;
    }
  }
  while (line.ends_with('.') || line.ends_with(' ')) line.pop_back();
  return line;
}

std::string quote_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) {
    quoted += letter;
    if (letter == '\'') quoted += letter;
  }
  return quoted + "'";
}

}  // namespace patchbay
