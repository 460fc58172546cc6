// As many requests as may wait, and one more, over real connections.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "embedded/tuning.hpp"
#include "integration/net/raw_peer.hpp"
#include "net/descriptor_limit.hpp"
#include "sync_fixture.hpp"

namespace patchbay::test {
namespace {

class SyncWaiting : public SyncTest {
 protected:
  SyncWaiting() {
    net::raise_descriptor_limit();  // the clients are in this process too
    options_.long_poll_ms = 60'000;
    sql_.run("create table items (id int primary key, title text)");
  }

  /// Connections that each wait for a change of the table behind `before`.
  std::vector<RawPeer> wait_for(const net::HttpResponse& before, std::size_t count) {
    std::vector<RawPeer> peers;
    const std::string request =
        "GET " + next("items", before, "&live=true") + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    while (peers.size() < count) {
      peers.emplace_back(service_->port());
      if (!peers.back().send(request)) throw std::runtime_error("The service took no request.");
    }
    return peers;
  }
  /// How often each status came.
  static std::map<std::string, int> statuses(std::vector<RawPeer>& peers) {
    std::map<std::string, int> found;
    for (auto& peer : peers) ++found[peer.read_answer().substr(0, 3)];
    return found;
  }
};

TEST_F(SyncWaiting, KeepsAsManyAsItSaysAndRefusesEveryOther) {
  using Statuses = std::map<std::string, int>;
  constexpr int kWaiting = static_cast<int>(embedded::tuning::kParkedRequestsMax);
  constexpr int kMore = 2 * static_cast<int>(embedded::tuning::kSpareConnections);
  start();
  const auto first = get("/v1/shape?table=items&offset=-1");
  auto waiting = wait_for(first, kWaiting);
  ASSERT_TRUE(eventually([&] { return get("/v1/shape?table=items&offset=-1").status == 503; }));
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_EQ(get("/v1/health").status, 200);
  auto refused = wait_for(first, kMore);
  EXPECT_EQ(statuses(refused), (Statuses{{"503", kMore}}));
  EXPECT_EQ(get("/health").status, 200);
  refused.clear();
  sql_.run("insert into items values (1, 'one')");
  EXPECT_EQ(statuses(waiting), (Statuses{{"200", kWaiting}}));
  waiting.clear();
  EXPECT_TRUE(eventually([&] { return get("/v1/shape?table=items&offset=-1").status == 200; }));
}

TEST_F(SyncWaiting, GivesThePlaceOfACallerThatVanishedToTheNext) {
  constexpr std::size_t kWaiting = embedded::tuning::kParkedRequestsMax;
  start();
  const auto first = get("/v1/shape?table=items&offset=-1");
  for (int round = 0; round < 3; ++round) {
    auto waiting = wait_for(first, kWaiting);
    ASSERT_TRUE(eventually([&] { return get("/v1/shape?table=items&offset=-1").status == 503; }));
    waiting.clear();
    ASSERT_TRUE(eventually([&] { return get("/v1/shape?table=items&offset=-1").status == 200; }));
  }
}

}  // namespace
}  // namespace patchbay::test
