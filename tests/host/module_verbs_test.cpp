// swap, add and remove as they are typed, and what they print.
#include <gtest/gtest.h>

#include "cli/command_line.hpp"
#include "cli/module_answer.hpp"

namespace patchbay::cli {
namespace {

std::variant<Command, Ended> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "patchbay");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

/// "swap notes online force", or what is wrong.
std::string parsed(std::vector<const char*> words) {
  const auto parsed = parse(std::move(words));
  if (const Ended* ended = std::get_if<Ended>(&parsed)) {
    EXPECT_EQ(ended->exit_code, 2);
    return ended->text;
  }
  const Command& command = std::get<Command>(parsed);
  std::string text = command.verb == Verb::swap  ? "swap"
                     : command.verb == Verb::add ? "add"
                                                 : "remove";
  if (command.verb < Verb::swap) return "another verb";
  text += " " + command.module.pattern;
  if (!command.module.module.empty()) text += " " + command.module.module;
  for (const std::string& table : command.module.tables) text += " [" + table + "]";
  if (command.module.back) text += " back";
  if (command.module.force) text += " force";
  if (command.json) text += " json";
  return text;
}

TEST(ModuleVerbs, SwapToAModuleOrBack) {
  EXPECT_EQ(parsed({"swap", "notes", "online"}), "swap notes online");
  EXPECT_EQ(parsed({"swap", "notes", "./a b.so", "--force"}), "swap notes ./a b.so force");
  EXPECT_EQ(parsed({"swap", "--force", "--json", "notes", "online"}),
            "swap notes online force json");
  EXPECT_EQ(parsed({"swap", "notes", "--back"}), "swap notes back");
  EXPECT_EQ(parsed({"swap", "notes", "--back", "--force"}), "swap notes back force");
  EXPECT_NE(parsed({"swap", "notes", "online", "--back"}).find("excludes"), std::string::npos);
  EXPECT_NE(parsed({"swap"}).find("pattern is required"), std::string::npos);
}

TEST(ModuleVerbs, AddAPattern) {
  EXPECT_EQ(parsed({"add", "online"}), "add online");
  EXPECT_EQ(parsed({"add", "notes", "online", "--json"}), "add notes online json");
  EXPECT_EQ(parsed({"add", "notes", "online", "--table", "a", "--table", "s.b"}),
            "add notes online [a] [s.b]");
  EXPECT_EQ(parsed({"add", "--table", "a", "notes", "online"}), "add notes online [a]");
  EXPECT_NE(parsed({"add"}).find("pattern is required"), std::string::npos);
  EXPECT_NE(parsed({"add", "notes", "online", "--force"}).find("--force"), std::string::npos);
}

TEST(ModuleVerbs, RemoveAPattern) {
  EXPECT_EQ(parsed({"remove", "notes"}), "remove notes");
  EXPECT_EQ(parsed({"remove", "notes", "--force", "--json"}), "remove notes force json");
  EXPECT_NE(parsed({"remove"}).find("pattern is required"), std::string::npos);
  EXPECT_NE(parsed({"remove", "notes", "online"}).find("online"), std::string::npos);
}

TEST(ModuleVerbs, FindTheHost) {
  const auto parsed = parse({"remove", "notes", "--port", "4711", "--token", "t"});
  const Command& command = std::get<Command>(parsed);
  EXPECT_TRUE(command.names_host);
  EXPECT_EQ(command.config.api_port, 4711);
  EXPECT_EQ(command.config.token, "t");
}

TEST(ModuleVerbs, RunWatchesModulesWhenTold) {
  EXPECT_TRUE(std::get<Command>(parse({"run", "--watch"})).config.watch);
  EXPECT_FALSE(std::get<Command>(parse({"run"})).config.watch);
}

TEST(ModuleAnswer, SaysWhatRunsNow) {
  EXPECT_EQ(module_as_text(R"({"pattern":"notes","id":"online","version":"1.2","state":"running",)"
                           R"("module":"/lib/online.so"})"),
            "notes is now online 1.2 (/lib/online.so)\n");
  EXPECT_EQ(module_as_text(R"({"pattern":"notes","id":"online","state":"removed"})"),
            "notes has ended\n");
  EXPECT_EQ(module_as_text("no JSON"), "no JSON\n");
  EXPECT_EQ(module_as_text("[]"), "[]\n");
}

}  // namespace
}  // namespace patchbay::cli
