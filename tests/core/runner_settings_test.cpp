// Settings of an instance that its module does not ask for: only the module knows which it has, so
// a misspelt one is found by that.
#include <gtest/gtest.h>

#include "core/hot_swap_fixture.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::test {
namespace {

std::unique_ptr<ScriptedPattern> asking_for(std::string name) {
  auto pattern = std::make_unique<ScriptedPattern>();
  pattern->at_start = [name = std::move(name)](Host& host, Effects&) -> Result<void> {
    static_cast<void>(host.setting(name));
    return {};
  };
  return pattern;
}

std::string warning(const std::string& module, const std::string& setting) {
  return "[warning] [test] The module " + module + " has not asked for the setting " + setting +
         ", which has no effect then; check its spelling in the module's README.\n";
}

class UnaskedSettings : public HotSwap {
 protected:
  static std::string warnings(const std::string& lines) {
    std::istringstream in(lines);
    std::string found;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("[warning]")) found += line + "\n";
    }
    return found;
  }
};

TEST_F(UnaskedSettings, AreSaidOnceThePatternHasStarted) {
  LoggedLines log;
  RunnerBench bench{asking_for("speed"),
                    {{"speed", "1"}, {"sped", "2"}, {"weight", "3"}},
                    {"items"},
                    ModuleDescription{"", "first", "1", "", 0}};
  EXPECT_EQ(log.take(), warning("first", "sped") + warning("first", "weight"));
}

TEST_F(UnaskedSettings, AreNoneWhereAllAreAskedFor) {
  LoggedLines log;
  RunnerBench bench{asking_for("speed"), {{"speed", "1"}}};
  RunnerBench without_settings{asking_for("speed")};
  EXPECT_EQ(log.take(), "");
}

TEST_F(UnaskedSettings, AreThoseOfTheModuleThatRunsNow) {
  RunnerBench bench{asking_for("speed"), {{"speed", "1"}}};
  bench.reset({});
  LoggedLines log;
  ASSERT_EQ(swap(bench, asking_for("weight").release()), "swapped");
  EXPECT_EQ(warnings(log.take()), warning("other", "speed"));
  ASSERT_EQ(swap(bench, asking_for("speed").release()), "swapped");
  EXPECT_EQ(warnings(log.take()), "");
}

}  // namespace
}  // namespace patchbay::test
