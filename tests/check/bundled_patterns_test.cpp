// The bundled patterns, and the example, keep every law that binds them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "check/check_fixture.hpp"

namespace patchbay::test {
namespace {

class BundledPattern : public testing::TestWithParam<const char*> {};

TEST_P(BundledPattern, KeepsTheLaws) {
  const CheckedModule module(kBundledModules, GetParam());
  for (const check::CheckResult& result : module.run_all()) {
    EXPECT_EQ(print(result), "") << result.output;
    const bool bound = (module.options.traits & result.law->traits) == result.law->traits;
    EXPECT_EQ(result.ending, bound ? check::Ending::passed : check::Ending::not_claimed);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, BundledPattern,
                         testing::Values("hello", "immutable", "online", "optimistic",
                                         "through-db"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace patchbay::test
