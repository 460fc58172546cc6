#include "database/pg_connection.hpp"

#include <libpq-fe.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <thread>

#include "database/database_url.hpp"
#include "log/log.hpp"

namespace patchbay {
namespace {

constexpr const char* kSettings =
    " -c bytea_output=hex -c DateStyle=ISO,DMY -c TimeZone=UTC -c IntervalStyle=iso_8601"
    " -c extra_float_digits=1 -c search_path= -c row_security=off -c statement_timeout=0"
    " -c idle_in_transaction_session_timeout=0 -c default_transaction_isolation=read\\ committed"
    " -c default_transaction_read_only=off";

constexpr std::array<std::pair<const char*, const char*>, 4> kLiveliness = {
    {{"keepalives_idle", "10"},
     {"keepalives_interval", "5"},
     {"keepalives_count", "3"},
     {"tcp_user_timeout", "20000"}}};

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

}  // namespace

/// Outlives its connection while a request is under way.
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

Result<std::unique_ptr<PgConnection>> PgConnection::open(const std::string& text, Purpose purpose) {
  auto url = DatabaseUrl::parse(text);
  if (!url) return tl::unexpected(url.error());
  url->set("options", url->value("options").value_or("") + kSettings);
  url->set("client_encoding", "UTF8");
  url->set("connect_timeout", "5");
  // A server gone without a word must not keep a statement waiting for hours; the URL may differ.
  for (const auto& [name, value] : kLiveliness) url->set_default(name, value);
  url->set("fallback_application_name", "patchbay sync");
  if (purpose != Purpose::queries) url->set("replication", "database");
  std::unique_ptr<PgConnection> connection(new PgConnection(PQconnectdb(url->text().c_str())));
  if (PQstatus(connection->connection_) != CONNECTION_OK) {
    return connection->failed("connecting", nullptr);
  }
  // PostgreSQL fails at a value that is not in the client's encoding, and the stream with it.
  const bool raw = purpose == Purpose::raw_replication || connection->has_no_encoding();
  if (raw && PQsetClientEncoding(connection->connection_, "SQL_ASCII") != 0) {
    return connection->failed("setting the encoding", nullptr);
  }
  connection->cancel_ = std::make_shared<Cancel>(connection->connection_);
  return connection;
}

PgConnection::PgConnection(pg_conn* connection) : connection_(connection) {
  PQsetNoticeProcessor(
      connection_, [](void*, const char* text) { log::debug("sync-service", text); }, nullptr);
}

PgConnection::~PgConnection() {
  PQfinish(connection_);
}

bool PgConnection::has_no_encoding() const {
  const char* encoding = PQparameterStatus(connection_, "server_encoding");
  return encoding != nullptr && std::string_view(encoding) == "SQL_ASCII";
}

bool PgConnection::alive() const {
  return PQstatus(connection_) == CONNECTION_OK;
}

/// libpq waits for the server to take it, and has no timeout for that: hence the thread.
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

tl::unexpected<Error> PgConnection::failed(const std::string& what, const void* result) {
  const auto* answer = static_cast<const PGresult*>(result);
  const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  sqlstate_ = state == nullptr ? "" : state;
  std::string message =
      one_line(answer == nullptr ? PQerrorMessage(connection_) : PQresultErrorMessage(answer));
  if (message.empty()) message = "the connection was lost";
  return failure(ErrorCode::retry, "PostgreSQL failed at " + what + ": " + message + ".");
}

Result<std::vector<PgRow>> PgConnection::query(const std::string& sql,
                                               const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter.c_str());
  const Answer answer(parameters.empty()
                          ? PQexec(connection_, sql.c_str())
                          : PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()),
                                         nullptr, values.data(), nullptr, nullptr, 0));
  if (!succeeded(answer.get())) return failed("\"" + sql.substr(0, 60) + "\"", answer.get());
  std::vector<PgRow> rows(static_cast<std::size_t>(PQntuples(answer.get())));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (int column = 0; column < PQnfields(answer.get()); ++column) {
      const auto cell = cell_of(answer.get(), static_cast<int>(row), column);
      rows[row].push_back(cell ? std::optional<std::string>(*cell) : std::nullopt);
    }
  }
  return rows;
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
      // Waited for, so that it meets no later statement; the server is there, it has just answered.
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
    // Only now: each call reads more and moves all that is unread to the front of libpq's buffer.
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
