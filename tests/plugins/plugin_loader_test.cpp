#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>

#include "plugins/plugin_directory.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

struct BadModule {
  const char* name;
  ErrorCode code;
  const char* reason;

  friend void PrintTo(const BadModule& module, std::ostream* out) { *out << module.name; }
};

/// Wrong in a way that its file shows: nothing of it may run.
class ReadableRefusal : public testing::TestWithParam<BadModule> {};

TEST_P(ReadableRefusal, NamesTheReasonAndRunsNothing) {
  PluginDirectory directory;
  const fs::path path = directory.add_bad(GetParam().name);
  unsetenv("PATCHBAY_TEST_MODULE_RAN");
  const auto loaded = directory.loader().load(path);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, GetParam().code);
  EXPECT_THAT(loaded.error().message,
              AllOf(HasSubstr("The plugin " + path.string()), HasSubstr(GetParam().reason)));
  EXPECT_EQ(getenv("PATCHBAY_TEST_MODULE_RAN"), nullptr);
  EXPECT_EQ(refusal(directory.loader().inspect(path)), loaded.error().message);
}

INSTANTIATE_TEST_SUITE_P(
    PluginLoader, ReadableRefusal,
    testing::Values(
        BadModule{"symbol", ErrorCode::rejected, "does not export the symbol patchbay_plugin"},
        BadModule{"magic", ErrorCode::rejected, "wrong magic number"},
        BadModule{"interface", ErrorCode::unsupported, "interface version 99, this host version 1"},
        BadModule{"stamp", ErrorCode::unsupported, "compiler ABI 1 instead of "},
        BadModule{"size", ErrorCode::rejected, "has a descriptor of "},
        BadModule{"constant", ErrorCode::rejected, "makes its descriptor only when it runs"},
        BadModule{"id", ErrorCode::rejected, "has the id \"Tiny\""},
        BadModule{"text", ErrorCode::rejected, "does not end within its array"},
        BadModule{"unique", ErrorCode::rejected, "exports the unique symbol "},
        BadModule{"nodelete", ErrorCode::rejected, "linked with -z nodelete"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(PluginLoader, SaysEveryPartOfTheStampThatDiffers) {
  const AbiStamp host = abi_stamp();
  EXPECT_EQ(stamp_difference(host, host), "");
  AbiStamp other = host;
  other.compiler_abi = 7;
  other.cxx11_abi = 1 - host.cxx11_abi;
  other.sanitizer = host.sanitizer == 2 ? 1 : 2;
  other.sizes[2] = 9;
  EXPECT_THAT(stamp_difference(other, host),
              AllOf(HasSubstr("compiler ABI 7 instead of "), HasSubstr("_GLIBCXX_USE_CXX11_ABI "),
                    HasSubstr(host.sanitizer == 2 ? "sanitizer address" : "sanitizer thread"),
                    HasSubstr("size of Write 9 instead of " + std::to_string(sizeof(Write)))));
}

TEST(PluginLoader, RefusesAnUnresolvedSymbolBeforeAnyCodeRuns) {
  PluginDirectory directory;
  unsetenv("PATCHBAY_TEST_MODULE_RAN");
  const auto loaded = directory.loader().load(directory.add_bad("link"));
  EXPECT_THAT(refusal(loaded),
              AllOf(HasSubstr("link.so cannot be linked: undefined symbol"), HasSubstr("nowhere")));
  EXPECT_EQ(getenv("PATCHBAY_TEST_MODULE_RAN"), nullptr);
}

TEST(PluginLoader, RefusesADescriptorWithoutFunctions) {
  PluginDirectory directory;
  const auto loaded = directory.loader().load(directory.add_bad("create"));
  EXPECT_THAT(refusal(loaded), HasSubstr("has no create or no destroy function"));
}

TEST(PluginLoader, TurnsExceptionsOfCreateIntoErrors) {
  PluginDirectory directory;
  auto throwing = directory.loader().load(directory.add_bad("constructor"));
  ASSERT_TRUE(throwing) << refusal(throwing);
  EXPECT_THAT(refusal(throwing->create()),
              HasSubstr("cannot make its pattern: the moon is in the wrong house."));
  EXPECT_EQ(refusal(throwing->unload()), "");

  auto odd = directory.loader().load(directory.add_bad("throw"));
  ASSERT_TRUE(odd) << refusal(odd);
  EXPECT_THAT(refusal(odd->create()), HasSubstr("something that is not a std::exception"));
  EXPECT_EQ(refusal(odd->unload()), "");
}

TEST(PluginLoader, InspectsAGoodPluginWithoutLoadingIt) {
  PluginDirectory directory;
  const auto inspection = directory.loader().inspect(directory.add_plugin("hello"));
  ASSERT_TRUE(inspection) << refusal(inspection);
  EXPECT_EQ(inspection->id, "hello");
  EXPECT_EQ(inspection->version, "1.0.0");
  EXPECT_EQ(inspection->description, "Shows the server's rows, sends writes, greets.");
  EXPECT_EQ(inspection->traits, 0U);
}

TEST(PluginLoader, FindsWhatLooksLikeAPluginWithItsReason) {
  PluginDirectory directory;
  directory.add_plugin("hello");
  directory.add_bad("magic");
  directory.add_text("notes.txt", "not a plugin");
  const PluginLoader loader({directory.path() / "none", directory.path()});
  const auto found = loader.find();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path.filename(), "hello.so");
  EXPECT_EQ(refusal(found[0].inspection), "");
  EXPECT_EQ(found[1].path.filename(), "magic.so");
  EXPECT_THAT(refusal(found[1].inspection), HasSubstr("wrong magic number"));
}

TEST(PluginLoader, LoadsWhatWasCheckedWhateverBecomesOfTheFile) {
  PluginDirectory directory;
  const fs::path path = directory.add_plugin("hello");
  const auto plugin = directory.loader().load(path);
  ASSERT_TRUE(plugin) << refusal(plugin);
  std::ofstream(path, std::ios::trunc) << "gone";
  auto pattern = plugin->create();
  ASSERT_TRUE(pattern);
  FakeHost host;
  PatternDriver driver(**pattern, host);
  EXPECT_EQ(driver.start(), "");
  EXPECT_EQ(host.logged, std::vector<std::string>{"Hello, I am test."});
}

}  // namespace
}  // namespace patchbay::test
