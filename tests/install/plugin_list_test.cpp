// The output of `patchbay plugins`, and the order in which plugins are looked for.
#include "cli/plugin_list.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "plugins/plugin_directory.hpp"

namespace patchbay::cli {
namespace {

using test::PluginDirectory;

class PluginList : public testing::Test {
 protected:
  PluginList() {
    hello_ = first_.add_plugin("hello");
    broken_ = first_.add_text("broken.so", "no plugin");
    second_hello_ = second_.add_plugin("hello");
    online_ = second_.add_plugin("online");
  }
  [[nodiscard]] PluginLoader loader() const {
    return PluginLoader({first_.path(), second_.path(), second_.path() / "none", first_.path()});
  }

  PluginDirectory first_;
  PluginDirectory second_;
  std::filesystem::path hello_, broken_, second_hello_, online_;
};

TEST_F(PluginList, SaysWhatEachIsAndWhatHidesIt) {
  const auto refused = loader().inspect(broken_);
  ASSERT_FALSE(refused);
  const std::string hello =
      "  hello 1.0.0: Shows the server's rows, sends writes, greets.\n"
      "  traits: none\n";
  EXPECT_EQ(plugins_as_text(loader()).substr(0, plugins_as_text(loader()).find(online_.string())),
            broken_.string() + "\n  cannot be used: " + refused.error().message + "\n" +
                hello_.string() + "\n" + hello + second_hello_.string() + "\n" + hello +
                "  hidden by " + hello_.string() + ", which is found first\n");
  const std::string text = plugins_as_text(loader());
  EXPECT_EQ(text.substr(text.find("Searched")),
            "Searched, in this order:\n  " + first_.path().string() + "\n  " +
                second_.path().string() + "\n  " + (second_.path() / "none").string() +
                " (No such file or directory)\n  " + first_.path().string() + "\n");
}

TEST_F(PluginList, SaysTheSameToScripts) {
  const auto json = nlohmann::json::parse(plugins_as_json(loader()));
  ASSERT_EQ(json["plugins"].size(), 4U);
  EXPECT_EQ(json["plugins"][0]["usable"], false);
  EXPECT_EQ(json["plugins"][0]["reason"], loader().inspect(broken_).error().message);
  EXPECT_EQ(json["plugins"][1]["hidden_by"], nullptr);
  EXPECT_EQ(json["plugins"][2]["hidden_by"], hello_.string());
  EXPECT_EQ(json["plugins"][3]["id"], "online");
  EXPECT_EQ(json["directories"][1]["readable"], true);
  EXPECT_EQ(json["directories"][2]["readable"], false);
}

TEST_F(PluginList, NamesTraits) {
  const PluginLoader bundled({PluginDirectory::built() / "lib/patchbay/plugins"});
  const std::string text = plugins_as_text(bundled);
  const std::string optimistic = text.substr(text.find("optimistic.so"));
  EXPECT_NE(optimistic.find("  traits: optimistic\n"), std::string::npos) << text;
}

TEST(PluginPath, IsSearchedFlagsFirstThenEnvironmentThenFile) {
  const PluginDirectory directory;
  const std::string file = directory.path() / "patchbay.toml";
  std::ofstream(file) << "plugin_path = [\"/file\"]\n";
  setenv("PATCHBAY_PLUGIN_PATH", "/one:/two", 1);
  const char* line[] = {"patchbay",      "plugins", "--plugin-path", "/flag",
                        "--plugin-path", "/other",  "--config",      file.c_str()};
  const auto parsed = parse_command_line(static_cast<int>(std::size(line)), line);
  unsetenv("PATCHBAY_PLUGIN_PATH");
  const auto* command = std::get_if<Command>(&parsed);
  ASSERT_NE(command, nullptr) << std::get<Ended>(parsed).text;
  const std::vector<std::filesystem::path> expected{"/flag", "/other", "/one", "/two", "/file"};
  EXPECT_EQ(command->config.plugin_directories, expected);
}

}  // namespace
}  // namespace patchbay::cli
