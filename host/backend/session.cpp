#include "backend/session.hpp"

#include <sys/socket.h>

#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/version>
#if PQXX_VERSION_MAJOR < 7
#include <pqxx/errorhandler>
#else
#include <pqxx/params>
#endif

#include "backend/tuning.hpp"
#include "database/database_url.hpp"

namespace patchbay::backend {
namespace {

// What libpqxx 6 (Debian 12) and 7 (Debian 13) name differently: the verbose form of an error, the
// end of notices (those of triggers are not ours to print), and parameters known at run time.
#if PQXX_VERSION_MAJOR < 7
constexpr auto kVerbose = pqxx::connection_base::verbose;
using Silence = pqxx::quiet_errorhandler;

pqxx::result execute(pqxx::nontransaction& channel, const Statement& statement) {
  std::vector<const char*> cells;
  cells.reserve(statement.parameters.size());
  for (const auto& parameter : statement.parameters) {
    cells.push_back(parameter ? parameter->c_str() : nullptr);
  }
  return channel.exec_params(statement.text, pqxx::prepare::make_dynamic_params(cells));
}
#else
constexpr auto kVerbose = pqxx::error_verbosity::verbose;
struct Silence {
  explicit Silence(pqxx::connection& link) {
    link.set_notice_handler([](pqxx::zview) {});
  }
};

pqxx::result execute(pqxx::nontransaction& channel, const Statement& statement) {
  pqxx::params cells;
  cells.reserve(statement.parameters.size());
  for (const auto& parameter : statement.parameters) {
    if (parameter) {
      cells.append(pqxx::zview(*parameter));
    } else {
      cells.append();
    }
  }
  return channel.exec(statement.text, std::move(cells));
}
#endif

Rows to_rows(const pqxx::result& result) {
  Rows rows;
  rows.affected = static_cast<std::size_t>(result.affected_rows());
  rows.values.reserve(static_cast<std::size_t>(result.size()));
  for (const auto& row : result) {
    auto& cells = rows.values.emplace_back();
    for (const auto& cell : row) {
      cells.push_back(cell.is_null() ? std::nullopt
                                     : std::optional<std::string>({cell.c_str(), cell.size()}));
    }
  }
  return rows;
}

std::string milliseconds(std::chrono::milliseconds time) {
  return std::to_string(time.count());
}

/// Text forms as the stream has them, UTF-8, and an end to every wait.
std::string session_settings() {
  return "SET DateStyle = 'ISO, DMY'; SET TimeZone = 'UTC';"
         "SET IntervalStyle = 'iso_8601'; SET standard_conforming_strings = on;"
         "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET array_nulls = on;"
         "SET default_transaction_read_only = off;"
         "SET statement_timeout = " +
         milliseconds(kStatementTimeout) + "; SET lock_timeout = " + milliseconds(kLockTimeout) +
         "; SET idle_in_transaction_session_timeout = " + milliseconds(kIdleInTransactionTimeout) +
         "; SELECT CASE WHEN current_setting('synchronous_commit') = 'off'"
         " THEN set_config('synchronous_commit', 'local', false) END";
}

}  // namespace

struct Session::Connection {
  explicit Connection(const std::string& url) : link(url), quiet(link), channel(link) {
    link.set_verbosity(kVerbose);
  }

  pqxx::connection link;
  Silence quiet;
  pqxx::nontransaction channel;
};

const std::string& Rows::text(std::size_t row, std::size_t column) const {
  static const std::string kEmpty;
  const auto& cell = values.at(row).at(column);
  return cell ? *cell : kEmpty;
}

Session::Session(std::string database_url) : url_(session_url(database_url)) {}
Session::~Session() = default;

bool Session::is_open() const noexcept {
  return connection_ && connection_->link.is_open();
}

void Session::note_socket(int socket) noexcept {
  const std::lock_guard lock(socket_mutex_);
  socket_ = socket;
  if (severed_ && socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void Session::connect_no_more() noexcept {
  const std::lock_guard lock(socket_mutex_);
  connects_ = false;
}

void Session::sever() noexcept {
  const std::lock_guard lock(socket_mutex_);
  connects_ = false;
  severed_ = true;
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

bool Session::may_connect() noexcept {
  const std::lock_guard lock(socket_mutex_);
  return connects_;
}

void Session::close() noexcept {
  server_process_ = 0;
  note_socket(-1);
  connection_.reset();
}

SqlResult<bool> Session::open() {
  if (is_open()) return false;
  close();
  const auto now = std::chrono::steady_clock::now();
  if (last_failure_ && now < next_attempt_) return tl::make_unexpected(*last_failure_);
  if (!may_connect()) {
    return tl::make_unexpected(SqlError{"", "The backend is stopping.", "", "", 0, true});
  }
  try {
    connection_ = std::make_unique<Connection>(url_);
    note_socket(connection_->link.sock());
    connection_->channel.exec(session_settings());
    server_process_ = connection_->link.backendpid();
    last_failure_.reset();
    return true;
  } catch (const std::exception& error) {
    close();
    last_failure_ = parse_sql_error(error.what());
    last_failure_->lost = true;
    next_attempt_ = std::chrono::steady_clock::now() + kReconnectPause;
    return tl::make_unexpected(*last_failure_);
  }
}

template <typename Work>
SqlResult<Rows> Session::guarded(Work work) {
  // Checked here because libpqxx would reconnect by itself, in the middle of a transaction.
  if (!is_open())
    return tl::make_unexpected(SqlError{"", "The session is closed.", "", "", 0, true});
  ++statements_;
  try {
    return to_rows(work(connection_->channel));
  } catch (const std::exception& failed) {
    SqlError error = parse_sql_error(failed.what());
    error.lost = !is_open();
    if (error.lost) {
      // libpqxx tells of its own next step here, not of what happened.
      if (error.code.empty()) error.message = "the connection to the database was lost";
      close();
    }
    return tl::make_unexpected(std::move(error));
  }
}

SqlResult<Rows> Session::run(const Statement& statement) {
  return guarded([&](pqxx::nontransaction& channel) { return execute(channel, statement); });
}

SqlResult<Rows> Session::run_script(const std::string& script) {
  return guarded([&](pqxx::nontransaction& channel) { return channel.exec(script); });
}

std::string session_url(const std::string& database_url) {
  auto url = DatabaseUrl::parse(database_url);
  if (!url) return database_url;  // libpq will say why
  url->set("client_encoding", "UTF8");
  url->set_default("connect_timeout", std::to_string(kConnectTimeout.count()));
  url->set_default("keepalives_idle", std::to_string(kStatementTimeout.count()));
  url->set_default("keepalives_interval", "10");
  url->set_default("keepalives_count", "3");
  return url->text();
}

}  // namespace patchbay::backend
