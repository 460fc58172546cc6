#include "check/child.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "files/error_text.hpp"
#include "process/child_process.hpp"

namespace patchbay::check {
namespace {

using process::ChildProcess;

ChildEnd end_of(const ChildProcess& child) {
  const siginfo_t end = child.end();
  const int number = end.si_status;
  if (end.si_code == CLD_EXITED) {
    return {number == 0 ? ChildEnd::How::exited : ChildEnd::How::died,
            "ended with exit code " + std::to_string(number)};
  }
  const char* name = sigabbrev_np(number);
  const std::string abbreviation = name == nullptr ? std::to_string(number) : name;
  return {ChildEnd::How::died, "died by SIG" + abbreviation + " (" + strsignal(number) + ")"};
}

}  // namespace

ChildEnd run_child(const ChildCommand& command, std::chrono::milliseconds limit,
                   int stop_descriptor) {
  const files::OwnedDescriptor output(
      open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!output.is_open()) {
    return {ChildEnd::How::not_started, "Its output file " + command.output.string() +
                                            " cannot be opened: " + files::error_text(errno) + "."};
  }
  process::Command started;
  started.program = command.program;
  started.arguments = command.arguments;
  started.working_directory = ".";
  started.output = output.get();
  started.keeps_environment = true;
  started.may_leave_core = false;
  const auto child = ChildProcess::spawn(started);
  if (!child) return {ChildEnd::How::not_started, child.error().message};
  switch ((*child)->wait(limit, stop_descriptor)) {
    case ChildProcess::Waited::stopped:
      return {ChildEnd::How::stopped, ""};
    case ChildProcess::Waited::too_long:
      return {ChildEnd::How::too_long, ""};
    case ChildProcess::Waited::ended:
      break;
  }
  return end_of(**child);
}

}  // namespace patchbay::check
