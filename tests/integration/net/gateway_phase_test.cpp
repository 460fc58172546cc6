// A request of the write gateway that fails, phase by phase, over real sockets: only one that never
// left is never sent; anything later is in doubt, as the backend may have applied the write.
#include <gtest/gtest.h>

#include <future>

#include "integration/net/resetting_server.hpp"
#include "integration/net/write_samples.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay::test {
namespace {

/// The verdict on a lone write with that much text, sent to `url`.
Unknown verdict_at(const std::string& url, std::size_t text_bytes = 1) {
  auto gateway = make_rest_gateway({url, "", std::chrono::milliseconds(2'000)});
  if (!gateway) return {"The URL was refused.", {}, false, false, false};
  std::promise<std::vector<Verdict>> promise;
  auto future = promise.get_future();
  (*gateway)->send({outgoing(1, {insert_of("a", {{"title", std::string(text_bytes, 'x')}})})},
                   [&promise](std::vector<Verdict> verdicts, std::int64_t) {
                     promise.set_value(std::move(verdicts));
                   });
  const std::vector<Verdict> verdicts = future.get();
  const auto* unknown = verdicts.empty() ? nullptr : std::get_if<Unknown>(&verdicts.front());
  if (unknown == nullptr) return {"There was a verdict.", {}, false, false, true};
  return *unknown;
}

TEST(GatewayPhase, ARefusedConnectionWasNeverSent) {
  std::string url;
  { url = ResettingServer(ResetAfter::head).url(); }
  const Unknown verdict = verdict_at(url);
  EXPECT_TRUE(verdict.never_sent) << verdict.reason;
  EXPECT_FALSE(verdict.server_answered);
}

TEST(GatewayPhase, AHostWithoutAnAddressWasNeverSent) {
  const Unknown verdict = verdict_at("http://no-such-host.invalid");
  EXPECT_TRUE(verdict.never_sent) << verdict.reason;
}

TEST(GatewayPhase, AHostWithoutARouteWasNeverSent) {
  const Unknown verdict = verdict_at("http://255.255.255.255:9");
  EXPECT_TRUE(verdict.never_sent) << verdict.reason;
  EXPECT_NE(verdict.reason.find("unreachable"), std::string::npos) << verdict.reason;
}

TEST(GatewayPhase, AResetAfterTheHeadIsInDoubt) {
  ResettingServer server(ResetAfter::head);
  const Unknown verdict = verdict_at(server.url(), 4U << 20U);
  EXPECT_FALSE(verdict.never_sent) << verdict.reason;
  EXPECT_FALSE(verdict.server_answered) << verdict.reason;
  EXPECT_EQ(server.resets(), 1);
}

TEST(GatewayPhase, AResetAfterTheBodyIsInDoubt) {
  ResettingServer server(ResetAfter::body);
  const Unknown verdict = verdict_at(server.url());
  EXPECT_FALSE(verdict.never_sent) << verdict.reason;
  EXPECT_FALSE(verdict.server_answered) << verdict.reason;
  EXPECT_EQ(server.resets(), 1);
}

TEST(GatewayPhase, ASilentServerIsInDoubt) {
  ResettingServer server(ResetAfter::never);
  const Unknown verdict = verdict_at(server.url());
  EXPECT_FALSE(verdict.never_sent) << verdict.reason;
}

}  // namespace
}  // namespace patchbay::test
