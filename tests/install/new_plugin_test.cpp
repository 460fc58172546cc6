// Names and places that `patchbay new-plugin` takes or refuses. That what it writes builds is
// proved by new_plugin.sh.
#include "cli/new_plugin.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "plugins/plugin_directory.hpp"
#include "test_paths.hpp"

namespace patchbay::cli {
namespace {

namespace fs = std::filesystem;
using test::PluginDirectory;
using test::refusal;

std::string spelled(const std::string& name) {
  const auto names = plugin_names(name);
  return names ? names->word + " " + names->type : names.error().message;
}

TEST(NewPlugin, SpellsTheNameAsFilesAndTypesNeedIt) {
  EXPECT_EQ(spelled("soft-delete"), "soft_delete_pattern SoftDeletePattern");
  EXPECT_EQ(spelled("my-pattern"), "my_pattern MyPattern");
  EXPECT_EQ(spelled("new"), "new_pattern NewPattern") << "no word of C++";
  EXPECT_EQ(spelled("pattern"), "pattern_pattern PatternPattern") << "not patchbay::Pattern";
  EXPECT_EQ(spelled("a2"), "a2_pattern A2Pattern");
}

TEST(NewPlugin, RefusesANameThatIsNotAnId) {
  for (const char* name : {"", "My", "a_b", "a b", "../a", "a/b", "2a", "-a", "a-", "a--b", "ä"}) {
    EXPECT_EQ(spelled(name), std::string("The name \"") + name +
                                 "\" is not allowed; use a-z, 0-9 and single hyphens, a letter "
                                 "first, 40 characters at most.");
  }
  EXPECT_NE(spelled(std::string(41, 'a')).find("not allowed"), std::string::npos);
  EXPECT_EQ(spelled("test"), "The name \"test\" is taken by the build itself; give another.");
}

class NewPluginPlace : public testing::Test {
 protected:
  [[nodiscard]] std::string refused(const fs::path& place) const {
    return refusal(write_new_plugin({"mine", place}, template_));
  }

  PluginDirectory directory_;
  fs::path template_ = fs::path(PATCHBAY_SOURCE_DIR) / "host/cli/new-plugin";
};

TEST_F(NewPluginPlace, MayBeNewOrEmpty) {
  EXPECT_EQ(refused(directory_.path() / "deep/below"), "");
  EXPECT_TRUE(fs::exists(directory_.path() / "deep/below/src/mine_pattern.hpp"));
  fs::create_directory(directory_.path() / "empty");
  EXPECT_EQ(refused(directory_.path() / "empty"), "");
}

TEST_F(NewPluginPlace, IsNotTakenFromSomebodyElse) {
  directory_.add_text("file", "mine");
  const std::string advice = " exists already; give another place with --directory, or remove it.";
  EXPECT_EQ(refused(directory_.path()), directory_.path().string() + advice);
  EXPECT_EQ(refused(directory_.path() / "file"), (directory_.path() / "file").string() + advice);
  EXPECT_EQ(refused(directory_.path() / "file/below"),
            "The file " + (directory_.path() / "file/below/CMakeLists.txt").string() +
                " cannot be written; give a place where you may write with --directory.");
  std::ifstream kept(directory_.path() / "file");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(kept), {}), "mine");
}

TEST_F(NewPluginPlace, SaysWhenTheTemplateIsMissing) {
  template_ = directory_.path() / "none";
  EXPECT_EQ(refused(directory_.path() / "new"),
            "The template " + template_.string() + " cannot be read; install Patchbay again.");
  EXPECT_FALSE(fs::exists(directory_.path() / "new"));
}

TEST_F(NewPluginPlace, IsQuotedForAShell) {
  const std::string steps = next_steps({"mine", {}}, "it's here", "/opt/patch bay");
  EXPECT_NE(steps.find("  cd 'it'\\''s here'\n"), std::string::npos) << steps;
  EXPECT_NE(steps.find("-DCMAKE_PREFIX_PATH='/opt/patch bay'\n"), std::string::npos) << steps;
}

}  // namespace
}  // namespace patchbay::cli
