#include "process/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <future>

#include "files/error_text.hpp"

namespace patchbay::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Everything the child needs between fork and exec, where no memory may be allocated.
struct Prepared {
  const Command& command;
  char* const* arguments;
  char* const* environment;
  pid_t parent;
  int failure_pipe;
};

struct StartFailure {
  int step = 0;
  int error = 0;
};

constexpr std::array<const char*, 5> kSteps = {"", "change its user", "enter its directory",
                                               "set its death signal", "execute it"};

[[noreturn]] void give_up(int failure_pipe, int step) {
  const StartFailure failed{step, errno};
  (void)!write(failure_pipe, &failed, sizeof failed);
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
  const Command& command = prepared.command;
  restore_signals();
  setsid();
  const int nothing = open("/dev/null", O_RDWR);
  const int output = command.output >= 0 ? command.output : nothing;
  dup2(nothing, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (command.user && !change_user(*command.user)) give_up(prepared.failure_pipe, 1);
  if (chdir(command.working_directory.c_str()) != 0) give_up(prepared.failure_pipe, 2);
  if (!die_with(prepared.parent, command.death_signal)) give_up(prepared.failure_pipe, 3);
  if (!command.keeps_environment) umask(077);
  const rlimit no_core{0, 0};
  if (!command.may_leave_core) setrlimit(RLIMIT_CORE, &no_core);
  // Only the failure pipe (closed by exec) stays: an inherited lock would outlive its holder.
  if (prepared.failure_pipe != 3) dup3(prepared.failure_pipe, 3, O_CLOEXEC);
  close_range(4, ~0U, 0);
  execve(command.program.c_str(), prepared.arguments, prepared.environment);
  give_up(3, 4);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

tl::unexpected<Error> cannot_start(const Command& command, int error, const std::string& step) {
  return failure(ErrorCode::unsupported, "Cannot start " + command.program.string() + ": " + step +
                                             files::error_text(error) + ".");
}

/// Returns once the program runs, or with the reason why it does not.
Result<pid_t> start(const Command& command) {
  std::vector<std::string> texts = command.arguments;
  texts.insert(texts.begin(), command.program.string());
  std::vector<std::string> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "LANG=C"};
  const auto arguments = pointers_to(texts);
  const auto environment = pointers_to(variables);
  std::array<int, 2> ends = {-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return cannot_start(command, errno, "");
  const files::OwnedDescriptor read_end(ends[0]);
  files::OwnedDescriptor write_end(ends[1]);
  const Prepared prepared{command, arguments.data(),
                          command.keeps_environment ? environ : environment.data(), getpid(),
                          write_end.get()};
  const pid_t child = fork();
  if (child == 0) become(prepared);
  if (child < 0) return cannot_start(command, errno, "");
  write_end = files::OwnedDescriptor();
  StartFailure told;
  if (read(read_end.get(), &told, sizeof told) <= 0) return child;
  collect(child);
  const std::string step = kSteps.at(static_cast<std::size_t>(told.step));
  return cannot_start(command, told.error, "could not " + step + ": ");
}

/// Looks at the end of a child without collecting it; waits for it unless told otherwise.
siginfo_t look_at(pid_t child, int flags) {
  siginfo_t seen = {};
  while (waitid(P_PID, static_cast<id_t>(child), &seen, WEXITED | WNOWAIT | flags) != 0 &&
         errno == EINTR) {
  }
  return seen;
}

}  // namespace

ChildProcess::ChildProcess() : ended_(eventfd(0, EFD_CLOEXEC)) {}

Result<std::unique_ptr<ChildProcess>> ChildProcess::spawn(const Command& command) {
  std::unique_ptr<ChildProcess> child(new ChildProcess);
  if (!child->ended_.is_open()) return cannot_start(command, errno, "");
  std::promise<Result<pid_t>> promise;
  auto started = promise.get_future();
  const auto run = [&command, ended = child->ended_.get()](std::promise<Result<pid_t>> result) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const Result<pid_t> id = start(command);
    result.set_value(id);
    if (!id) return;
    look_at(*id, 0);
    eventfd_write(ended, 1);
  };
  child->thread_ = std::thread(run, std::move(promise));
  const Result<pid_t> id = started.get();
  if (!id) return tl::unexpected(id.error());
  child->id_ = *id;
  return child;
}

ChildProcess::~ChildProcess() {
  if (id_ > 0) kill(-id_, SIGKILL);
  if (thread_.joinable()) thread_.join();
  if (id_ > 0) collect(id_);
}

bool ChildProcess::running() const {
  return look_at(id_, WNOHANG).si_pid == 0;
}

void ChildProcess::signal(int number) const {
  kill(id_, number);
}

ChildProcess::Waited ChildProcess::wait(milliseconds time, int stop) const {
  const auto deadline = steady_clock::now() + time;
  std::array<pollfd, 2> both{{{ended_.get(), POLLIN, 0}, {stop, POLLIN, 0}}};
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    const int ready = poll(both.data(), both.size(), std::max(0, static_cast<int>(left.count())));
    if (ready > 0) return (both[0].revents & POLLIN) != 0 ? Waited::ended : Waited::stopped;
    if (left.count() <= 0 || (ready < 0 && errno != EINTR)) return Waited::too_long;
  }
}

bool ChildProcess::wait_for(milliseconds time) const {
  return wait(time, -1) == Waited::ended;
}

siginfo_t ChildProcess::end() const {
  return look_at(id_, 0);
}

Result<std::string> run_command(Command command) {
  std::array<int, 2> ends = {-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return failure(ErrorCode::retry, "Cannot make a pipe: " + files::error_text(errno) + ".");
  }
  const files::OwnedDescriptor read_end(ends[0]);
  files::OwnedDescriptor write_end(ends[1]);
  command.output = write_end.get();
  const auto child = ChildProcess::spawn(command);
  write_end = files::OwnedDescriptor();
  if (!child) return tl::unexpected(child.error());
  std::string output;
  std::array<char, 4096> buffer = {};
  for (ssize_t count = 0; (count = read(read_end.get(), buffer.data(), buffer.size())) > 0;) {
    output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const bool ended = (*child)->wait_for(std::chrono::hours(1));
  if (ended && (*child)->end().si_code == CLD_EXITED && (*child)->end().si_status == 0) {
    return output;
  }
  return failure(ErrorCode::rejected,
                 command.program.string() + " failed with the output: " + output);
}

}  // namespace patchbay::process
