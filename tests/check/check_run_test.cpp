// What becomes of a check whose process does not come to an end as it should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "check/check_fixture.hpp"

namespace patchbay::test {
namespace {

using testing::HasSubstr;

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
  EXPECT_THAT(print(result), HasSubstr("ended with exit code 127 before the first script began"));
}

TEST(CheckRun, DoesNotStartWhatTheModuleIsNotBoundBy) {
  CheckedModule module(kBundledModules, "online");
  module.options.program = "/nowhere/patchbay";
  EXPECT_EQ(module.run("read-your-writes").ending, check::Ending::not_claimed);
}

TEST(CheckRun, GivesThePatternItsSettings) {
  CheckedModule module(kBundledModules, "immutable");
  module.options.settings = {"synchronous=nonsense"};
  EXPECT_THAT(print(module.run("order")), HasSubstr("synchronous"));
}

}  // namespace
}  // namespace patchbay::test
