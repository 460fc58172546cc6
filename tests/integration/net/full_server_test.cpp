// A server with as many connections as it takes: every further one gets an answer, and `/health`
// the one it always gets. Also where the process may have few descriptors.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <map>
#include <vector>

#include "integration/net/echo_server.hpp"
#include "integration/net/raw_peer.hpp"
#include "net/descriptor_limit.hpp"
#include "net/tuning.hpp"

namespace patchbay::test {
namespace {

constexpr std::string_view kGetEcho = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kGetHealth = "GET /health?full=1 HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kPost =
    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";

/// Sets the soft limit of descriptors until the end.
class SoftLimit {
 public:
  explicit SoftLimit(rlim_t soft) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{soft, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~SoftLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  SoftLimit(const SoftLimit&) = delete;
  SoftLimit& operator=(const SoftLimit&) = delete;

 private:
  rlimit before_{};
};

/// Connections that the server answers and keeps, of `wanted` that ask; the last of them was
/// refused unless all were kept.
std::vector<RawPeer> fill(std::uint16_t port, std::size_t wanted) {
  std::vector<RawPeer> peers;
  while (peers.size() < wanted) {
    peers.emplace_back(port);
    peers.back().send(kGetEcho);
    if (peers.back().read_answer() != "200 GET /echo ") break;
  }
  return peers;
}

/// How often each status came for requests that are sent all at one time.
std::map<std::string, int> answers_to(std::uint16_t port, std::string_view request, int count) {
  std::vector<RawPeer> peers;
  for (int index = 0; index < count; ++index) {
    peers.emplace_back(port);
    peers.back().send(request);
  }
  std::map<std::string, int> answers;
  for (auto& peer : peers) {
    ++answers[peer.read_answer().substr(0, 3)];
    peer.close();
  }
  return answers;
}

TEST(FullServer, AnswersHealthAndRefusesTheRestWithoutDroppingAnyone) {
  using Answers = std::map<std::string, int>;
  net::HttpServerOptions options;
  options.connections_max = 4;
  const EchoServer echo(options);
  const auto kept = fill(echo.port(), 4);
  constexpr int kMany = 2 * static_cast<int>(tuning::kSurplusConnectionsMax) + 50;
  EXPECT_EQ(answers_to(echo.port(), kGetEcho, kMany), (Answers{{"503", kMany}}));
  EXPECT_EQ(answers_to(echo.port(), kPost, 3), (Answers{{"503", 3}}));
  EXPECT_EQ(answers_to(echo.port(), kGetHealth, kMany), (Answers{{"200", kMany}}));
  EXPECT_EQ(answers_to(echo.port(), "nonsense\r\n\r\n", 3), (Answers{{"400", 3}}));
}

TEST(FullServer, TakesOneRequestOfAConnectionAboveTheLimit) {
  net::HttpServerOptions options;
  options.connections_max = 1;
  const EchoServer echo(options);
  const auto kept = fill(echo.port(), 1);
  RawPeer peer(echo.port());
  peer.send(std::string(kGetHealth) + std::string(kGetHealth));
  EXPECT_EQ(peer.read_answer(), "200 GET /health ");
  EXPECT_EQ(peer.read_all(), "");
}

TEST(FullServer, TellsAConnectionThatSaysNothing) {
  net::HttpServerOptions options;
  options.connections_max = 1;
  const EchoServer echo(options);
  const auto kept = fill(echo.port(), 1);
  RawPeer silent(echo.port());
  RawPeer half(echo.port());
  half.send("GET /echo HTTP/1.1\r\nHo");
  EXPECT_EQ(silent.read_answer().substr(0, 3), "503");
  EXPECT_EQ(half.read_answer().substr(0, 3), "503");
}

TEST(FullServer, NeverNeedsADescriptorThatThereIsNot) {
  const SoftLimit few(600);
  const EchoServer echo;
  const auto kept = fill(echo.port(), 200);
  EXPECT_EQ(kept.size(), net::connections_within(1'024, 600) + 1);  // and one that was refused
  EXPECT_EQ(answers_to(echo.port(), kGetHealth, 20), (std::map<std::string, int>{{"200", 20}}));
}

TEST(DescriptorLimit, DividesWhatThereIs) {
  constexpr std::size_t kWanted = tuning::kDescriptorsWanted;
  EXPECT_EQ(net::connections_within(2'048, SIZE_MAX), 2'048U);
  EXPECT_EQ(net::connections_within(2'048, kWanted), 2'048U);
  EXPECT_EQ(net::connections_within(2'048, kWanted / 2), 1'024U);
  EXPECT_EQ(net::connections_within(256, kWanted / 8), 32U);
  EXPECT_EQ(net::connections_within(256, 3), tuning::kConnectionsSure);
  EXPECT_EQ(net::connections_within(4, 3), 4U);
}

/// Each in a process of its own, which ends: a hard limit that was lowered stays low.
TEST(DescriptorLimitDeathTest, IsRaisedAsFarAsTheSystemAllows) {
  const auto raised_from = [](rlim_t soft, rlim_t hard) {
    const rlimit limit{soft, hard};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) std::exit(2);
    net::raise_descriptor_limit();
    const std::size_t expected =
        std::max<std::size_t>(soft, std::min<std::size_t>(hard, tuning::kDescriptorsWanted));
    std::exit(net::descriptor_limit() == expected ? 0 : 1);
  };
  rlimit own{};
  ::getrlimit(RLIMIT_NOFILE, &own);
  EXPECT_EXIT(raised_from(512, 512), testing::ExitedWithCode(0),
              "no more than 512 files and connections open.*6 % of.*LimitNOFILE");
  EXPECT_EXIT(raised_from(300, 700), testing::ExitedWithCode(0), "no more than 700 files");
  if (own.rlim_max < tuning::kDescriptorsWanted) return;
  EXPECT_EXIT(raised_from(512, own.rlim_max), testing::ExitedWithCode(0), "^$");
  EXPECT_EXIT(raised_from(own.rlim_max, own.rlim_max), testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace patchbay::test
