#include "postmaster_file.hpp"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "log/log.hpp"
#include "tuning.hpp"

namespace patchbay::embedded {
namespace {

namespace fs = std::filesystem;

// Lines of postmaster.pid: 1 process id, 2 data directory, 8 "ready" or another state.
std::vector<std::string> lines_of(const fs::path& data) {
  std::ifstream file(data / "postmaster.pid");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

pid_t id_in(const std::vector<std::string>& lines) {
  return lines.empty() ? 0 : static_cast<pid_t>(std::atol(lines.front().c_str()));
}

/// A postmaster does not change its command line, which names its data directory.
bool is_postmaster_of(pid_t id, const fs::path& data) {
  std::ifstream file("/proc/" + std::to_string(id) + "/cmdline");
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  if (arguments.size() < 3 || fs::path(arguments[0]).filename() != "postgres") return false;
  return arguments[1] == "-D" && arguments[2] == data.string();
}

bool wait_until_gone(pid_t id, const fs::path& data, std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (is_postmaster_of(id, data)) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(tuning::kPostgresStartPoll);
  }
  return true;
}

}  // namespace

bool postmaster_is_ready(const fs::path& data, pid_t id) {
  const auto lines = lines_of(data);
  return lines.size() >= 8 && id_in(lines) == id && lines[7].starts_with("ready");
}

Result<void> clear_stale_postmaster(const fs::path& data) {
  const fs::path file = data / "postmaster.pid";
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  const pid_t id = id_in(lines_of(data));
  if (id > 1 && is_postmaster_of(id, data)) {
    log::info("private-postgres", "A PostgreSQL server left by a killed patchbay (process " +
                                      std::to_string(id) + ") still runs and is stopped first.");
    kill(id, SIGINT);
    if (!wait_until_gone(id, data, tuning::kPostgresFastStop)) kill(id, SIGQUIT);
    if (!wait_until_gone(id, data, tuning::kPostgresImmediateStop)) kill(id, SIGKILL);
    if (!wait_until_gone(id, data, tuning::kPostgresImmediateStop)) {
      return failure(ErrorCode::retry, "A PostgreSQL server left on " + data.string() +
                                           " (process " + std::to_string(id) +
                                           ") does not end: stop it and start again.");
    }
  }
  fs::remove(file, error);
  if (error) {
    return failure(ErrorCode::rejected, "The stale file " + file.string() +
                                            " cannot be removed: " + error.message() + ".");
  }
  return {};
}

}  // namespace patchbay::embedded
