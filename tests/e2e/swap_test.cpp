// Modules change while the built `patchbay` runs and an app writes: nothing is lost, doubled or
// refused, and the old module leaves the process.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "integration/embedded/sql_session.hpp"
#include "support/eventually.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

class Swap : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    host_ = std::make_unique<HostProcess>(
        run_in(*directory_ / "host", {"--pattern", "notes=online", "--pattern", "immutable"}));
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  static void TearDownTestSuite() {
    api_.reset();
    host_.reset();
    directory_.reset();
  }
  void SetUp() override { ASSERT_TRUE(api_->is_ready("todos")); }

  static Ended swap(HostProcess::Arguments arguments) {
    arguments.insert(arguments.begin(), "swap");
    arguments.insert(arguments.end(), {"--directory", *directory_ / "host"});
    return run_to_end(arguments);
  }
  static std::string module_of_notes() {
    const Answer answer = api_->get("/api/patterns");
    for (const Json& pattern : answer.body.at("patterns")) {
      if (pattern.at("pattern") == "notes") return pattern.at("id");
    }
    return "none";
  }
  /// Copies of a plugin that the process has mapped.
  static bool is_mapped(const std::string& plugin) {
    std::ifstream maps("/proc/" + std::to_string(host_->id()) + "/maps");
    for (std::string line; std::getline(maps, line);) {
      if (line.find("memfd:" + plugin) != std::string::npos) return true;
    }
    return false;
  }
  static std::string insert(int number) {
    std::string digits = std::to_string(number);
    digits.insert(0, 12 - digits.size(), '0');
    return R"("operation":"insert","table":"todos","value":{"id":"0190aaaa-0000-7000-8000-)" +
           digits + R"(","title":"t)" + digits + "\"}";
  }

  inline static std::unique_ptr<TemporaryDirectory> directory_;
  inline static std::unique_ptr<HostProcess> host_;
  inline static std::unique_ptr<LocalApi> api_;
};

TEST_F(Swap, LosesAndDoublesNothingWhileAnAppWrites) {
  std::atomic<bool> enough{false};
  std::vector<std::string> ids;
  std::string refused;
  std::thread writer([&] {
    LocalApi app(host_->place("page"));
    for (int number = 1; !enough; ++number) {
      const Answer answer = app.write("notes", insert(number));
      if (answer.status != 200) refused += answer.body.dump();
      ids.push_back(write_id_of(answer));
    }
  });
  std::string printed;
  for (int round = 0; round < 3; ++round) {
    const Ended there = swap({"notes", "optimistic"});
    EXPECT_TRUE(there.output.starts_with("notes is now optimistic ")) << there.errors;
    EXPECT_FALSE(is_mapped("online"));
    const Ended back = swap({"notes", "--back"});
    EXPECT_TRUE(back.output.starts_with("notes is now online ")) << back.errors;
    EXPECT_FALSE(is_mapped("optimistic"));
    EXPECT_TRUE(is_mapped("online"));
  }
  enough = true;
  writer.join();
  EXPECT_EQ(refused, "");
  ASSERT_GT(ids.size(), 6U);
  for (const std::string& id : ids) {
    EXPECT_TRUE(api_->becomes("confirmed", "notes", id)) << id;
  }
  SqlSession sql(host_->place("database"));
  EXPECT_EQ(sql.value("SELECT count(*) FROM todos"), std::to_string(ids.size()));
  EXPECT_EQ(sql.value("SELECT count(*) FROM patchbay.outcomes"), std::to_string(ids.size()));
  EXPECT_EQ(api_->column("notes", "todos", "title"), api_->column("immutable", "todos", "title"));
}

