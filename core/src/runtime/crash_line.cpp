#include "runtime/crash_line.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>

#include "runtime/step_notes.hpp"

namespace patchbay {
namespace {

constexpr std::array<int, 5> kSignals = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

/// A text of bounded length, made without allocating.
class Line {
 public:
  Line& add(const char* text) noexcept {
    while (*text != '\0' && size_ < bytes_.size()) bytes_[size_++] = *text++;
    return *this;
  }
  void write_to(int descriptor) const noexcept {
    static_cast<void>(!write(descriptor, bytes_.data(), size_));
  }

 private:
  std::array<char, 2'000> bytes_{};
  std::size_t size_ = 0;
};

const char* name_of(int signal) noexcept {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGILL:
      return "SIGILL";
    case SIGFPE:
      return "SIGFPE";
    default:
      return "SIGABRT";
  }
}

/// Makes the directories of a file: those of a pattern that is loaded for the first time.
void make_parents(const char* file) noexcept {
  std::array<char, 1'000> path{};
  const std::size_t size = strlen(file);
  if (size >= path.size()) return;
  for (std::size_t at = 0; at < size; ++at) {
    if (file[at] == '/' && at > 0) mkdir(path.data(), 0700);
    path[at] = file[at];
  }
}

/// For a thread that a module has made, for example: its module is unknown, so none is counted.
void leave_line_of_nobody(const char* cause) noexcept {
  Line line;
  line.add("patchbay: The process ended: ")
      .add(cause)
      .add(" on a thread that is in no step of a pattern. Modules that are loaded:");
  for (const auto& place : StepNote::all()) {
    if (const StepNote* note = place) {
      line.add(" \"").add(note->instance()).add("\" ").add(note->module());
    }
  }
  line.add(".\n").write_to(STDERR_FILENO);
}

/// Async-signal-safe, as is all that it calls.
void leave_line(const char* cause) noexcept {
  const StepNote* note = StepNote::on_this_thread();
  const char* step = note == nullptr ? nullptr : note->step();
  if (step == nullptr) return leave_line_of_nobody(cause);
  Line()
      .add("patchbay: The pattern \"")
      .add(note->instance())
      .add("\" ended the process: ")
      .add(cause)
      .add(" in ")
      .add(step)
      .add(" of the module ")
      .add(note->module())
      .add(".\n")
      .write_to(STDERR_FILENO);
  if (note->crash_file()[0] == '\0') return;
  make_parents(note->crash_file());
  const int file =
      open(note->crash_file(), O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600);
  if (file < 0) return;
  Line().add(step).add(" ").add(cause).add(" ").add(note->module()).add("\n").write_to(file);
  close(file);
}

/// SA_RESETHAND: what raised the signal raises it again, and then it ends the process.
void on_signal(int signal) {
  leave_line(name_of(signal));
  raise(signal);
}

/// The host ends on its main thread, and in no call of a pattern.
bool is_own_end() noexcept {
  return StepNote::on_this_thread() == nullptr && gettid() == getpid();
}

/// Ends the process: what it owns cannot be taken down from inside a call of a pattern.
void on_end(int status, void*) {
  if (is_own_end()) return;
  leave_line("exit()");
  _exit(status == 0 ? EXIT_FAILURE : status);
}

void on_quick_end() {
  if (is_own_end()) return;
  leave_line("quick_exit()");
  _exit(EXIT_FAILURE);
}

}  // namespace

void leave_a_line_at_crashes() {
  on_exit(on_end, nullptr);
  at_quick_exit(on_quick_end);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
#endif
}

CrashRecord read_crash_file(const std::filesystem::path& file) {
  CrashRecord record;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) return record;  // a pipe, say
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    // A step may be of two words; the cause and the file behind it are not.
    const std::size_t slash = line.find(" /");
    const std::size_t cause = slash == std::string::npos ? slash : line.rfind(' ', slash - 1);
    if (cause == std::string::npos) continue;
    if (line.substr(slash + 1) != record.module) record.times = 0;
    ++record.times;
    record.last =
        "in " + line.substr(0, cause) + ", by " + line.substr(cause + 1, slash - cause - 1);
    record.module = line.substr(slash + 1);
  }
  return record;
}

}  // namespace patchbay
