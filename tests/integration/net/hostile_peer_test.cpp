// Hostile peers: each bound of the server is met by a peer that goes past it.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "integration/net/echo_server.hpp"
#include "integration/net/raw_peer.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kGet = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";

net::HttpServerOptions impatient() {
  net::HttpServerOptions options;
  options.header_timeout = milliseconds(150);
  options.body_timeout = milliseconds(150);
  options.idle_timeout = milliseconds(150);
  return options;
}

/// The status of what comes back for these bytes, and whether the connection ended: "400 closed".
std::string fate(std::uint16_t port, std::string_view bytes) {
  RawPeer peer(port);
  peer.send(bytes);
  const std::string all = peer.read_all();
  const bool ended = !all.ends_with("…");
  return (all.size() < 12 ? "nothing" : all.substr(9, 3)) + (ended ? " closed" : " open");
}

std::string post_with(std::string_view fields, std::string_view body = "") {
  return "POST /echo HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n\r\n" +
         std::string(body);
}

/// Sends `bytes` one by one, waiting a little after each, until the server says something.
void dribble(RawPeer& peer, std::string_view bytes) {
  for (const char byte : bytes) {
    if (!peer.send({&byte, 1}) || peer.hears_within(milliseconds(10))) return;
  }
}

TEST(HostilePeer, CannotHoldAConnectionWithASlowHeader) {
  const EchoServer echo(impatient());
  RawPeer peer(echo.port());
  dribble(peer, "GET /echo HTTP/1.1\r\nX: " + std::string(900, 'a'));
  const std::string answer = peer.read_all();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 408") << answer;
}

TEST(HostilePeer, CannotHoldAConnectionWithASlowBody) {
  net::HttpServerOptions options;
  options.body_timeout = milliseconds(150);
  const EchoServer echo(options);
  for (const char* fields : {"Content-Length: 900", "Transfer-Encoding: chunked"}) {
    RawPeer peer(echo.port());
    peer.send(post_with(fields, "384\r\n"));
    dribble(peer, std::string(900, 'a'));
    const std::string answer = peer.read_all();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 408") << answer;
  }
}

TEST(HostilePeer, IsLetGoWhenItSaysNothing) {
  const EchoServer echo(impatient());
  EXPECT_EQ(fate(echo.port(), ""), "nothing closed");
  EXPECT_EQ(fate(echo.port(), "\r\n\r\n\r\n"), "nothing closed");
  EXPECT_EQ(fate(echo.port(), kGet), "200 closed");
}

