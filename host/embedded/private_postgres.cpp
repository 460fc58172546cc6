#include "private_postgres.hpp"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "log/log.hpp"
#include "postgres_cluster.hpp"
#include "postmaster_file.hpp"
#include "process/child_process.hpp"
#include "tuning.hpp"

namespace patchbay::embedded {
namespace {

std::uint16_t free_loopback_port() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, generic, size) == 0) getsockname(listener, generic, &size);
  close(listener);
  return ntohs(address.sin_port);
}

/// Quotes an element of a list of directories, where a comma would end it.
std::string list_element(const std::string& directory) {
  std::string text = "\"";
  for (const char letter : directory) {
    text += letter;
    if (letter == '"') text += letter;
  }
  return text + "\"";
}

/// Kills the server with its sessions, which may be stopped by a signal and would outlive it.
void kill_all(process::ChildProcess& server) {
  const std::string id = std::to_string(server.id());
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  server.signal(SIGSTOP);  // it starts no more of them
  for (pid_t child = 0; children >> child;) kill(child, SIGKILL);
  server.signal(SIGKILL);
}

}  // namespace

struct PrivatePostgres::State {
  std::unique_ptr<PostgresCluster> cluster;
  std::unique_ptr<process::ChildProcess> server;
  bool fsync = true;
  std::uint16_t port = 0;
  std::string url;

  [[nodiscard]] std::vector<std::string> arguments() const;
  Result<void> start();
  Result<bool> start_on_port();
  void stop();
};

std::vector<std::string> PrivatePostgres::State::arguments() const {
  const auto socket_path = cluster->directory() / ".s.PGSQL.65535";
  const bool has_socket = socket_path.string().size() <= tuning::kSocketPathBytesMax;
  std::vector<std::string> settings = {
      "port=" + std::to_string(port),
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=" + (has_socket ? list_element(cluster->directory().string()) : ""),
      "wal_level=logical",
      "max_replication_slots=20",
      "max_wal_senders=20",
      // A slot that is no longer read must not fill the disk.
      "max_slot_wal_keep_size=2GB",
      // The role has the name of the backend's schema: new tables must not land there.
      "search_path=public",
      "logging_collector=off",
      "log_line_prefix=%m [%p] ",
  };
  if (!fsync) settings.insert(settings.end(), {"fsync=off", "full_page_writes=off"});
  // "-D <data>" stays first: postmaster_file.cpp recognises the server by it.
  std::vector<std::string> arguments = {"-D", cluster->data().string()};
  for (auto& setting : settings) {
    arguments.emplace_back("-c");
    arguments.push_back(std::move(setting));
  }
  return arguments;
}

/// Returns false when another program took the port before the server did.
Result<bool> PrivatePostgres::State::start_on_port() {
  auto output = cluster->open_log();
  if (!output) return tl::unexpected(output.error());
  const std::int64_t log_start = lseek(output->get(), 0, SEEK_END);
  process::Command command;
  command.program = cluster->server();
  command.arguments = arguments();
  command.user = cluster->user();
  command.working_directory = cluster->directory();
  command.output = output->get();
  command.death_signal = SIGINT;  // a fast shutdown
  auto child = process::ChildProcess::spawn(command);
  *output = files::OwnedDescriptor();  // the server has its own
  if (!child) return tl::unexpected(child.error());
  server = std::move(*child);
  const auto deadline = std::chrono::steady_clock::now() + tuning::kPostgresStartTimeout;
  while (!postmaster_is_ready(cluster->data(), server->id())) {
    if (server->wait_for(tuning::kPostgresStartPoll)) {
      const std::string said = cluster->log_since(log_start);
      server.reset();
      if (said.find("Address already in use") != std::string::npos) return false;
      return failure(ErrorCode::retry, "The PostgreSQL server in " + cluster->directory().string() +
                                           " did not start; the end of its log says:\n" + said);
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      stop();
      return failure(ErrorCode::retry, "The PostgreSQL server in " + cluster->directory().string() +
                                           " did not answer in time; the end of its log says:\n" +
                                           cluster->log_since(log_start));
    }
  }
  return true;
}

Result<void> PrivatePostgres::State::start() {
  if (auto cleared = clear_stale_postmaster(cluster->data()); !cleared) return cleared;
  for (int attempt = 0; attempt < tuning::kPostgresPortAttempts; ++attempt) {
    // After a crash the old port first: its clients find the server again.
    if (port == 0 || attempt > 0) port = free_loopback_port();
    const auto started = start_on_port();
    if (!started) return tl::unexpected(started.error());
    if (!*started) continue;
    url = std::string("postgresql://") + kSuperuser + ":" + cluster->password() +
          "@127.0.0.1:" + std::to_string(port) + "/postgres";
    return {};
  }
  return failure(ErrorCode::retry,
                 "PostgreSQL found no free loopback port: other programs take them too fast.");
}

void PrivatePostgres::State::stop() {
  if (!server) return;
  server->signal(SIGINT);
  server->signal(SIGCONT);  // it may have been stopped by SIGSTOP
  if (!server->wait_for(tuning::kPostgresFastStop)) {
    log::warning("private-postgres",
                 "PostgreSQL does not end by a fast shutdown: it gets an immediate one, and "
                 "recovers at its next start.");
    server->signal(SIGQUIT);
    if (!server->wait_for(tuning::kPostgresImmediateStop)) kill_all(*server);
  }
  server.reset();
}

Result<std::unique_ptr<PrivatePostgres>> PrivatePostgres::start(PrivatePostgresOptions options) {
  auto cluster = PostgresCluster::open(options);
  if (!cluster) return tl::unexpected(cluster.error());
  auto state = std::make_unique<State>();
  state->cluster = std::move(*cluster);
  state->fsync = options.fsync;
  if (auto started = state->start(); !started) return tl::unexpected(started.error());
  return std::unique_ptr<PrivatePostgres>(new PrivatePostgres(std::move(state)));
}

PrivatePostgres::PrivatePostgres(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivatePostgres::~PrivatePostgres() {
  stop();
}

const std::string& PrivatePostgres::url() const noexcept {
  return state_->url;
}

std::int32_t PrivatePostgres::process_id() const noexcept {
  return state_->server ? state_->server->id() : 0;
}

Result<void> PrivatePostgres::ensure_running() {
  if (state_->server && state_->server->running()) return {};
  state_->server.reset();
  return state_->start();
}

void PrivatePostgres::stop() {
  state_->stop();
}

}  // namespace patchbay::embedded
