// The example, loaded as the host loads it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plugins/plugin_directory.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

class HelloPattern : public testing::Test {
 protected:
  HelloPattern() { EXPECT_EQ(driver_.start(), ""); }

  PluginDirectory directory_;
  Result<LoadedPlugin> plugin_ = directory_.loader().load(directory_.add_plugin("hello"));
  PatternHandle pattern_ = std::move(*plugin_->create());
  FakeHost host_;
  PatternDriver driver_{*pattern_, host_};
};

TEST_F(HelloPattern, ShowsWhatTheServerHas) {
  EXPECT_EQ(driver_.view(), "");
  EXPECT_EQ(driver_.reset({item("2", "eggs"), item("1", "milk")}), "table items");
  EXPECT_EQ(driver_.view(), "1:milk  2:eggs");
  EXPECT_EQ(driver_.batch(BatchSource().now(item("1", "tea")).gone(item("2", "eggs"))),
            "changed 1:tea, gone 2:eggs");
  EXPECT_EQ(driver_.view(), "1:tea");
  EXPECT_EQ(driver_.reset({item("3", "salt")}), "table items");
  EXPECT_EQ(driver_.view(), "3:salt");
}

TEST_F(HelloPattern, AnswersTheAppWhenTheServerHasDecided) {
  EXPECT_EQ(driver_.write(1, {insert_item("1", "milk")}), "send 1");
  EXPECT_EQ(driver_.view(), "");
  EXPECT_EQ(driver_.acknowledged(1), "accept 1");
  EXPECT_EQ(driver_.write(2, {remove_item("1")}), "send 2");
  EXPECT_EQ(driver_.rejected(2), "");
  EXPECT_EQ(driver_.discarded(2), "");
}

TEST_F(HelloPattern, Greets) {
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(7), 7, {insert_item("1", "x")}}, {}}};
  EXPECT_EQ(driver_.reset({item("1", "milk")}), "table items");
  EXPECT_EQ(driver_.adopt({unfinished, {}, nullptr}), "");
  const std::vector<std::string> expected{"Hello, I am test.", "Hello to the 1 rows of items.",
                                          "Hello to the 1 writes I take over."};
  EXPECT_EQ(host_.logged, expected);
}

}  // namespace
}  // namespace patchbay::test
