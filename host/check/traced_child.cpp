#include "check/traced_child.hpp"

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <span>

#include "check/file_calls.hpp"

namespace patchbay::check {
namespace {

/// PTRACE_O_TRACESYSGOOD marks a stop at a system call with this bit.
constexpr int kSystemCallStop = SIGTRAP | 0x80;
constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;

pid_t wait_for(pid_t process, int& status) {
  for (;;) {
    const pid_t found = waitpid(process, &status, __WALL);
    if (found >= 0 || errno != EINTR) return found;
  }
}

/// Reads the system call at which the thread has stopped; false where the kernel cannot tell.
bool get_system_call(pid_t thread, __ptrace_syscall_info& call) {
  return ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof call, &call) > 0;
}

/// The signal that the stopped thread is to get; 0 for a stop that was made for the tracer.
int signal_of(int status, bool is_new_thread) {
  const int signal = WSTOPSIG(status);
  const bool is_event = status >> 16 != 0;
  if (signal == kSystemCallStop || is_event || (is_new_thread && signal == SIGSTOP)) return 0;
  return signal;
}

bool is_change(pid_t thread, const std::filesystem::path& directory) {
  __ptrace_syscall_info call{};
  if (!get_system_call(thread, call) || call.op != PTRACE_SYSCALL_INFO_ENTRY) return false;
  return changes_file(thread, call.entry.nr, std::span(call.entry.args), directory);
}

void resume(pid_t thread, int signal) {
  ptrace(PTRACE_SYSCALL, thread, nullptr, static_cast<long>(signal));
}

/// Prepares the stopped child; lets it run on where its system calls cannot be seen.
bool begin_tracing(pid_t child) {
  __ptrace_syscall_info nothing{};
  if (ptrace(PTRACE_SETOPTIONS, child, nullptr, kOptions) == 0 && get_system_call(child, nothing)) {
    return true;
  }
  ptrace(PTRACE_DETACH, child, nullptr, nullptr);
  return false;
}

}  // namespace

bool stop_for_tracer() {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) return false;
  return raise(SIGSTOP) == 0;
}

TracedEnd trace_child(pid_t child, const std::filesystem::path& directory,
                      std::size_t kill_before) {
  TracedEnd end;
  wait_for(child, end.status);
  if (!WIFSTOPPED(end.status)) return end;
  end.traced = begin_tracing(child);
  if (!end.traced) {
    wait_for(child, end.status);
    return end;
  }
  const auto below = std::filesystem::canonical(directory);
  resume(child, 0);
  for (;;) {
    int status = 0;
    const pid_t thread = wait_for(-1, status);
    if (thread < 0) return end;
    if (!WIFSTOPPED(status)) {
      if (thread != child) continue;  // a thread of the child
      end.status = status;
      return end;
    }
    if (WSTOPSIG(status) == kSystemCallStop && is_change(thread, below)) {
      if (++end.changes == kill_before) kill(child, SIGKILL);
    }
    resume(thread, signal_of(status, thread != child));
  }
}

}  // namespace patchbay::check
