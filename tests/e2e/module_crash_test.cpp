// A module that ends the process: what it leaves, and that the host does not end again and again.
#include <gtest/gtest.h>

#include <filesystem>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kModules = PATCHBAY_BINARY_DIR "/tests/plugins/modules";

/// PostgreSQL, sync service and backend of a host whose only pattern is a good one.
class ModuleCrash : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = std::make_unique<TemporaryDirectory>();
    server_ =
        std::make_unique<HostProcess>(run_in(*shared_ / "server", {"--pattern", "optimistic"}),
                                      HostProcess::Environment{{"PATCHBAY_ELECTRIC_SECRET", "hush"},
                                                               {"PATCHBAY_BACKEND_TOKEN", "hush"}});
  }
  static void TearDownTestSuite() {
    server_.reset();
    shared_.reset();
  }

  /// The address alone.
  static std::string place(const std::string& name) {
    const std::string said = server_->place(name);
    return said.substr(0, said.find(' '));
  }
  /// A host with the pattern `bad`, that ends the process so, and a good one beside it.
  [[nodiscard]] HostProcess host(const std::string& step, const std::string& how) const {
    return host_of(
        "[[pattern]]\nname = \"optimistic\"\n[[pattern]]\nname = \"bad\"\n"
        "module = \"crash\"\nsettings = { crash_in = \"" +
        step + "\", how = \"" + how + "\" }\n");
  }
  [[nodiscard]] HostProcess host_of(const std::string& patterns) const {
    const std::string config = directory_.file("host.toml", patterns);
    return HostProcess(run_in(directory_ / "host",
                              {"--config", config, "--plugin-path", kModules, "--electric-url",
                               place("sync service"), "--electric-secret", "hush", "--backend-url",
                               place("backend"), "--backend-token", "hush"}));
  }
  /// Runs it to its end, with a write where it takes that.
  [[nodiscard]] std::string last_words(const std::string& step, const std::string& how) {
    HostProcess process = host(step, how);
    if (step == "on_write") {
      LocalApi api(process.place("page"));
      EXPECT_TRUE(eventually([&] {
        api.write("bad", R"("operation":"delete","table":"todos","key":{"id":")"
                         R"(0190aaaa-0000-7000-8000-000000000001"})");
        return process.exit_code(std::chrono::milliseconds(0)) != -1;
      }));
    }
    EXPECT_NE(process.exit_code(std::chrono::seconds(30)), 0) << process.output();
    return process.errors();
  }

  TemporaryDirectory directory_;
  inline static std::unique_ptr<TemporaryDirectory> shared_;
  inline static std::unique_ptr<HostProcess> server_;
};

TEST_F(ModuleCrash, LeavesALineWhateverItDoes) {
  const std::pair<const char*, const char*> ways[] = {
      {"segv", "SIGSEGV"},      {"abort", "SIGABRT"},
      {"exit", "exit()"},       {"quick_exit", "quick_exit()"},
      {"terminate", "SIGABRT"}, {"overflow", "SIGSEGV"}};
  for (const char* step : {"start", "on_batch", "on_write"}) {
    for (const auto& [how, cause] : ways) {
      std::filesystem::remove_all(directory_ / "host/crashes");
      const std::string line = std::string("patchbay: The pattern \"bad\" ended the process: ") +
                               cause + " in " + step + " of the module " + kModules + "/crash.so.";
      const std::string said = last_words(step, how);
      EXPECT_NE(said.find(line), std::string::npos) << how << " in " << step << ": " << said;
    }
  }
}

