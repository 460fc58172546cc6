// ChildProcess: a program this process starts, which ends with it and never by a Ctrl-C in its
// terminal.
// From PrivatePostgres → the kernel. Owns the thread that forked: the kernel ties the death signal
// to that thread, so it stays until the child has ended. Methods may be called from any thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <thread>
#include <vector>

#include "unprivileged_user.hpp"

namespace patchbay::embedded {

struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::optional<UnprivilegedUser> user;  ///< Dropped to before the program starts.
  std::filesystem::path working_directory = "/";
  int output = -1;       ///< Descriptor for standard output and error; -1: discarded.
  int death_signal = 9;  ///< Sent by the kernel when this process dies, however it dies.
};

class ChildProcess {
 public:
  /// Starts the program in a session of its own, with an environment of PATH and locale only.
  [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> spawn(const Command& command);
  /// Kills the child, if it still runs, and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  [[nodiscard]] bool running() const;
  /// Sends a signal; nothing once the child has ended, for its id may be that of another process.
  void signal(int number);
  /// Waits. True when the child has ended within the time given.
  bool wait_for(std::chrono::milliseconds time);
  /// The status as waitpid gives it. Valid once the child has ended.
  [[nodiscard]] int wait_status() const;

 private:
  ChildProcess() = default;
  void fork_and_wait(const Command& command);
  void publish_start(pid_t id, std::string error);
  void reap();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool started_ = false;
  bool ended_ = false;
  pid_t id_ = -1;
  int wait_status_ = 0;
  std::string start_error_;
  std::thread thread_;
};

/// Runs a short command to its end and returns its output; a failure carries that text too.
[[nodiscard]] Result<std::string> run_command(Command command);

}  // namespace patchbay::embedded
