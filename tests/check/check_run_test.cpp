// Checks whose process does not come to an end as it should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "check/check_fixture.hpp"

namespace patchbay::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Makes ptrace fail in this process and in those that it starts, as a container's policy does.
void refuse_tracing() {
  std::array<sock_filter, 4> code{{
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_ptrace},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  }};
  const sock_fprog program{code.size(), code.data()};
  ASSERT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

TEST(CheckRun, TellsACrashWithItsStep) {
  const auto result = CheckedModule(kBrokenModules, "crashes").run("read-your-writes");
  EXPECT_EQ(result.ending, check::Ending::crashed);
  EXPECT_THAT(print(result), HasSubstr("The process died by SIGSEGV (Segmentation fault) in script "
                                       "\"the echo comes before the answer\", step "));
  EXPECT_THAT(print(result), HasSubstr("(the app writes 3: delete from items id=2)"));
}

TEST(CheckRun, EndsAHangAndTellsItsStep) {
  CheckedModule module(kBrokenModules, "hangs");
  module.options.time_limit = std::chrono::seconds(2);
  const auto result = module.run("order");
  EXPECT_EQ(result.ending, check::Ending::hung);
  EXPECT_THAT(print(result), HasSubstr("did not come to an end within the time limit; it was in "
                                       "script \"one by one\", step "));
  EXPECT_THAT(print(result), HasSubstr("(the server's answer comes)"));
}

TEST(CheckRun, EndsWhenSomebodyWantsAnEnd) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_EQ(write(ends[1], "!", 1), 1);
  CheckedModule module(kBrokenModules, "hangs");
  module.options.stop_descriptor = ends[0];
  EXPECT_EQ(module.run("order").ending, check::Ending::stopped);
  close(ends[0]);
  close(ends[1]);
}

TEST(CheckRun, TellsThatAModuleCannotBeLoaded) {
  CheckedModule module(kBrokenModules, "reorders");
  std::filesystem::resize_file(module.options.module, 100);
  const auto result = module.run("order");
  EXPECT_EQ(result.ending, check::Ending::failed);
  EXPECT_THAT(print(result), HasSubstr(module.options.module.string()));
}

TEST(CheckRun, TellsThatTheProgramCannotBeStarted) {
  CheckedModule module(kBrokenModules, "reorders");
  module.options.program = "/nowhere/patchbay";
  const auto result = module.run("order");
  EXPECT_EQ(result.ending, check::Ending::crashed);
  EXPECT_THAT(print(result), HasSubstr("could not be started: Cannot start /nowhere/patchbay: "
                                       "could not execute it: No such file or directory."));
}

TEST(CheckRun, DoesNotStartWhatTheModuleIsNotBoundBy) {
  CheckedModule module(kBundledModules, "online");
  module.options.program = "/nowhere/patchbay";
  EXPECT_EQ(module.run("read-your-writes").ending, check::Ending::not_claimed);
}

TEST(CheckRun, TellsThatNoProcessMayBeTraced) {
  const CheckedModule module(kBundledModules, "immutable");
  const pid_t child = fork();
  if (child == 0) {
    refuse_tracing();
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);  // the search for leaks traces its own process
    const auto result = module.run("durability");
    EXPECT_EQ(print(result), "");
    EXPECT_THAT(result.notes, ElementsAre(HasSubstr("the system lets no process be traced")));
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(CheckRun, GivesThePatternItsSettings) {
  CheckedModule module(kBundledModules, "immutable");
  module.options.settings = {"synchronous=nonsense"};
  EXPECT_THAT(print(module.run("order")), HasSubstr("synchronous"));
}

}  // namespace
}  // namespace patchbay::test