TEST_F(ModuleCrash, OnAThreadOfItsOwnLeavesALineWithTheModules) {
  for (const auto& [how, cause] : {std::pair{"thread", "SIGSEGV"}, {"thread_exit", "exit()"}}) {
    const std::string said = last_words("on_batch", how);
    EXPECT_NE(said.find(std::string("patchbay: The process ended: ") + cause +
                        " on a thread that is in no step of a pattern. Modules that are loaded:"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find(std::string(" \"bad\" ") + kModules + "/crash.so"), std::string::npos)
        << said;
    EXPECT_FALSE(std::filesystem::exists(directory_ / "host/crashes/bad")) << "nobody knows whose";
  }
}

TEST_F(ModuleCrash, IsNotRepeatedAfterTheSecondTimeInARow) {
  for (int time = 1; time <= 2; ++time) EXPECT_NE(last_words("on_batch", "segv"), "");
  {
    HostProcess third = host("on_batch", "segv");
    LocalApi api(third.place("page"));
    EXPECT_TRUE(
        eventually([&] { return api.get("/api/patterns/optimistic/rows/todos").status == 200; }));
    const Answer bad = api.get("/api/patterns/bad/rows/todos");
    EXPECT_EQ(bad.status, 503);
    const std::string why = bad.body.dump();
    for (const char* part :
         {"2 times in a row", "in on_batch, by SIGSEGV", "`patchbay swap bad crash`"}) {
      EXPECT_NE(why.find(part), std::string::npos) << why;
    }
    EXPECT_NE(third.errors().find("patchbay swap bad crash"), std::string::npos);
    const Ended status = run_to_end({"status", "--directory", directory_ / "host"});
    EXPECT_EQ(status.exit_code, 1);
    EXPECT_NE(status.output.find("times in a row"), std::string::npos) << status.output;
    const Ended other = run_to_end({"swap", "bad", "online", "--directory", directory_ / "host"});
    EXPECT_EQ(other.exit_code, 0) << other.errors;
    EXPECT_TRUE(eventually([&] { return api.get("/api/patterns/bad/rows/todos").status == 200; }));
    EXPECT_EQ(third.interrupt(), 0);
  }
  HostProcess fourth = host("on_batch", "none");
  EXPECT_NE(fourth.place("page"), "");
  EXPECT_EQ(fourth.interrupt(), 0);
}

TEST_F(ModuleCrash, IsTriedAgainOnDemandAndCountsThenToo) {
  for (int time = 1; time <= 2; ++time) EXPECT_NE(last_words("start", "exit"), "");
  HostProcess third = host("start", "exit");
  EXPECT_NE(third.place("page"), "");
  const Ended again = run_to_end({"swap", "bad", "crash", "--directory", directory_ / "host"});
  EXPECT_NE(again.exit_code, 0) << again.output;
  EXPECT_NE(third.exit_code(), 0);
  HostProcess fourth = host("start", "exit");
  LocalApi api(fourth.place("page"));
  const std::string why = api.get("/api/patterns/bad/rows/todos").body.dump();
  EXPECT_NE(why.find("3 times in a row"), std::string::npos) << why;
  EXPECT_EQ(fourth.interrupt(), 0);
}

TEST_F(ModuleCrash, IsTriedAgainWhereItIsAdded) {
  for (int time = 1; time <= 2; ++time) EXPECT_NE(last_words("on_batch", "segv"), "");
  HostProcess third = host_of("[[pattern]]\nname = \"optimistic\"\n");
  LocalApi api(third.place("page"));
  ASSERT_TRUE(eventually([&] { return api.get("/ready").status == 200; })) << third.errors();
  const Ended added = run_to_end({"add", "bad", "crash", "--directory", directory_ / "host"});
  EXPECT_EQ(added.exit_code, 0) << added.errors;
  EXPECT_TRUE(eventually([&] { return api.get("/api/patterns/bad/rows/todos").status == 200; }));
  EXPECT_EQ(api.get("/api/patterns/optimistic/rows/todos").status, 200);
  EXPECT_EQ(api.get("/ready").status, 200) << api.get("/ready").body;
  EXPECT_EQ(third.interrupt(), 0);
}

TEST_F(ModuleCrash, DoesNotCountWhatEndsTheHostOtherwise) {
  for (int time = 1; time <= 3; ++time) {
    HostProcess process = host("none", "none");
    EXPECT_NE(process.place("page"), "");
    process.signal(time == 1 ? SIGSEGV : SIGKILL);
    EXPECT_GT(process.exit_code(), 128);
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ / "host/crashes/bad"));
}

}  // namespace
}  // namespace patchbay::test
