#include "backend/session.hpp"

#include <sys/socket.h>

#include "backend/tuning.hpp"

namespace patchbay::backend {
namespace {

SqlError lost(std::string message) {
  return {"", std::move(message), "", "", 0, true};
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

Result<DatabaseUrl> session_url(const std::string& database_url) {
  auto url = DatabaseUrl::parse(database_url);
  if (!url) return url;
  url->set("client_encoding", "UTF8");
  url->set_default("connect_timeout", std::to_string(kConnectTimeout.count()));
  url->set_default("keepalives_idle", std::to_string(kStatementTimeout.count()));
  url->set_default("keepalives_interval", "10");
  url->set_default("keepalives_count", "3");
  return url;
}

Session::Session(const std::string& database_url) : url_(session_url(database_url)) {}
Session::~Session() = default;

bool Session::is_open() const noexcept {
  return connection_ && connection_->alive();
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
  if (!may_connect()) return tl::unexpected(lost("The backend is stopping."));
  if (auto connected = connect(); !connected) {
    close();
    last_failure_ = std::move(connected.error());
    last_failure_->lost = true;
    next_attempt_ = std::chrono::steady_clock::now() + kReconnectPause;
    return tl::unexpected(*last_failure_);
  }
  last_failure_.reset();
  return true;
}

SqlResult<void> Session::connect() {
  if (!url_) return tl::unexpected(lost(url_.error().message));
  auto opened = PgConnection::open(*url_);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  connection_ = std::move(*opened);
  note_socket(connection_->socket());
  auto set = connection_->run_script(session_settings());
  if (!set) return tl::unexpected(std::move(set.error()));
  server_process_ = connection_->process_id();
  return {};
}

SqlResult<SqlRows> Session::closed_if_lost(SqlResult<SqlRows> answer) {
  if (!answer && answer.error().lost) close();
  return answer;
}

SqlResult<SqlRows> Session::run(const SqlStatement& statement) {
  if (!is_open()) return tl::unexpected(lost("The session is closed."));
  ++statements_;
  return closed_if_lost(connection_->run(statement));
}

std::vector<SqlResult<SqlRows>> Session::run_pipeline(const std::vector<SqlStatement>& statements) {
  if (!is_open()) return {statements.size(), tl::unexpected(lost("The session is closed."))};
  ++statements_;
  std::vector<SqlResult<SqlRows>> answers = connection_->run_pipeline(statements);
  for (const SqlResult<SqlRows>& answer : answers) {
    if (answer || !answer.error().lost) continue;
    close();
    break;
  }
  return answers;
}

SqlResult<SqlRows> Session::run_script(const std::string& script) {
  if (!is_open()) return tl::unexpected(lost("The session is closed."));
  ++statements_;
  return closed_if_lost(connection_->run_script(script));
}

}  // namespace patchbay::backend
