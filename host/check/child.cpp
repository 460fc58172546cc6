#include "check/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace patchbay::check {
namespace {

using Clock = std::chrono::steady_clock;

void restore_signals() {
  sigset_t none;
  sigemptyset(&none);
  for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD}) {
    ::signal(number, SIG_DFL);
  }
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Runs between fork and exec. Makes the child the leader of a group of processes, so that what it
/// starts can be killed too.
[[noreturn]] void become(const ChildCommand& command, const std::vector<char*>& arguments) {
  restore_signals();
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int output = open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(nothing, 0);
  dup2(output, 1);
  dup2(output, 2);
  execv(command.program.c_str(), arguments.data());
  _exit(127);
}

/// False once the time is over; sets `stopped` when the run is to end.
bool wait_for_end(int child, Clock::time_point deadline, int stop_descriptor, bool& stopped) {
  std::array<pollfd, 2> both{{{child, POLLIN, 0}, {stop_descriptor, POLLIN, 0}}};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    const int ready = poll(both.data(), both.size(), static_cast<int>(left));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    stopped = (both[0].revents & POLLIN) == 0;
    return true;
  }
}

ChildEnd end_of(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    const char* name = sigabbrev_np(number);
    const std::string abbreviation = name == nullptr ? std::to_string(number) : name;
    return {ChildEnd::How::died, "died by SIG" + abbreviation + " (" + strsignal(number) + ")"};
  }
  const int code = WEXITSTATUS(status);
  return {code == 0 ? ChildEnd::How::exited : ChildEnd::How::died,
          "ended with exit code " + std::to_string(code)};
}

}  // namespace

ChildEnd run_child(const ChildCommand& command, std::chrono::milliseconds limit,
                   int stop_descriptor) {
  std::string program = command.program.string();
  std::vector<std::string> texts = command.arguments;
  std::vector<char*> arguments{program.data()};
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) become(command, arguments);
  if (child < 0) return {ChildEnd::How::not_started, std::strerror(errno)};
  setpgid(child, child);  // parent and child both do it, as either may be first
  const auto descriptor = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  if (descriptor < 0) {
    const std::string why = std::strerror(errno);
    kill(-child, SIGKILL);
    waitpid(child, nullptr, 0);
    return {ChildEnd::How::not_started, why};
  }
  bool stopped = false;
  const bool in_time = wait_for_end(descriptor, Clock::now() + limit, stop_descriptor, stopped);
  close(descriptor);
  kill(-child, SIGKILL);  // and what it has started
  int status = 0;
  waitpid(child, &status, 0);
  if (stopped) return {ChildEnd::How::stopped, ""};
  if (!in_time) return {ChildEnd::How::too_long, ""};
  return end_of(status);
}

}  // namespace patchbay::check
