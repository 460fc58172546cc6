#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

std::string repeated(const std::string& line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line + "\n";
  return text;
}

TEST(ContractSize, CountsCodeAndDirectivesOfAllItsHeaders) {
  const SourceTree fits{{"core/include/patchbay/a.hpp", repeated("int a;", 300)},
                        {"core/include/patchbay/b.hpp", repeated("#include <b>", 350)}};
  EXPECT_TRUE(check_contract_size(fits).empty());
  SourceTree larger = fits;
  larger.push_back({"core/include/patchbay/c.hpp", "int c;\n"});
  const Findings found = check_contract_size(larger);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found.front().what.find("651"), std::string::npos);
}

TEST(ContractSize, LeavesOutCommentsBlankLinesAndTheToolbox) {
  EXPECT_TRUE(check_contract_size({{"core/include/patchbay/a.hpp", repeated("// word\n", 700)},
                                   {"core/include/patchbay/kit/b.hpp", repeated("int b;", 700)},
                                   {"core/src/hub/hub.hpp", repeated("int c;", 700)}})
                  .empty());
}

}  // namespace
}  // namespace tidy
