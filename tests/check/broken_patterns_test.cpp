// Each module of broken/ breaks one law and is right otherwise: the check of that law finds it, and
// says what it saw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "check/check_fixture.hpp"

namespace patchbay::test {
namespace {

struct Broken {
  const char* module = "";
  const char* law = "";                   ///< The check that names it.
  const char* words = "";                 ///< Of the finding.
  std::vector<std::string> besides = {};  ///< Other laws that the same mistake breaks.
};
void PrintTo(const Broken& one, std::ostream* out) {
  *out << one.module;
}

class BrokenPattern : public testing::TestWithParam<Broken> {};

TEST_P(BrokenPattern, IsCaughtByName) {
  const Broken& one = GetParam();
  std::vector<std::string> found;
  std::string all;
  for (const check::CheckResult& result : CheckedModule(kBrokenModules, one.module).run_all()) {
    if (!result.good()) found.emplace_back(result.law->id);
    const std::string printed = print(result);
    all += printed.substr(0, printed.find('\n') + 1);
    if (result.law->id == std::string(one.law)) {
      EXPECT_EQ(result.ending, check::Ending::failed);
      EXPECT_THAT(print(result), testing::HasSubstr(one.words));
    }
  }
  std::vector<std::string> expected = one.besides;
  expected.emplace_back(one.law);
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected)) << all;
}

INSTANTIATE_TEST_SUITE_P(
    Each, BrokenPattern,
    testing::Values(
        Broken{"loses_null", "convergence", "samples shows"},
        Broken{"drops_deletes",
               "nothing-lost",
               "has not ended",
               {"surgical-rollback", "swap", "liveness"}},
        Broken{"forgets_on_reset", "read-your-writes", "has not ended", {"atomicity"}},
        Broken{"confirms_early", "read-your-writes", "has not ended", {"atomicity", "swap"}},
        Broken{"rolls_everything_back", "surgical-rollback", "must not take write", {"swap"}},
        Broken{"tears", "atomicity", "a part of write 1"},
        Broken{"reorders", "order", "in the order 1 2 3 5 4 6"},
        Broken{"not_durable", "durability", "accepted before the kill"},
        Broken{"settles_first", "durability", "killed in part"},
        Broken{"stays_mapped", "swap", "stays in the process"},
        Broken{"throws",
               "liveness",
               "It threw: the write is acknowledged already",
               {"nothing-lost", "read-your-writes", "swap"}},
        Broken{"never_settles", "liveness", "the server has", {"convergence", "swap"}}),
    [](const auto& one) { return std::string(one.param.module); });

}  // namespace
}  // namespace patchbay::test
