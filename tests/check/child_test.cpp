// A child has what it is given and nothing else of its parent, and takes all that it started along.
#include "check/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "process/child_process.hpp"
#include "support/eventually.hpp"
#include "support/temporary_directory.hpp"

namespace patchbay::test {
namespace {

using check::ChildEnd;
using process::ChildProcess;

/// Sets what a parent should not hand down: an open file, a blocked and an ignored signal, a
/// variable.
class CarelessParent {
 public:
  CarelessParent() {
    sigemptyset(&blocked_);
    sigaddset(&blocked_, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked_, nullptr);
    std::signal(SIGTERM, SIG_IGN);
    setenv("PATCHBAY_CHILD_TEST", "kept", 1);
  }
  ~CarelessParent() {
    unsetenv("PATCHBAY_CHILD_TEST");
    std::signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &blocked_, nullptr);
    close(open_);
  }
  CarelessParent(const CarelessParent&) = delete;
  CarelessParent& operator=(const CarelessParent&) = delete;

 private:
  sigset_t blocked_{};
  int open_ = dup(0);
};

std::string output_of(const std::string& program, const std::vector<std::string>& arguments) {
  process::Command command;
  command.program = program;
  command.arguments = arguments;
  const auto output = process::run_command(command);
  return output ? *output : output.error().message;
}

class CheckedChild : public testing::Test {
 protected:
  ChildEnd run(const std::string& script, std::chrono::milliseconds limit = std::chrono::hours(1),
               int stop = -1) {
    return check::run_child({"/bin/sh", {"-c", script}, file}, limit, stop);
  }
  [[nodiscard]] std::string output() const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "output";
};

/// A zombie counts as dead: another process collects it.
bool is_dead(const std::string& id) {
  std::ifstream in("/proc/" + id + "/cmdline");
  return in.get() == std::ifstream::traits_type::eof();
}

TEST(ChildProcess, HasNothingOfItsParent) {
  const CarelessParent parent;
  EXPECT_EQ(output_of("/usr/bin/env", {}), "PATH=/usr/local/bin:/usr/bin:/bin\nLC_ALL=C\nLANG=C\n");
  EXPECT_EQ(output_of("/bin/pwd", {}), "/\n");
  EXPECT_EQ(output_of("/bin/ls", {"/proc/self/fd"}), "0\n1\n2\n3\n") << "3 is the directory";
  EXPECT_EQ(output_of("/bin/grep", {"-E", "Sig(Blk|Ign)", "/proc/self/status"}),
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  EXPECT_EQ(output_of("/bin/sh", {"-c",
                                  "umask; read a b c d e f rest </proc/$$/stat; "
                                  "[ $e = $$ ] && [ $f = $$ ] && echo leads a session"}),
            "0077\nleads a session\n");
}

TEST(ChildProcess, TellsTheStepAtWhichItsStartFailed) {
  process::Command command;
  command.program = "/bin/true";
  command.working_directory = "/nowhere";
  EXPECT_EQ(process::run_command(command).error().message,
            "Cannot start /bin/true: could not enter its directory: No such file or directory.");
  EXPECT_EQ(output_of("/nowhere", {}),
            "Cannot start /nowhere: could not execute it: No such file or directory.");
}

TEST(ChildProcess, IsKilledWithWhatItHasStarted) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  process::Command command;
  command.program = "/bin/sh";
  command.arguments = {"-c", "sleep 1000 & printf %10d $!; wait"};
  command.output = ends[1];
  auto child = ChildProcess::spawn(command);
  std::string grandchild(10, ' ');
  ASSERT_TRUE(child);
  EXPECT_EQ(read(ends[0], grandchild.data(), grandchild.size()), 10);
  grandchild.erase(0, grandchild.rfind(' ') + 1);
  EXPECT_TRUE((*child)->running());
  // A process has no command line for a moment while it starts its program.
  EXPECT_TRUE(eventually([&] { return !is_dead(grandchild); }));
  child->reset();
  EXPECT_TRUE(eventually([&] { return is_dead(grandchild); }));
  close(ends[0]);
  close(ends[1]);
}

TEST(ChildProcess, KeepsItsIdAfterItsEnd) {
  process::Command command;
  command.program = "/bin/false";
  const auto child = ChildProcess::spawn(command);
  ASSERT_TRUE(child);
  EXPECT_TRUE((*child)->wait_for(std::chrono::hours(1)));
  EXPECT_FALSE((*child)->running());
  EXPECT_EQ((*child)->end().si_status, 1);
  EXPECT_EQ(kill((*child)->id(), 0), 0) << "free for another process, which a signal could reach";
}

TEST_F(CheckedChild, HasTheEnvironmentAndTheDirectoryOfItsParent) {
  const CarelessParent parent;
  EXPECT_EQ(run("echo $PATCHBAY_CHILD_TEST; pwd -P").how, ChildEnd::How::exited);
  EXPECT_EQ(output(), "kept\n" + std::filesystem::current_path().string() + "\n");
}

TEST_F(CheckedChild, LeavesNoCore) {
  rlimit core{};
  getrlimit(RLIMIT_CORE, &core);
  const rlimit raised{core.rlim_max, core.rlim_max};
  setrlimit(RLIMIT_CORE, &raised);
  run("ulimit -c");
  setrlimit(RLIMIT_CORE, &core);
  EXPECT_EQ(output(), "0\n");
}

TEST_F(CheckedChild, TellsHowItEnded) {
  const auto words = [&](const std::string& script) { return run(script).words; };
  EXPECT_EQ(words("exit 0"), "ended with exit code 0");
  EXPECT_EQ(words("exit 3"), "ended with exit code 3");
  EXPECT_EQ(words("kill -SEGV $$"), "died by SIGSEGV (Segmentation fault)");
  EXPECT_EQ(words("kill -KILL $$"), "died by SIGKILL (Killed)");
  EXPECT_EQ(words("kill -TERM $$"), "died by SIGTERM (Terminated)");
}

TEST_F(CheckedChild, TakesAlongWhatItHasStartedWhenItEnds) {
  EXPECT_EQ(run("sleep 1000 & echo $!").how, ChildEnd::How::exited);
  std::string grandchild = output();
  grandchild.pop_back();
  EXPECT_TRUE(eventually([&] { return is_dead(grandchild); }));
}

TEST_F(CheckedChild, AddsToItsOutput) {
  run("echo one");
  run("echo two >&2");
  EXPECT_EQ(output(), "one\ntwo\n");
}

TEST_F(CheckedChild, IsNotStartedWithoutAPlaceForItsOutput) {
  const auto nowhere = directory.path() / "nowhere/output";
  const ChildEnd end = check::run_child({"/bin/true", {}, nowhere}, std::chrono::hours(1), -1);
  EXPECT_EQ(end.how, ChildEnd::How::not_started);
  EXPECT_EQ(end.words, "Its output file " + nowhere.string() +
                           " cannot be opened: No such file or directory.");
}

}  // namespace
}  // namespace patchbay::test
