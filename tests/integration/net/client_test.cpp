#include <gtest/gtest.h>

#include <future>

#include "integration/net/echo_server.hpp"
#include "integration/net/raw_server.hpp"
#include "net/http_client.hpp"

namespace patchbay::test {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using std::chrono::milliseconds;

std::future<Result<HttpResponse>> ask(net::HttpClient& client, HttpRequest request) {
  auto promise = std::make_shared<std::promise<Result<HttpResponse>>>();
  auto answer = promise->get_future();
  client.send(std::move(request),
              [promise](Result<HttpResponse> result) { promise->set_value(std::move(result)); });
  return answer;
}

HttpRequest get(std::uint16_t port, std::string_view target) {
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + std::string(target);
  return request;
}

/// "200 body", or "in_doubt message".
std::string printed(const Result<HttpResponse>& result) {
  if (result) return std::to_string(result->status) + " " + result->body;
  return std::string(to_string(result.error().code)) + " " + result.error().message;
}

std::string answer_to(net::HttpClient& client, HttpRequest request) {
  auto answer = ask(client, std::move(request));
  if (answer.wait_for(std::chrono::seconds(8)) != std::future_status::ready) return "no answer";
  return printed(answer.get());
}

TEST(HttpClient, SendsMethodHeadersAndBodyAndReadsTheAnswer) {
  RawServer server({"HTTP/1.1 404 Not Found\r\nX-One: 1\r\nContent-Length: 3\r\n\r\nwhy"});
  const auto client = net::make_http_client();
  HttpRequest request = get(server.port(), "/t?x=1");
  request.method = "PUT";
  request.headers = {{"Accept", "text/plain"}};
  request.body = "value";
  const auto result = ask(*client, request).get();
  EXPECT_EQ(printed(result), "404 why");
  EXPECT_EQ(result->headers.get("x-one"), "1");
  EXPECT_EQ(server.received(),
            "PUT /t?x=1 HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nAccept: text/plain\r\ncontent-length: 5\r\n\r\nvalue");
}

TEST(HttpClient, UsesOneConnectionForRequestsInARow) {
  const EchoServer echo;
  const auto client = net::make_http_client();
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(answer_to(*client, get(echo.port(), "/echo")), "200 GET /echo ");
  }
  RawServer server({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"});
  EXPECT_EQ(answer_to(*client, get(server.port(), "/")), "200 a");
  EXPECT_EQ(answer_to(*client, get(server.port(), "/")), "200 b");
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, RepeatsUnseenWhenAReusedConnectionDiesBeforeItsFirstByte) {
  RawServer server({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", RawServer::kHangUp,
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"});
  const auto client = net::make_http_client();
  EXPECT_EQ(answer_to(*client, get(server.port(), "/")), "200 a");
  EXPECT_EQ(answer_to(*client, get(server.port(), "/")), "200 b");
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, DoesNotRepeatOnAFreshConnection) {
  RawServer server({RawServer::kHangUp, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"});
  const auto client = net::make_http_client();
  const std::string answer = answer_to(*client, get(server.port(), "/"));
  EXPECT_TRUE(answer.starts_with("in_doubt The request to 127.0.0.1 port ")) << answer;
  EXPECT_NE(answer.find("ended before the response"), std::string::npos) << answer;
}

TEST(HttpClient, NeverSendsAPostOverAConnectionThatMayBeDying) {
  RawServer server({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"});
  const auto client = net::make_http_client();
  EXPECT_EQ(answer_to(*client, get(server.port(), "/")), "200 a");
  HttpRequest post = get(server.port(), "/");
  post.method = "POST";
  EXPECT_EQ(answer_to(*client, post), "200 b");
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, ReadsChunksByteByByteAndBodiesUpToTheEnd) {
  RawServer server(
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
       "chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n",
       "HTTP/1.0 200 OK\r\n\r\nto the end" + std::string(RawServer::kHangUp)});
  server.send_byte_by_byte();
  const auto client = net::make_http_client();
  EXPECT_EQ(answer_to(*client, get(server.port(), "/")), "200 abcd");
  EXPECT_EQ(answer_to(*client, get(server.port(), "/")), "200 to the end");
}

TEST(HttpClient, ReportsAHalfAnswerAsNone) {
  const std::string end(RawServer::kHangUp);
  RawServer server({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf" + end,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n" + end,
                    "HTTP/1.1 200 OK\r\nConte" + end});
  const auto client = net::make_http_client();
  for (int round = 0; round < 3; ++round) {
    const std::string answer = answer_to(*client, get(server.port(), "/"));
    EXPECT_TRUE(answer.starts_with("in_doubt ")) << answer;
    EXPECT_NE(answer.find("middle of the response"), std::string::npos) << answer;
  }
}

TEST(HttpClient, RefusesGarbageAndTooLargeAnswers) {
  RawServer server({"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"});
  const auto client = net::make_http_client();
  HttpRequest request = get(server.port(), "/");
  request.body_bytes_max = 100;
  EXPECT_NE(answer_to(*client, request).find("not valid HTTP"), std::string::npos);
  EXPECT_NE(answer_to(*client, request).find("larger than the 100 bytes"), std::string::npos);
  EXPECT_NE(answer_to(*client, request).find("larger than the 100 bytes"), std::string::npos);
}

TEST(HttpClient, GivesUpOnSilenceAndStalls) {
  const EchoServer echo;
  const auto client = net::make_http_client();
  for (const char* target : {"/park", "/stream"}) {
    HttpRequest request = get(echo.port(), target);
    request.idle_timeout = milliseconds(50);
    const std::string answer = answer_to(*client, request);
    EXPECT_TRUE(answer.starts_with("in_doubt ")) << answer;
    EXPECT_NE(answer.find("too long"), std::string::npos) << answer;
  }
  EXPECT_TRUE(echo.parked->wait_closed(2));
}

TEST(HttpClient, SaysThatAConnectionWasRefused) {
  std::uint16_t port = 0;
  { port = EchoServer().port(); }
  const auto client = net::make_http_client();
  const std::string answer = answer_to(*client, get(port, "/"));
  EXPECT_EQ(answer, "retry The request to 127.0.0.1 port " + std::to_string(port) +
                        " failed. It cannot be reached: Connection refused. Check that the "
                        "server runs there.");
}

TEST(HttpClient, ResolvesNamesAndTakesAddressesOfBothKinds) {
  const auto client = net::make_http_client();
  const EchoServer echo;
  HttpRequest request;
  request.url = "http://localhost:" + std::to_string(echo.port()) + "/echo";
  EXPECT_EQ(answer_to(*client, request), "200 GET /echo ");
  net::HttpServerOptions options;
  options.address = "::1";
  const EchoServer echo_v6(options);
  request.url = "http://[::1]:" + std::to_string(echo_v6.port()) + "/echo";
  EXPECT_EQ(answer_to(*client, request), "200 GET /echo ");
}

TEST(HttpClient, SaysThatANameDoesNotResolve) {
  const auto client = net::make_http_client();
  HttpRequest request;
  request.url = "http://no-such-host.invalid/";
  const std::string answer = answer_to(*client, request);
  EXPECT_TRUE(answer.starts_with("retry The request to no-such-host.invalid port 80")) << answer;
}

TEST(HttpClient, RefusesWhatItCannotAsk) {
  const auto client = net::make_http_client();
  HttpRequest request;
  request.url = "https://localhost/";
  EXPECT_EQ(answer_to(*client, request),
            "rejected Cannot ask \"https://localhost/\": https is not supported. Put a proxy that "
            "ends TLS in between and use its http address.");
  request.url = "localhost";
  EXPECT_TRUE(answer_to(*client, request).starts_with("rejected "));
  request.url = "http://localhost/";
  request.headers = {{"X", "a\r\nb"}};
  EXPECT_TRUE(answer_to(*client, request).starts_with("rejected "));
}

TEST(HttpClient, CancelsOneRequestAndLeavesTheOthers) {
  const EchoServer echo;
  const auto client = net::make_http_client();
  std::promise<Result<HttpResponse>> first;
  const auto id = client->send(get(echo.port(), "/park"), [&first](Result<HttpResponse> result) {
    first.set_value(std::move(result));
  });
  const auto first_reply = echo.parked->take();
  auto second = ask(*client, get(echo.port(), "/park"));
  const auto second_reply = echo.parked->take();
  client->cancel(id);
  client->cancel(id);
  client->cancel(12'345);
  EXPECT_TRUE(printed(first.get_future().get()).starts_with("cancelled "));
  EXPECT_TRUE(echo.parked->wait_closed(1));
  second_reply->send({200, {}, "second"});
  EXPECT_EQ(printed(second.get()), "200 second");
}

TEST(HttpClient, CallsBackEverythingBeforeItIsGone) {
  const EchoServer echo;
  auto client = net::make_http_client();
  std::vector<std::future<Result<HttpResponse>>> answers;
  for (int index = 0; index < 20; ++index)
    answers.push_back(ask(*client, get(echo.port(), "/park")));
  const auto reply = echo.parked->take();  // the server answers for one that is let go of
  client.reset();
  for (auto& answer : answers) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    const std::string said = printed(answer.get());
    EXPECT_TRUE(said.starts_with("cancelled ")) << said;
  }
}

TEST(HttpClient, KeepsManyInFlightAndReadsLargeBodies) {
  const std::string large(20U << 20U, 'x');
  auto server = net::start_http_server({}, [&large](const auto&, const auto& reply) {
    reply->send({200, {}, large});
  });
  ASSERT_TRUE(server);
  const auto client = net::make_http_client();
  std::vector<std::future<Result<HttpResponse>>> answers;
  for (int index = 0; index < 4; ++index)
    answers.push_back(ask(*client, get((*server)->port(), "/")));
  for (auto& answer : answers) {
    const auto result = answer.get();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->body == large);
  }
}

}  // namespace
}  // namespace patchbay::test
