#include <gtest/gtest.h>

#include <thread>

#include "integration/net/echo_server.hpp"
#include "integration/net/raw_peer.hpp"

namespace patchbay::test {
namespace {

std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

TEST(HttpServer, AnswersSeveralRequestsOnOneConnection) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/echo?a=b"));
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
  peer.send(post("/echo", "hello"));
  EXPECT_EQ(peer.read_answer(), "200 POST /echo hello");
}

TEST(HttpServer, AnswersPipelinedRequestsInOrderWhileTheFirstIsParked) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/park") + post("/echo", "1") + post("/echo", "2") + get("/echo"));
  echo.parked->take()->send({200, {}, "parked"});
  EXPECT_EQ(peer.read_answer(), "200 parked");
  EXPECT_EQ(peer.read_answer(), "200 POST /echo 1");
  EXPECT_EQ(peer.read_answer(), "200 POST /echo 2");
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
}

TEST(HttpServer, ReadsARequestThatComesByteByByte) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  const std::string request =
      "\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
  const auto send_bytes = [&peer](std::string_view bytes) {
    for (const char byte : bytes) {
      peer.send({&byte, 1});
      if (peer.hears_within(std::chrono::milliseconds(1))) return;  // so that bytes come alone
    }
  };
  send_bytes(request);
  EXPECT_EQ(peer.read_answer(), "200 POST /echo abcde");
  const std::string empty =
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  send_bytes(empty);
  EXPECT_EQ(peer.read_answer(), "200 POST /echo ");
}

TEST(HttpServer, SplitsAndDecodesThePathButKeepsItsRawForm) {
  std::string seen;
  auto server = net::start_http_server({}, [&seen](const auto& request, const auto& reply) {
    seen = request->path + " ";
    for (const auto& segment : request->segments) seen += "[" + segment + "]";
    for (const auto& [name, value] : request->query) seen += name + "=" + value + ";";
    reply->send({});
  });
  ASSERT_TRUE(server);
  RawPeer peer((*server)->port());
  const auto ask = [&](std::string_view target) {
    peer.send(get(target));
    peer.read_answer();
    return seen;
  };
  EXPECT_EQ(ask("/"), "/ ");
  EXPECT_EQ(ask("/t/a%2Fb/c+d?x=1+2&x=%26"), "/t/a%2Fb/c+d [t][a/b][c+d]x=1 2;x=&;");
  EXPECT_EQ(ask("/t//x/"), "/t//x/ [t][][x][]");
  EXPECT_EQ(ask("http://other/t?q=1"), "/t [t]q=1;");
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n" + get("/echo"));
  EXPECT_NE(peer.read_to("\r\n\r\n").find("content-length: 11\r\n"), std::string::npos);
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
}

TEST(HttpServer, SaysContinueToThoseWhoExpectIt) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.read_to("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("hi");
  EXPECT_EQ(peer.read_answer(), "200 POST /echo hi");
}

TEST(HttpServer, RefusesABodyTooLargeBeforeItsSenderContinues) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.read_answer().substr(0, 3), "413");
}

TEST(HttpServer, ClosesAfterAnHttp10Answer) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send("GET /echo HTTP/1.0\r\n\r\n");
  const std::string answer = peer.read_all();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nGET /echo ")) << answer;
  EXPECT_NE(answer.find("connection: close\r\n"), std::string::npos);
}

TEST(HttpServer, KeepsAnHttp10ConnectionThatAsksForIt) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  for (int round = 0; round < 2; ++round) {
    peer.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
  }
}

TEST(HttpServer, ClosesWhenThePeerAsksForIt) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/echo", "Connection: close\r\n"));
  EXPECT_TRUE(peer.read_all().ends_with("GET /echo "));
}

TEST(HttpServer, AnswersAPeerThatHasFinishedSending) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/echo"));
  peer.finish_sending();
  EXPECT_TRUE(peer.read_all().ends_with("GET /echo "));
}

TEST(HttpServer, StreamsChunksAndEndsThem) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/stream"));
  const auto reply = echo.parked->take();
  EXPECT_TRUE(reply->write("second\n"));
  EXPECT_TRUE(reply->write(""));
  reply->end_stream();
  EXPECT_FALSE(reply->write("late"));
  const std::string answer = peer.read_to("0\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("\r\n\r\n6\r\nfirst\n\r\n7\r\nsecond\n\r\n0\r\n\r\n")) << answer;
  peer.send(get("/echo"));
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
}

TEST(HttpServer, StreamsToAnHttp10PeerUntilTheConnectionEnds) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send("GET /stream HTTP/1.0\r\n\r\n");
  const auto reply = echo.parked->take();
  reply->write("second\n");
  reply->end_stream();
  EXPECT_TRUE(peer.read_all().ends_with("\r\n\r\nfirst\nsecond\n"));
}

TEST(HttpServer, BreaksOffAStreamThatItsSourceDrops) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/stream"));
  echo.parked->take().reset();
  const std::string answer = peer.read_all();
  EXPECT_EQ(answer.find("0\r\n\r\n"), std::string::npos) << answer;
  EXPECT_FALSE(answer.ends_with("…")) << answer;
}

TEST(HttpServer, Answers500WhenTheHandlerThrowsOrLetsGoAndLivesOn) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/throw") + get("/silent") + get("/echo"));
  EXPECT_EQ(peer.read_answer().substr(0, 3), "500");
  EXPECT_EQ(peer.read_answer().substr(0, 3), "500");
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
}

