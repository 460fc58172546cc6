// Wrong configuration: one line that says what, where and what to do, and exit code 2. And places
// that cannot be reached, which is not a configuration mistake: the host runs and says so.
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

using Arguments = HostProcess::Arguments;
using Environment = HostProcess::Environment;

/// Places where nothing listens, so that no server has to be started.
const Arguments kNowhere = {"--electric-url", "http://127.0.0.1:1", "--backend-url",
                            "http://127.0.0.1:1"};

Arguments joined(Arguments first, const Arguments& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

class BadInput : public testing::Test {
 protected:
  /// The one line without its "patchbay: ", where the code is 2; else all that happened.
  static std::string refusal(const Arguments& arguments, const Environment& environment = {}) {
    const Ended ended = run_to_end(arguments, environment);
    const std::string start = "patchbay: ";
    const bool one_line = ended.errors.find('\n') == ended.errors.size() - 1;
    if (ended.exit_code == 2 && one_line && ended.errors.starts_with(start)) {
      return ended.errors.substr(start.size(), ended.errors.size() - start.size() - 1);
    }
    return "exit " + std::to_string(ended.exit_code) + ": " + ended.output + ended.errors;
  }
  [[nodiscard]] Arguments run(const Arguments& more) const {
    return run_in(directory_ / "host", more);
  }
  [[nodiscard]] std::string refused_run(const Arguments& more) const { return refusal(run(more)); }
  [[nodiscard]] std::string refused_file(const std::string& text) const {
    const std::string file = directory_.file("patchbay.toml", text);
    const std::string said = refused_run({"--config", file});
    return said.starts_with(file) ? said.substr(file.size()) : said;
  }

  TemporaryDirectory directory_;
};

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(BadInput, NamesAnUnknownFlagOrVerb) {
  EXPECT_SAYS(refused_run({"--colour", "red"}), "--colour");
  EXPECT_SAYS(refusal({"fly"}), "fly");
  EXPECT_SAYS(refusal({"--fly"}), "--fly");
  EXPECT_SAYS(refusal({}), "rejected, database, check, swap, add or remove");
}

TEST_F(BadInput, NamesFileLineAndSettingOfAConfiguration) {
  EXPECT_EQ(refused_file("tables = [\n").substr(0, 3), ":1:");
  EXPECT_SAYS(refused_file("\ncolour = 1\n"), ":2: there is no setting \"colour\"");
  EXPECT_SAYS(refused_file("[api]\nport = \"x\"\n"), ":2: \"api.port\" must be a port");
  EXPECT_SAYS(refused_file("tables = \"items\"\n"), ":1: \"tables\" must be a list of texts");
  EXPECT_SAYS(refused_file("[[pattern]]\nmodule = \"online\"\n"), "no name");
  EXPECT_SAYS(refused_file("[[pattern]]\nname = \"online\"\non_reject = \"all\"\n"),
              ":3: \"pattern.on_reject\" must be \"write\" or \"dependents\".");
  EXPECT_SAYS(refused_file("[api]\npage_table = \"no\"\n"), "\"no\"");
  EXPECT_SAYS(refused_run({"--config", directory_ / "none.toml"}), "none.toml");
  EXPECT_SAYS(refusal(run({}), {{"PATCHBAY_CONFIG", directory_ / "none.toml"}}), "none.toml");
}

TEST_F(BadInput, NamesASettingThatAPatternRefuses) {
  const std::string file = directory_.file(
      "patchbay.toml", "[[pattern]]\nname = \"online\"\nsettings = { retry_deadline_ms = 0 }\n");
  const Ended ended = run_to_end(run({"--config", file}), {});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_SAYS(ended.errors, "patchbay: The pattern \"online\" did not start: The setting");
}

TEST_F(BadInput, NamesAWrongPortOrLevelAndWhereItStands) {
  EXPECT_SAYS(refusal({"run", "--port", "65536"}), "--port is \"65536\"");
  EXPECT_SAYS(refusal({"run", "--port", "-1"}), "--port");
  EXPECT_SAYS(refusal(run({}), {{"PATCHBAY_API_PORT", "many"}}), "PATCHBAY_API_PORT is \"many\"");
  EXPECT_SAYS(refused_run({"--log-level", "loud"}), "\"loud\"; use debug, info, warning or error");
}

TEST_F(BadInput, NamesAMalformedUrlAddressOrTable) {
  const Arguments backend = {"--backend-url", "http://127.0.0.1:1"};
  const Arguments electric = {"--electric-url", "http://127.0.0.1:1"};
  EXPECT_SAYS(refused_run(joined(backend, {"--electric-url", "here"})), "Electric URL \"here\"");
  EXPECT_SAYS(refused_run(joined(electric, {"--backend-url", "here"})), "\"here\" is not a URL");
  EXPECT_SAYS(refused_run({"--database-url", "here"}), "postgresql://user@host:port/");
  EXPECT_SAYS(refusal({"sync", "--port", "0", "--database-url", "here"}), "postgresql://");
  EXPECT_SAYS(refusal({"backend", "--port", "0", "--database-url", "here"}), "postgresql://");
  EXPECT_SAYS(refusal({"sync"}), "--database-url");
  const Arguments sync = {"sync", "--port", "0", "--database-url", "postgresql:///none"};
  EXPECT_SAYS(refusal(joined(sync, {"--table", "a.b.c"})), "\"a.b.c\" names no table");
  EXPECT_SAYS(refusal(joined(sync, {"--slot", "No Slot"})), "'No Slot'");
  EXPECT_SAYS(refused_run({"--database-url", "postgresql:///none", "--slot", "No Slot"}),
              "'No Slot'");
  EXPECT_SAYS(refusal({"backend"}), "--database-url");
  EXPECT_SAYS(refused_run(joined(kNowhere, {"--address", "here"})), "\"here\"");
  EXPECT_SAYS(refused_run(joined(kNowhere, {"--table", "a b"})), "\"a b\" is not a table name");
}

TEST_F(BadInput, NamesADirectoryWhosePathCannotBeUsed) {
  const std::string deep(200, 'd');
  std::filesystem::create_directory(directory_ / "new\nline");
  std::filesystem::create_directory_symlink(directory_ / "new\nline", directory_ / "plain");
  for (const std::string& name : {std::string("new\nline"), std::string("tab\t"),
                                  std::string("no\xfftext"), std::string("plain")}) {
    EXPECT_SAYS(refusal({"run", "--directory", directory_ / name}), "not UTF-8; choose") << name;
  }
  EXPECT_SAYS(refused_run({"--plugin-path", directory_ / "new\nline"}), "--plugin-path");
  EXPECT_SAYS(refusal({"run", "--directory", directory_ / (deep + "/" + deep)}), "350 bytes");
  EXPECT_SAYS(refused_run({"--pattern", std::string(64, 'n') + "=online"}), "- and _, up to 63");
}

TEST_F(BadInput, NamesATemporaryDirectoryThatIsMissing) {
  const Environment nowhere = {{"TMPDIR", directory_ / "none"}};
  EXPECT_SAYS(refusal({"check", "online"}, nowhere), "TMPDIR");
}

TEST_F(BadInput, NamesAPluginThatIsMissingOrBroken) {
  EXPECT_SAYS(refused_run({"--pattern", "nothing"}), "no plugin \"nothing\"");
  EXPECT_SAYS(refused_run({"--pattern", "A B"}), "\"A B\"");
  EXPECT_SAYS(refused_run({"--pattern", "online", "--pattern", "online"}), "\"online\"");
  const std::string file = directory_.file("plugins/broken.so", "this is not a plugin");
  const Arguments path = {"--plugin-path", directory_ / "plugins"};
  EXPECT_SAYS(refused_run(joined(path, {"--pattern", "broken"})), file);
  EXPECT_SAYS(refused_run(joined(path, {"--pattern", "mine=" + file})), file);
  EXPECT_SAYS(refused_run({"--pattern", "mine=" + file}), "outside the plugin directories");
  EXPECT_SAYS(refused_run({"--pattern", "mine=./none.so"}), "none.so");
}

TEST_F(BadInput, NamesAPortOrDirectoryThatAnotherHostHas) {
  HostProcess first(run(kNowhere));
  const std::string port = first.port("page");
  EXPECT_SAYS(refused_run(kNowhere), "Another host uses the directory " + directory_ / "host");
  const Arguments same_port = {"run", "--directory", directory_ / "other", "--port", port};
  EXPECT_SAYS(refusal(joined(same_port, kNowhere)), port);
  EXPECT_EQ(first.interrupt(), 0);
}

TEST_F(BadInput, IsNotADirectoryWithoutRoomForWhatHasNotChanged) {
  EXPECT_NE(HostProcess(run(kNowhere)).place("page"), "");
  const std::filesystem::path host = directory_ / "host";
  for (const auto& pattern : std::filesystem::directory_iterator(host / "patterns")) {
    std::filesystem::create_directory(pattern.path() / "module.new");  // where it would be written
  }
  std::filesystem::create_directories(host / "api-address" / "in the way");
  HostProcess again(run(kNowhere));
  EXPECT_NE(again.place("page"), "");
  EXPECT_TRUE(std::filesystem::is_regular_file(host / "api-address"));
  EXPECT_EQ(again.interrupt(), 0);
  EXPECT_SAYS(again.errors(), (host / "api-address").string() + " was a directory");
}

TEST_F(BadInput, DoesNotKeepAHostFromListeningElsewhere) {
  HostProcess host(run(joined(kNowhere, {"--address", "127.0.0.2"})));
  EXPECT_TRUE(host.place("page").starts_with("http://127.0.0.2:")) << host.place("page");
  LocalApi api(host.place("page"));
  EXPECT_EQ(api.get("/api/status").status, 200);
}

/// An unreachable place: the host runs, says so on a stream and in few lines, and does not spin.
void expect_patience(const Arguments& arguments, const std::string& reason) {
  HostProcess host(arguments);
  LocalApi api(host.place("page"));
  Json streams;
  const auto start = std::chrono::steady_clock::now();
  const auto used_before = host.cpu_time();
  EXPECT_TRUE(eventually([&] {
    streams = api.get("/api/status").body.at("streams");
    return std::chrono::steady_clock::now() - start > std::chrono::seconds(1) &&
           streams.dump().find(reason) != std::string::npos;
  })) << streams;
  EXPECT_LT((host.cpu_time() - used_before).count(), 2000);
  EXPECT_EQ(host.interrupt(), 0);
  const std::string said = host.errors();
  EXPECT_LT(std::ranges::count(said, '\n'), 8) << said;
}

TEST_F(BadInput, DoesNotCoverAnElectricThatCannotBeReached) {
  expect_patience(run(kNowhere), "127.0.0.1");
}

TEST_F(BadInput, DoesNotCoverADatabaseThatCannotBeReached) {
  expect_patience(run({"--database-url", "postgresql://a:b@127.0.0.1:1/c"}), "retrying");
}

TEST_F(BadInput, IsNotWhatAskingForHelpIs) {
  const Ended help = run_to_end({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_SAYS(help.output, "Usage: patchbay ");
  const Ended of_run = run_to_end({"run", "--help"});
  EXPECT_EQ(of_run.exit_code, 0);
  EXPECT_SAYS(of_run.output, "--electric-url");
  const Ended version = run_to_end({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(std::ranges::count(version.output, '\n'), 1) << version.output;
  EXPECT_TRUE(version.output.starts_with("patchbay ")) << version.output;
}

TEST_F(BadInput, IsNotWhatListingPluginsIs) {
  const std::string file = directory_.file("broken.so", "this is not a plugin");
  const Ended plugins = run_to_end({"plugins", "--plugin-path", directory_.path()});
  EXPECT_EQ(plugins.exit_code, 0) << plugins.errors;
  EXPECT_SAYS(plugins.output, file + "\n  cannot be used: ");
  for (const char* name : {"hello ", "online ", "optimistic "}) EXPECT_SAYS(plugins.output, name);
}

TEST_F(BadInput, IsNotWhatAskingAHostThatIsNotThereIs) {
  const Ended status = run_to_end({"status", "--port", "1"});
  EXPECT_EQ(status.exit_code, 2);
  EXPECT_SAYS(status.errors, "No host answers at http://127.0.0.1:1/");
  EXPECT_SAYS(status.errors, "Give the --port or the --directory");
}

TEST_F(BadInput, IsNotCalledRunningWhileNoTableCanBeServed) {
  HostProcess host(run(kNowhere));
  const std::string page = host.place("page");
  EXPECT_SAYS(host.output(), "no table can be served yet");
  EXPECT_SAYS(host.output(), "\n  - todos: ");
  EXPECT_EQ(host.output().find("Patchbay is running"), std::string::npos) << host.output();
  LocalApi api(page);
  EXPECT_EQ(api.get("/health").status, 200);
  EXPECT_EQ(api.get("/ready").status, 503);
  EXPECT_SAYS(api.get("/ready").body.dump(), "\"part\":\"stream\"");
}

TEST_F(BadInput, IsNotWhatAskingADirectoryForItsHostIs) {
  const Arguments ask = {"status", "--directory", directory_ / "host"};
  HostProcess host(run(kNowhere));
  const std::string page = host.place("page");
  const Ended status = run_to_end(ask);
  EXPECT_EQ(status.exit_code, 1) << status.errors;  // there is nothing it could follow
  EXPECT_SAYS(status.output, ": degraded\n");
  EXPECT_SAYS(status.output, "What is wrong\n  backend: It does not answer");
  host.kill();
  const Ended killed = run_to_end(ask);
  EXPECT_EQ(killed.exit_code, 2) << killed.output;
  EXPECT_SAYS(killed.errors, "No host runs in the directory " + directory_ / "host");
  EXPECT_SAYS(killed.errors, page.substr(0, page.find("/#")) + " was killed");

  HostProcess next(run(kNowhere));
  EXPECT_NE(next.place("page"), page);
  EXPECT_EQ(run_to_end(ask).exit_code, 1);
  EXPECT_EQ(next.interrupt(), 0);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "host/api-address"));
}

}  // namespace
}  // namespace patchbay::test
