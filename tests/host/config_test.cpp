// The configuration file: what is said of single tables.
#include <gtest/gtest.h>

#include <fstream>

#include "config/config.hpp"

namespace patchbay::test {
namespace {

Result<Config> read(const std::string& toml) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("patchbay-config-" + std::to_string(getpid()) + ".toml");
  std::ofstream(file) << toml;
  Config config;
  auto done = read_config_file(file, config).and_then([&] { return complete(config); });
  std::filesystem::remove(file);
  if (!done) return tl::unexpected(done.error());
  return config;
}

std::string refusal(const std::string& toml) {
  const auto config = read(toml);
  return config ? "none" : config.error().message;
}

TEST(Config, ReadsWhatIsSaidOfATable) {
  const auto config = read(R"(
tables = ["todos", "app.notes"]
[[table]]
name = "todos"
columns_except = ["total"]
insert_defaults = { completed = false, rank = 7, price = "1.10", note = "say \"hi\"" }
[[table]]
name = "app.notes"
)");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->table_settings.size(), 2U);
  const TableConfig& todos = config->table_settings[0];
  EXPECT_EQ(todos.columns_except, std::vector<std::string>{"total"});
  const std::map<std::string, std::string> defaults{
      {"completed", "false"}, {"rank", "7"}, {"price", "\"1.10\""}, {"note", R"("say \"hi\"")"}};
  EXPECT_EQ(todos.insert_defaults, defaults);
}

TEST(Config, RefusesWhatDoesNotFitATable) {
  const std::pair<const char*, const char*> cases[] = {
      {"[[table]]\ncolumns_except = [\"a\"]", "has no name"},
      {"[[table]]\nname = \"nope\"", "none of the host's tables"},
      {"[[table]]\nname = \"todos\"\n[[table]]\nname = \"todos\"", "given twice"},
      {"[[table]]\nname = \"todos\"\ncolumns_except = [1]", "must be a list of texts"},
      {"[[table]]\nname = \"todos\"\ninsert_defaults = { a = [1] }", "must be a table of texts"},
      {"[[table]]\nname = \"todos\"\ninsert_defaults = { a = 1.5 }", "as texts"},
      {"[[table]]\nname = \"todos\"\nhidden = [\"a\"]", "no setting \"table.hidden\""},
      {"[[table]]\nname = \"todos\"\ncolumns_except = [\"a\"]\ninsert_defaults = { a = 1 }",
       "set a default for it; choose one"},
      {"[[table]]\nname = \"todos\"\ninsert_defaults = { write_id = \"a\" }",
       "take it out of insert_defaults"},
      {"[table]\nname = \"todos\"", "a list of [[table]] tables"}};
  for (const auto& [toml, reason] : cases) {
    EXPECT_NE(refusal(toml).find(reason), std::string::npos) << toml << "\n" << refusal(toml);
  }
}

}  // namespace
}  // namespace patchbay::test