TEST_F(Swap, RefusesWhatCannotReplaceAndContinues) {
  const std::string before = module_of_notes();
  const auto refused = [](const HostProcess::Arguments& arguments) {
    const Ended ended = swap(arguments);
    EXPECT_NE(ended.exit_code, 0);
    return ended.errors;
  };
  EXPECT_NE(refused({"notes", "nothing"}).find("There is no plugin \"nothing\""),
            std::string::npos);
  EXPECT_NE(refused({"immutable", "online"}).find("keeps its writes on disk"), std::string::npos);
  EXPECT_NE(refused({"immutable", "--back"}).find("has had no other module yet"),
            std::string::npos);
  EXPECT_NE(refused({"strangers", "online"}).find("strangers"), std::string::npos);
  EXPECT_NE(refused({"notes"}).find("swap needs a module"), std::string::npos);
  EXPECT_NE(refused({"notes", "/etc/passwd"}).find("/etc/passwd"), std::string::npos);
  EXPECT_EQ(module_of_notes(), before);
  EXPECT_FALSE(is_mapped("through-db"));
  EXPECT_TRUE(
      api_->becomes("confirmed", "notes", write_id_of(api_->write("notes", insert(999'999)))));
}

/// After the new store has committed what was handed over.
TEST_F(Swap, ContinuesWithTheOldModuleWhereTheRecordCannotBeWritten) {
  const std::string before = module_of_notes();
  const std::string in_the_way = *directory_ / "host/patterns/notes/module.new";
  std::filesystem::create_directories(in_the_way);
  const Ended refused = swap({"notes", "through-db"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.errors.find("holds the writes, but that cannot be stored: The record "),
            std::string::npos)
      << refused.errors;
  EXPECT_EQ(module_of_notes(), before);
  EXPECT_FALSE(is_mapped("through-db"));
  EXPECT_TRUE(
      api_->becomes("confirmed", "notes", write_id_of(api_->write("notes", insert(888'888)))));
  std::filesystem::remove(in_the_way);
  EXPECT_EQ(swap({"notes", "through-db"}).errors, "");
  EXPECT_EQ(module_of_notes(), "through-db");
  EXPECT_EQ(api_->column("notes", "todos", "title"), api_->column("immutable", "todos", "title"));
}

TEST(SwapWatch, SwapsInWhatIsBuiltAgainOnceItIsWhole) {
  const TemporaryDirectory directory;
  const std::filesystem::path plugins = PATCHBAY_BINARY_DIR "/lib/patchbay/plugins";
  const std::string module = directory / "mine.so";
  std::filesystem::copy_file(plugins / "online.so", module);
  HostProcess host(run_in(directory / "host", {"--watch", "--plugin-path", directory.path(),
                                               "--pattern", "notes=" + module}));
  LocalApi api(host.place("page"));
  ASSERT_TRUE(api.is_ready("todos"));
  const auto becomes = [&api](const std::string& id) {
    return eventually(
        [&] { return api.get("/api/patterns").body.at("patterns")[0].at("id") == id; });
  };
  EXPECT_TRUE(becomes("online"));

  std::ifstream built(plugins / "optimistic.so", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(built), {}};
  std::ofstream rebuilt(module, std::ios::binary);
  rebuilt.write(bytes.data(), 4'096).flush();  // as far as the linker has come
  EXPECT_TRUE(eventually([&host] {
    return host.errors().find("Not reloaded: ") != std::string::npos;
  })) << host.errors();
  EXPECT_TRUE(becomes("online"));
  rebuilt << bytes.substr(4'096) << std::flush;
  EXPECT_TRUE(becomes("optimistic")) << host.errors();

  std::filesystem::copy_file(plugins / "hello.so", directory / "next.so");
  std::filesystem::rename(directory / "next.so", module);
  EXPECT_TRUE(becomes("hello")) << host.errors();
  const std::string row = R"("operation":"insert","table":"todos","value":{"id":)"
                          R"("0190aaaa-0000-7000-8000-000000000001","title":"tea"})";
  EXPECT_TRUE(api.becomes("confirmed", "notes", write_id_of(api.write("notes", row))));
}

}  // namespace
}  // namespace patchbay::test
