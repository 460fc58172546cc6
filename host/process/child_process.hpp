// ChildProcess: a program this process starts, which ends with it and never by a Ctrl-C in its
// terminal.
// From PrivatePostgres and run_child → the kernel. Owns the thread that forked: the kernel ties the
// death signal to that thread, so it stays until the child has ended. The child's id is given back
// by the destructor only: until then no signal can reach another process. Methods may be called
// from any thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <thread>
#include <vector>

#include "files/owned_descriptor.hpp"
#include "process/fork_steps.hpp"

namespace patchbay::process {

struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::optional<User> user;  ///< Dropped to before the program starts.
  std::filesystem::path working_directory = "/";
  int output = -1;                 ///< Descriptor for standard output and error; -1: discarded.
  int death_signal = 9;            ///< Sent by the kernel when this process dies, however it dies.
  bool keeps_environment = false;  ///< False: an umask of 077, and PATH and locale only.
  bool may_leave_core = true;      ///< False: a crash leaves no core.
};

class ChildProcess {
 public:
  /// Starts the program in a session of its own, with the default signals and no other descriptors.
  [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> spawn(const Command& command);
  /// Kills the child, if it still runs, with all that it started in its group, and collects it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  [[nodiscard]] bool running() const;
  /// Sends a signal; to nobody once the child has ended.
  void signal(int number) const;

  enum class Waited : std::uint8_t { ended, stopped, too_long };
  /// Waits for the end, for the time given, and no longer than until `stop` (-1: none) is readable.
  [[nodiscard]] Waited wait(std::chrono::milliseconds time, int stop) const;
  /// Waits. True when the child has ended within the time given.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds time) const;
  /// Waits for the end and tells how the child ended, as waitid says.
  [[nodiscard]] siginfo_t end() const;

 private:
  ChildProcess();

  pid_t id_ = -1;
  files::OwnedDescriptor ended_;  ///< Readable once the child has ended.
  std::thread thread_;
};

/// Runs a short command to its end and returns its output; a failure carries that text too.
[[nodiscard]] Result<std::string> run_command(Command command);

}  // namespace patchbay::process
