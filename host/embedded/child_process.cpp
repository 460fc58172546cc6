#include "child_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "files/error_text.hpp"

namespace patchbay::embedded {
namespace {

/// Everything the child needs between fork and exec, where no memory may be allocated.
struct Prepared {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const Command* command = nullptr;
  pid_t parent = 0;
  int failure_pipe = -1;
};

struct StartFailure {
  int step = 0;
  int error = 0;
};

constexpr std::array<const char*, 5> kSteps = {"", "change its user", "enter its directory",
                                               "set its death signal", "execute it"};

[[noreturn]] void give_up(const Prepared& prepared, int step) {
  const StartFailure failed{step, errno};
  (void)!write(prepared.failure_pipe, &failed, sizeof failed);
  _exit(127);
}

void restore_signals() {
  sigset_t none;
  sigemptyset(&none);
  for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2}) {
    ::signal(number, SIG_DFL);
  }
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const Prepared& prepared) {
  const Command& command = *prepared.command;
  restore_signals();
  setsid();
  const int nothing = open("/dev/null", O_RDWR);
  const int output = command.output >= 0 ? command.output : nothing;
  dup2(nothing, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (command.user) {
    const auto& user = *command.user;
    if (setgroups(1, &user.gid) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0) {
      give_up(prepared, 1);
    }
  }
  if (chdir(command.working_directory.c_str()) != 0) give_up(prepared, 2);
  // After the change of user, which clears it; and the parent may have died before.
  if (prctl(PR_SET_PDEATHSIG, command.death_signal) != 0) give_up(prepared, 3);
  if (getppid() != prepared.parent) _exit(127);
  umask(077);
  // Only the failure pipe (closed by exec) stays: an inherited lock would outlive its holder.
  if (prepared.failure_pipe != 3) dup3(prepared.failure_pipe, 3, O_CLOEXEC);
  close_range(4, ~0U, 0);
  execve(command.program.c_str(), prepared.arguments.data(), prepared.environment.data());
  const StartFailure failed{4, errno};
  (void)!write(3, &failed, sizeof failed);
  _exit(127);
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::spawn(const Command& command) {
  std::unique_ptr<ChildProcess> child(new ChildProcess);
  child->thread_ = std::thread([raw = child.get(), command] { raw->fork_and_wait(command); });
  std::unique_lock lock(child->mutex_);
  child->changed_.wait(lock, [&] { return child->started_; });
  if (!child->start_error_.empty()) {
    return failure(ErrorCode::unsupported, child->start_error_);
  }
  return child;
}

ChildProcess::~ChildProcess() {
  signal(SIGKILL);
  if (thread_.joinable()) thread_.join();
}

bool ChildProcess::running() const {
  const std::lock_guard lock(mutex_);
  if (!started_ || ended_) return false;
  // Asked of the kernel: the thread that waits may not have seen the end yet.
  siginfo_t seen = {};
  const int flags = WEXITED | WNOHANG | WNOWAIT;
  return waitid(P_PID, static_cast<id_t>(id_), &seen, flags) == 0 && seen.si_pid == 0;
}

void ChildProcess::signal(int number) {
  const std::lock_guard lock(mutex_);
  if (started_ && !ended_ && id_ > 0) kill(id_, number);
}

bool ChildProcess::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [&] { return ended_; });
}

int ChildProcess::wait_status() const {
  const std::lock_guard lock(mutex_);
  return wait_status_;
}

void ChildProcess::publish_start(pid_t id, std::string error) {
  const std::lock_guard lock(mutex_);
  id_ = id;
  ended_ = !error.empty();
  start_error_ = std::move(error);
  started_ = true;
  changed_.notify_all();
}

void ChildProcess::fork_and_wait(const Command& command) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  std::string program = command.program.string();
  std::vector<std::string> texts = command.arguments;
  std::array<std::string, 3> environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
                                            "LANG=C"};
  Prepared prepared;
  prepared.command = &command;
  prepared.parent = getpid();
  prepared.arguments.push_back(program.data());
  for (auto& text : texts) prepared.arguments.push_back(text.data());
  prepared.arguments.push_back(nullptr);
  for (auto& text : environment) prepared.environment.push_back(text.data());
  prepared.environment.push_back(nullptr);

  std::array<int, 2> pipe_ends = {-1, -1};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    return publish_start(-1, "Cannot start " + program + ": " + files::error_text(errno) + ".");
  }
  prepared.failure_pipe = pipe_ends[1];
  const pid_t child = fork();
  if (child == 0) become(prepared);
  const int fork_error = errno;
  close(pipe_ends[1]);
  StartFailure failed;
  const bool has_failed = child > 0 && read(pipe_ends[0], &failed, sizeof failed) > 0;
  close(pipe_ends[0]);
  if (child < 0) {
    return publish_start(-1,
                         "Cannot start " + program + ": " + files::error_text(fork_error) + ".");
  }
  if (has_failed) {
    waitpid(child, nullptr, 0);
    return publish_start(-1, "Cannot start " + program + ": could not " +
                                 kSteps.at(static_cast<std::size_t>(failed.step)) + ": " +
                                 files::error_text(failed.error) + ".");
  }
  publish_start(child, "");
  reap();
}

void ChildProcess::reap() {
  // Waited for first, collected under the lock: so `signal` can never reach a reused process id.
  siginfo_t seen = {};
  while (waitid(P_PID, static_cast<id_t>(id_), &seen, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  waitpid(id_, &wait_status_, 0);
  ended_ = true;
  changed_.notify_all();
}

Result<std::string> run_command(Command command) {
  std::array<int, 2> pipe_ends = {-1, -1};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    return failure(ErrorCode::retry, "Cannot make a pipe: " + files::error_text(errno) + ".");
  }
  command.output = pipe_ends[1];
  auto child = ChildProcess::spawn(command);
  close(pipe_ends[1]);
  std::string output;
  std::array<char, 4096> buffer = {};
  for (ssize_t count = 0;
       child && (count = read(pipe_ends[0], buffer.data(), buffer.size())) > 0;) {
    output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(pipe_ends[0]);
  if (!child) return tl::unexpected(child.error());
  (*child)->wait_for(std::chrono::hours(1));
  const int status = (*child)->wait_status();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  return failure(ErrorCode::rejected,
                 command.program.string() + " failed with the output: " + output);
}

}  // namespace patchbay::embedded
