// Modules really go: each unload is looked up in the process's own list of mapped files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "plugins/plugin_directory.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::size_t mapped_objects() {
  std::size_t count = 0;
  const auto add = [](dl_phdr_info*, std::size_t, void* sum) {
    ++*static_cast<std::size_t*>(sum);
    return 0;
  };
  dl_iterate_phdr(add, &count);
  return count;
}

std::size_t open_files() {
  std::size_t count = 0;
  for (const auto& file : fs::directory_iterator("/proc/self/fd")) count += file.exists() ? 1U : 0U;
  return count;
}

double resident_mib() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// Every call of a pattern's life, as a host makes them. The view must show the last batch.
void live_once(Pattern& pattern, const fs::path& data_directory) {
  FakeHost host;
  host.directory = data_directory;
  host.settings = {{"synchronous", "normal"}};  // disks are not what is proved here
  host.tables = {{"items", &items_schema()}};
  PatternDriver driver(pattern, host);
  ASSERT_THAT(driver.start(), testing::Not(HasSubstr("error")));
  ASSERT_THAT(driver.reset({item("1", "milk"), item("2", "eggs")}),
              testing::Not(HasSubstr("error")));
  ASSERT_THAT(driver.write(1, {insert_item("3", "tea")}), HasSubstr("send 1"));
  ASSERT_THAT(driver.acknowledged(1), testing::Not(HasSubstr("error")));
  ASSERT_THAT(driver.batch(BatchSource().now(item("3", "tea")).settles(1)),
              testing::Not(HasSubstr("error")));
  ASSERT_EQ(driver.view(), "1:milk  2:eggs  3:tea");
  ASSERT_TRUE(pattern.own_state());
  pattern.retire();
}

void load_use_drop(const fs::path& path, const fs::path& data_directory) {
  auto plugin = PluginLoader({path.parent_path()}).load(path);
  ASSERT_TRUE(plugin) << refusal(plugin);
  {
    auto pattern = plugin->create();
    ASSERT_TRUE(pattern) << refusal(pattern);
    live_once(**pattern, data_directory);
  }
  const auto unloaded = plugin->unload();
  ASSERT_TRUE(unloaded) << refusal(unloaded);
}

TEST(PluginUnload, EveryPluginOfTheBuildGoesTwoHundredTimes) {
  const fs::path directory = PluginDirectory::built() / "lib/patchbay/plugins";
  const auto found = PluginLoader({directory}).find();
  ASSERT_FALSE(found.empty());
  for (const FoundPlugin& plugin : found) {
    SCOPED_TRACE(plugin.path.filename().string());
    ASSERT_EQ(refusal(plugin.inspection), "");
    const std::size_t mapped = mapped_objects();
    const std::size_t files = open_files();
    double resident_after_50 = 0;
    for (int cycle = 1; cycle <= 200; ++cycle) {
      const PluginDirectory data;
      load_use_drop(plugin.path, data.path());
      if (HasFatalFailure()) return;
      ASSERT_EQ(mapped_objects(), mapped) << "cycle " << cycle;
      if (cycle == 50) resident_after_50 = resident_mib();
    }
    EXPECT_EQ(open_files(), files);
    // A sanitizer keeps freed memory aside on purpose, and looks for leaks itself.
    if (abi_stamp().sanitizer == 0) {
      EXPECT_LT(resident_mib() - resident_after_50, 5.0);
    }
  }
}

TEST(PluginUnload, TwoLoadsOfOneFileAreTwoModules) {
  PluginDirectory directory;
  const auto path = directory.add_plugin("hello");
  const std::size_t mapped = mapped_objects();
  auto first = directory.loader().load(path);
  auto second = directory.loader().load(path);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(mapped_objects(), mapped + 2);
  EXPECT_EQ(refusal(first->unload()), "");
  EXPECT_EQ(mapped_objects(), mapped + 1);
  EXPECT_TRUE(second->create());
  EXPECT_EQ(refusal(second->unload()), "");
  EXPECT_EQ(mapped_objects(), mapped);
  EXPECT_EQ(refusal(second->unload()), "");
  EXPECT_THAT(refusal(second->create()), HasSubstr("has been unloaded"));
  EXPECT_EQ(second->inspection().id, "hello");
}

TEST(PluginUnload, TheDestructorUnloadsAndAMoveDoesNot) {
  PluginDirectory directory;
  const std::size_t mapped = mapped_objects();
  {
    auto loaded = directory.loader().load(directory.add_plugin("hello"));
    ASSERT_TRUE(loaded);
    LoadedPlugin plugin = std::move(*loaded);
    EXPECT_TRUE(plugin.create());
    EXPECT_EQ(mapped_objects(), mapped + 1);
  }
  EXPECT_EQ(mapped_objects(), mapped);
}

TEST(PluginUnload, AModuleStaysUnderALivingPattern) {
  PluginDirectory directory;
  auto loaded = directory.loader().load(directory.add_plugin("hello"));
  ASSERT_TRUE(loaded);
  auto pattern = loaded->create();
  EXPECT_THAT(refusal(loaded->unload()), HasSubstr("1 of its patterns still live"));
  pattern->reset();
  EXPECT_EQ(refusal(loaded->unload()), "");
}

TEST(PluginUnload, ADroppedModuleIsKeptForItsLivingPattern) {
  PluginDirectory directory;
  const std::size_t mapped = mapped_objects();
  Result<PatternHandle> pattern;
  {
    const auto loaded = directory.loader().load(directory.add_plugin("hello"));
    pattern = loaded->create();
  }
  EXPECT_EQ(mapped_objects(), mapped + 1);
  FakeHost host;
  EXPECT_EQ(PatternDriver(**pattern, host).start(), "");
}

TEST(PluginUnload, AModuleThatPinsItselfIsReportedAndNotTakenForTheNext) {
  PluginDirectory directory;
  {
    auto loaded = directory.loader().load(directory.add_bad("thread"));
    ASSERT_TRUE(loaded) << refusal(loaded);
    EXPECT_TRUE(loaded->create());
    EXPECT_THAT(refusal(loaded->unload()), HasSubstr("stays in the process after it was unloaded"));
  }
  auto next = directory.loader().load(directory.add_plugin("hello"));
  ASSERT_TRUE(next) << refusal(next);
  auto pattern = next->create();
  ASSERT_TRUE(pattern) << refusal(pattern);
  live_once(**pattern, directory.path());
}

TEST(PluginUnload, AModuleUsedOnAThreadThatEndedGoes) {
  PluginDirectory directory;
  auto loaded = directory.loader().load(directory.add_bad("thread"));
  ASSERT_TRUE(loaded) << refusal(loaded);
  std::thread([&loaded] { EXPECT_TRUE(loaded->create()); }).join();
  EXPECT_EQ(refusal(loaded->unload()), "");
}

}  // namespace
}  // namespace patchbay::test