TEST(HostilePeer, CannotSendEndlessHeaders) {
  const EchoServer echo;
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
  std::string many = start;
  for (int index = 0; index < 2'000; ++index) many += "X-" + std::to_string(index) + ": y\r\n";
  EXPECT_EQ(fate(echo.port(), many + "\r\n"), "431 closed");
  EXPECT_EQ(fate(echo.port(), start + "X: " + std::string(20'000, 'a') + "\r\n\r\n"), "431 closed");
  EXPECT_EQ(fate(echo.port(), start + "X: " + std::string(20'000, 'a')), "431 closed");
  EXPECT_EQ(fate(echo.port(), "GET /" + std::string(20'000, 'a')), "431 closed");
  EXPECT_EQ(fate(echo.port(), std::string(20'000, 'a')), "431 closed");
}

TEST(HostilePeer, GetsAHeaderJustInsideTheBoundThrough) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send("GET /echo HTTP/1.1\r\nHost: x\r\nX: " + std::string(16'000, 'a') + "\r\n\r\n");
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
}

TEST(HostilePeer, CannotLieAboutItsLength) {
  const EchoServer echo;
  const auto fate_of = [&](std::string_view fields) {
    return fate(echo.port(), post_with(fields));
  };
  EXPECT_EQ(fate_of("Content-Length: -1"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: +5"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: 0x5"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: five"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length:"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: 18446744073709551616"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: 99999999999999999999999999999"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: 18446744073709551615"), "413 closed");
  EXPECT_EQ(fate_of("Content-Length: 1001"), "413 closed");
  EXPECT_EQ(fate_of("Content-Length: 5\r\nContent-Length: 6"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: 5\r\nContent-Length: 5"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: 5, 5"), "400 closed");
  EXPECT_EQ(fate_of("Content-Length: 5\r\nTransfer-Encoding: chunked"), "400 closed");
  EXPECT_EQ(fate_of("Transfer-Encoding: chunked\r\nContent-Length: 5"), "400 closed");
}

TEST(HostilePeer, CannotHideABodyInAnEncoding) {
  const EchoServer echo;
  for (const char* encoding : {"gzip, chunked", "chunked, gzip", "identity", "xchunked"}) {
    const std::string fields = "Transfer-Encoding: " + std::string(encoding);
    EXPECT_EQ(fate(echo.port(), post_with(fields)), "501 closed") << encoding;
  }
  EXPECT_EQ(fate(echo.port(), post_with("Content-Length: 2\r\nExpect: miracles")), "417 closed");
}

TEST(HostilePeer, CannotSendMoreInChunksThanIsTaken) {
  const EchoServer echo;
  const std::string fields = "Transfer-Encoding: chunked";
  std::string many;
  for (int index = 0; index < 300; ++index) many += "4\r\nabcd\r\n";
  EXPECT_EQ(fate(echo.port(), post_with(fields, many)), "413 closed");
  EXPECT_EQ(fate(echo.port(), post_with(fields, "3e9\r\n")), "413 closed");
  EXPECT_EQ(fate(echo.port(), post_with(fields, "ffffffffffffffff\r\n")), "413 closed");
  for (const char* bad : {"xyz\r\n\r\n", "-1\r\n\r\n", "10000000000000000\r\n\r\n",
                          "3\r\nabcd\r\n0\r\n\r\n", "\r\n\r\n\r\n"}) {
    EXPECT_EQ(fate(echo.port(), post_with(fields, bad)), "400 closed") << bad;
  }
  const std::string filler(40'000, 'a');
  EXPECT_EQ(fate(echo.port(), post_with(fields, "1;x=" + filler)), "431 closed");
  EXPECT_EQ(fate(echo.port(), post_with(fields, "0\r\nX: " + filler)), "431 closed");
}

TEST(HostilePeer, CannotChangeTheRequestInItsTrailer) {
  net::HttpHeaders seen;
  auto server = net::start_http_server({}, [&seen](const auto& request, const auto& reply) {
    seen = request->headers;
    reply->send({});
  });
  ASSERT_TRUE(server);
  RawPeer peer((*server)->port());
  peer.send(post_with("Transfer-Encoding: chunked",
                      "1\r\na\r\n0\r\nAuthorization: Bearer me\r\nHost: y\r\n\r\n"));
  EXPECT_EQ(peer.read_answer(), "200 ");
  EXPECT_EQ(seen.find("authorization"), nullptr);
  EXPECT_EQ(seen.get("host"), "x");
}

TEST(HostilePeer, IsToldThatGarbageIsNotARequest) {
  const EchoServer echo;
  using namespace std::string_literals;
  for (const std::string& garbage :
       {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03garbage\r\n\r\n"s, "GET\r\n\r\n"s,
        "GET /\r\n\r\n"s, "GET / HTTP/1.1\n\n\r\n\r\n"s, "GET / HTTP/9.9\r\n\r\n"s,
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s, "GET / HTTP/1.1\r\nHost x\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n"s, "G\0T / HTTP/1.1\r\n\r\n"s,
        "GET / HTTP/1.1\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"s,
        "GET echo HTTP/1.1\r\nHost: x\r\n\r\n"s, "GET * HTTP/1.1\r\nHost: x\r\n\r\n"s}) {
    EXPECT_EQ(fate(echo.port(), garbage), "400 closed") << garbage;
  }
  RawPeer peer(echo.port());
  peer.send(kGet);
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
}

TEST(HostilePeer, ReadsItsRefusalThoughItContinuesToSend) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(post_with("Content-Length: 50000000"));
  std::thread sender([&] { peer.send(std::string(20U << 20U, 'x')); });
  const std::string answer = peer.read_answer();
  sender.join();
  EXPECT_EQ(answer.substr(0, 3), "413");
}

TEST(HostilePeer, CannotTakeMoreConnectionsThanThereAre) {
  net::HttpServerOptions options;
  options.connections_max = 4;
  const EchoServer echo(options);
  std::vector<RawPeer> peers;
  for (int index = 0; index < 4; ++index) {
    peers.emplace_back(echo.port());
    peers.back().send(kGet);
    EXPECT_EQ(peers.back().read_answer(), "200 GET /echo ");
  }
  for (int index = 0; index < 3; ++index) EXPECT_EQ(fate(echo.port(), kGet), "503 closed");
  peers.pop_back();
  const auto end = Clock::now() + std::chrono::seconds(5);
  std::string answer = "503";
  while (answer.starts_with("503") && Clock::now() < end) {
    RawPeer peer(echo.port());
    peer.send(kGet);
    answer = peer.read_answer();
  }
  EXPECT_EQ(answer, "200 GET /echo ");
  peers.front().send(kGet);
  EXPECT_EQ(peers.front().read_answer(), "200 GET /echo ");
}

TEST(HostilePeer, CannotTakeTheServerDownWithAFlood) {
  net::HttpServerOptions options;
  options.connections_max = 8;
  const EchoServer echo(options);
  for (int round = 0; round < 3; ++round) {
    std::vector<RawPeer> flood;
    for (int index = 0; index < 200; ++index) flood.emplace_back(echo.port());
  }
  const auto end = Clock::now() + std::chrono::seconds(5);
  std::string answer;
  while (answer != "200 GET /echo " && Clock::now() < end) {
    RawPeer peer(echo.port());
    peer.send(kGet);
    answer = peer.read_answer();
  }
  EXPECT_EQ(answer, "200 GET /echo ");
}

TEST(HostilePeer, CannotPileUpRequestsBehindAParkedOne) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto reply = echo.parked->take();
  constexpr int kRequests = 20'000;
  std::thread sender([&] {
    std::string many;
    for (int index = 0; index < kRequests; ++index) many += kGet;
    peer.send(many);
  });
  reply->send({200, {}, "parked"});
  EXPECT_EQ(peer.read_answer(), "200 parked");
  int answered = 0;
  while (answered < kRequests && peer.read_answer() == "200 GET /echo ") ++answered;
  sender.join();
  EXPECT_EQ(answered, kRequests);
}

TEST(HostilePeer, IsCutOffWhenItDoesNotReadItsStream) {
  net::HttpServerOptions options;
  options.stream_backlog_bytes_max = 256U << 10U;
  const EchoServer echo(options);
  RawPeer peer(echo.port(), 4'096);
  peer.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto reply = echo.parked->take();
  const std::string chunk(8'192, 'x');
  int written = 0;
  while (written < 10'000 && reply->write(chunk)) ++written;
  EXPECT_LT(written, 10'000);
  EXPECT_TRUE(echo.parked->wait_closed(1));
  EXPECT_TRUE(reply->closed());
  EXPECT_FALSE(reply->write(chunk));
}

TEST(HostilePeer, IsCutOffWhenItReadsNothingOfALargeAnswer) {
  const auto options = impatient();
  auto server = net::start_http_server(options, [](const auto&, const auto& reply) {
    reply->send({200, {}, std::string(32U << 20U, 'x')});
  });
  ASSERT_TRUE(server);
  RawPeer peer((*server)->port(), 4'096);
  peer.send(kGet);
  EXPECT_TRUE(eventually([&peer] { return !peer.send("x"); }));
}

TEST(HostilePeer, CannotHoldAStreamWithoutReading) {
  const EchoServer echo(impatient());
  RawPeer peer(echo.port(), 4'096);
  peer.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto reply = echo.parked->take();
  reply->write(std::string(4'000'000, 'x'));
  EXPECT_TRUE(echo.parked->wait_closed(1));
}

TEST(HostilePeer, FindsNoBytesThatBreakTheServer) {
  const EchoServer echo(impatient());
  std::mt19937 random(20'240'607);
  const auto below = [&random](std::size_t end) { return random() % end; };
  const std::vector<std::string> seeds{
      std::string(kGet) + std::string(kGet), post_with("Content-Length: 5", "hello"),
      post_with("Transfer-Encoding: chunked", "3\r\nabc\r\n1;a=b\r\nd\r\n0\r\nT: u\r\n\r\n")};
  for (int round = 0; round < 600; ++round) {
    std::string bytes = seeds[below(seeds.size())];
    for (std::size_t change = below(4) + 1; change > 0; --change) {
      const std::size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes.erase(at, below(8));
          break;
        case 2:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(30)));
          break;
        default:
          bytes.insert(at, 1, "\r\n:; 0"[below(6)]);
      }
      if (bytes.empty()) bytes = "x";
    }
    RawPeer peer(echo.port());
    const std::size_t cut = below(bytes.size() + 1);
    peer.send(std::string_view(bytes).substr(0, cut));
    peer.send(std::string_view(bytes).substr(cut));
  }
  RawPeer peer(echo.port());
  peer.send(kGet);
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
}

}  // namespace
}  // namespace patchbay::test
