// A module that does not return from a step: what verbs say of it, and that the host ends in time
// with a swap of it under way.
#include <gtest/gtest.h>
#include <signal.h>

#include <future>
#include <memory>
#include <string>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "net/http_client.hpp"
#include "support/eventually.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

/// A host whose pattern `bad` hangs in on_write.
class HangingModule : public testing::Test {
 protected:
  HangingModule()
      : process_(run_in(directory_ / "host", {"--config", config(), "--plugin-path",
                                              PATCHBAY_BINARY_DIR "/tests/plugins/modules"})),
        api_(process_.place("page")) {}
  void SetUp() override {
    ASSERT_TRUE(eventually([&] { return api_.get("/ready").status == 200; })) << process_.errors();
    writer_ = std::async(std::launch::async, [place = process_.place("page")] {
      return LocalApi(place).write("bad", R"("operation":"insert","table":"todos","value":{"id":)"
                                          R"("0190aaaa-0000-7000-8000-000000000001","title":"a"})");
    });
    ASSERT_TRUE(eventually(
        [&] { return process_.errors().find("has been in on_write") != std::string::npos; }));
  }
  [[nodiscard]] std::string config() const {
    return directory_.file("host.toml",
                           "[[pattern]]\nname = \"optimistic\"\n[[pattern]]\nname = \"bad\"\n"
                           "module = \"crash\"\nsettings = { crash_in = \"on_write\", how = "
                           "\"hang\" }\n");
  }
  [[nodiscard]] HostProcess::Arguments here(HostProcess::Arguments verb) const {
    verb.insert(verb.end(), {"--directory", directory_ / "host"});
    return verb;
  }
  /// The output of the verb where it fails, however long that takes.
  [[nodiscard]] std::string refusal_of(const HostProcess::Arguments& verb) const {
    HostProcess process(here(verb));
    EXPECT_EQ(process.exit_code(std::chrono::minutes(1)), 1) << process.output();
    return process.errors();
  }

  std::string metrics() {
    net::HttpRequest request;
    const std::string page = process_.place("page");
    request.url = page.substr(0, page.find(' ')) + "/metrics";
    std::promise<std::string> told;
    http_->send(std::move(request),
                [&told](auto answer) { told.set_value(answer ? answer->body : ""); });
    return told.get_future().get();
  }

  std::unique_ptr<net::HttpClient> http_ = net::make_http_client();
  TemporaryDirectory directory_;
  std::future<Answer> writer_;  // ends with the host
  HostProcess process_;
  LocalApi api_;
};

TEST_F(HangingModule, IsNamedByWhatCannotReplaceOrEndIt) {
  EXPECT_NE(refusal_of({"remove", "bad"}).find("has been in on_write"), std::string::npos);
  EXPECT_NE(refusal_of({"remove", "bad"}).find("give --force"), std::string::npos);
  const std::string swapped = refusal_of({"swap", "bad", "optimistic"});
  EXPECT_NE(swapped.find("has been in on_write"), std::string::npos) << swapped;
  EXPECT_NE(swapped.find("end the host and start it again"), std::string::npos) << swapped;
  EXPECT_EQ(run_to_end(here({"swap", "optimistic", "online"})).exit_code, 0)
      << "others are changed meanwhile";
  const std::string removed = refusal_of({"remove", "bad", "--force"});
  EXPECT_NE(removed.find("is removed"), std::string::npos) << removed;
  EXPECT_NE(removed.find("has been in on_write"), std::string::npos) << removed;
  EXPECT_EQ(api_.get("/api/patterns/bad/rejected").status, 404);
  EXPECT_EQ(process_.interrupt(), 0) << process_.errors();
}

TEST_F(HangingModule, DelaysTheEndOfTheHostLittleWithASwapOfIt) {
  HostProcess swap(here({"swap", "bad", "optimistic"}));
  ASSERT_TRUE(eventually(
      [&] { return metrics().find("requests_total{route=\"module\"} 1") != std::string::npos; }));
  process_.signal(SIGTERM);
  EXPECT_EQ(process_.exit_code(std::chrono::seconds(8)), 0) << process_.errors();
  EXPECT_EQ(process_.errors().find("It ends as it is"), std::string::npos) << process_.errors();
  EXPECT_EQ(swap.exit_code(), 1);
}

}  // namespace
}  // namespace patchbay::test
