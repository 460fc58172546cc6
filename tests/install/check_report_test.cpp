// The output of `patchbay check` for a result that has a note.
#include "cli/check_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace patchbay::cli {
namespace {

check::CheckResult durability() {
  check::CheckResult result;
  result.law = check::find_law("durability");
  result.notes = {"No process may be traced here."};
  return result;
}

TEST(CheckReport, PrintsANoteBelowItsLaw) {
  EXPECT_EQ(check_as_text(durability()),
            "  durability         passed   0.0 s\n    No process may be traced here.\n");
}

TEST(CheckReport, HasNotesInJsonWhereThereAreSome) {
  check::CheckResult plain = durability();
  plain.notes.clear();
  const auto json = nlohmann::json::parse(checks_as_json({}, {durability(), plain}));
  EXPECT_EQ(json["checks"][0]["notes"].dump(), R"(["No process may be traced here."])");
  EXPECT_FALSE(json["checks"][1].contains("notes"));
}

}  // namespace
}  // namespace patchbay::cli