TEST(HttpServer, IgnoresASecondAnswer) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/park"));
  const auto reply = echo.parked->take();
  reply->send({200, {}, "one"});
  reply->send({200, {}, "two"});
  reply->start_stream({200, {}, "three"});
  EXPECT_EQ(peer.read_answer(), "200 one");
  peer.send(get("/echo"));
  EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
  EXPECT_FALSE(reply->write("four"));
}

TEST(HttpServer, TellsWhenThePeerOfAParkedRequestGoes) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/park"));
  const auto reply = echo.parked->take();
  EXPECT_FALSE(reply->closed());
  peer.close();
  EXPECT_TRUE(echo.parked->wait_closed(1));
  EXPECT_TRUE(reply->closed());
  reply->send({200, {}, "to nobody"});
}

TEST(HttpServer, TellsWhenThePeerOfAStreamGoesAlsoAfterPipelining) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/stream") + get("/echo"));
  const auto reply = echo.parked->take();
  peer.close();
  EXPECT_TRUE(echo.parked->wait_closed(1));
  EXPECT_FALSE(reply->write("more"));
}

TEST(HttpServer, RunsAClosedCallbackThatComesTooLate) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  peer.send(get("/park"));
  const auto reply = echo.parked->take();
  peer.close();
  EXPECT_TRUE(echo.parked->wait_closed(1));
  reply->on_closed([parked = echo.parked] { parked->count_closed(); });
  EXPECT_TRUE(echo.parked->wait_closed(2));
}

TEST(HttpServer, NeverCallsClosedAfterACompleteAnswer) {
  const EchoServer echo;
  const auto alive = std::make_shared<int>(0);
  {
    RawPeer peer(echo.port());
    peer.send(get("/park"));
    const auto reply = echo.parked->take();
    // Replaces the counter: only its release is watched from here on.
    reply->on_closed([alive] { ++*alive; });
    reply->send({200, {}, "done"});
    EXPECT_EQ(peer.read_answer(), "200 done");
  }
  RawPeer next(echo.port());
  next.send(get("/echo"));
  next.read_answer();
  EXPECT_EQ(*alive, 0);
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(HttpServer, StopsUnderRepliesThatOutliveIt) {
  auto echo = std::make_unique<EchoServer>();
  RawPeer parked_peer(echo->port());
  RawPeer stream_peer(echo->port());
  parked_peer.send(get("/park"));
  const auto parked = echo->parked->take();
  stream_peer.send(get("/stream"));
  const auto stream = echo->parked->take();
  echo->server->stop();
  EXPECT_TRUE(echo->parked->wait_closed(2));
  echo.reset();
  parked->send({200, {}, "too late"});
  EXPECT_FALSE(stream->write("too late"));
  stream->end_stream();
  EXPECT_TRUE(parked->closed());
  EXPECT_FALSE(parked_peer.read_all().ends_with("…"));
}

TEST(HttpServer, TakesAnswersFromManyThreads) {
  const EchoServer echo;
  constexpr int kThreads = 4;
  constexpr int kRounds = 50;
  std::vector<std::thread> answering;
  for (int index = 0; index < kThreads; ++index) {
    answering.emplace_back([parked = echo.parked] {
      for (int round = 0; round < kRounds; ++round) {
        const auto reply = parked->take();
        if (reply) reply->send({200, {}, "answered"});
      }
    });
  }
  std::vector<RawPeer> peers;
  for (int index = 0; index < kThreads; ++index) peers.emplace_back(echo.port());
  for (int round = 0; round < kRounds; ++round) {
    for (RawPeer& peer : peers) peer.send(get("/park"));
    for (RawPeer& peer : peers) EXPECT_EQ(peer.read_answer(), "200 answered");
  }
  for (auto& thread : answering) thread.join();
}

TEST(HttpServer, SendsAndTakesLargeBodies) {
  const EchoServer echo;
  RawPeer peer(echo.port());
  const std::string body(8U << 20U, 'x');
  std::thread sender([&] { peer.send(post("/big", body)); });
  sender.join();
  EXPECT_EQ(peer.read_answer(), "200 POST /big " + body);
}

TEST(HttpServer, SaysWhatToDoWhenThePortIsInUse) {
  const EchoServer echo;
  net::HttpServerOptions options;
  options.port = echo.port();
  const auto second = net::start_http_server(options, [](const auto&, const auto&) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::rejected);
  EXPECT_EQ(second.error().message, "Cannot listen on 127.0.0.1 port " +
                                        std::to_string(echo.port()) +
                                        ": the port is in use. Stop the other program or choose "
                                        "another port.");
}

TEST(HttpServer, RefusesAnAddressThatCannotBeBound) {
  for (const char* address : {"", "localhost", "256.0.0.1", "192.0.2.1"}) {
    net::HttpServerOptions options;
    options.address = address;
    const auto server = net::start_http_server(options, [](const auto&, const auto&) {});
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, ErrorCode::rejected);
    EXPECT_NE(server.error().message.find(address), std::string::npos);
  }
}

TEST(HttpServer, GivesItsPortFreeImmediately) {
  net::HttpServerOptions options;
  for (int round = 0; round < 3; ++round) {
    EchoServer echo(options);
    ASSERT_TRUE(echo.server);
    options.port = echo.port();
    RawPeer peer(echo.port());
    peer.send(get("/echo"));
    EXPECT_EQ(peer.read_answer(), "200 GET /echo ");
  }
}

}  // namespace
}  // namespace patchbay::test
