// A durable pattern whose store is gone or empty at the start: what was unfinished there cannot
// come back, and the log says so.
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"

namespace patchbay::test {
namespace {

/// Places where nothing listens, so that no server has to be started.
constexpr const char* kNowhere = "http://127.0.0.1:1";

class LostStore : public testing::TestWithParam<const char*> {
 protected:
  /// The host's messages until it is ready, without what it cannot reach.
  std::string said_at_start() {
    HostProcess host(run_in(directory_ / "host", {"--pattern", pattern_, "--electric-url", kNowhere,
                                                  "--backend-url", kNowhere}));
    EXPECT_NE(host.place("page"), "");
    EXPECT_EQ(host.interrupt(), 0) << host.errors();
    return host.errors();
  }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return directory_ / ("host/patterns/" + pattern_ + "/" + name);
  }

  std::string pattern_ = GetParam();
  std::string words_ =
      "writes that were unfinished in it are lost, and its rows are fetched again.";
  TemporaryDirectory directory_;
};

TEST_P(LostStore, IsSaidInTheLog) {
  EXPECT_EQ(said_at_start().find(words_), std::string::npos) << "there was none";
  EXPECT_EQ(said_at_start().find(words_), std::string::npos) << "it is there";
  const std::filesystem::path store = file(pattern_ + ".db");
  ASSERT_TRUE(std::filesystem::exists(store));
  std::filesystem::resize_file(store, 0);
  const std::string empty = said_at_start();
  EXPECT_NE(empty.find("[" + pattern_ + "] The store " + store.string() +
                       ", which was used before, is gone or empty: " + words_),
            std::string::npos)
      << empty;
  std::filesystem::remove(store);
  std::filesystem::remove(store.string() + ".lease");
  const std::string gone = said_at_start();
  EXPECT_NE(gone.find("[" + pattern_ + "] The store of " + pattern_ + " in " +
                      store.parent_path().string() + " is gone: " + words_),
            std::string::npos)
      << gone;
}

INSTANTIATE_TEST_SUITE_P(Immutable, LostStore, testing::Values("immutable"));
INSTANTIATE_TEST_SUITE_P(ThroughDb, LostStore, testing::Values("through-db"));

}  // namespace
}  // namespace patchbay::test
