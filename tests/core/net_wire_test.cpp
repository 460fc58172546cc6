#include <gtest/gtest.h>

#include "net/http_wire.hpp"

namespace patchbay::net {
namespace {

constexpr std::int64_t kNow_s = 784111777;

TEST(HttpDate, ReadsWhatItWrites) {
  EXPECT_EQ(http_date(kNow_s), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kNow_s);
  for (std::int64_t time_s = 0; time_s < 4'000'000'000; time_s += 77'777'777) {
    EXPECT_EQ(parse_http_date(http_date(time_s)), time_s);
  }
}

TEST(HttpDate, RefusesOtherForms) {
  for (const char* text :
       {"", "5", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

TEST(ResponseHead, FramesABody) {
  const HttpResponse response{
      200, {{"content-type", "text/plain"}, {"Content-Length", "99"}}, "hi"};
  EXPECT_EQ(response_head(response, {}, kNow_s),
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"
            "date: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-length: 2\r\n\r\n");
}

TEST(ResponseHead, LeavesOutWhatWouldBreakALine) {
  const HttpResponse response{200, {{"x", "a\r\nset-cookie: b"}, {"y z", "c"}, {"ok", "d"}}, ""};
  const std::string head = response_head(response, {}, kNow_s);
  EXPECT_EQ(head.find("cookie"), std::string::npos);
  EXPECT_EQ(head.find("y z"), std::string::npos);
  EXPECT_NE(head.find("ok: d\r\n"), std::string::npos);
}

TEST(ResponseHead, HasNoLengthWhereThereIsNoBody) {
  for (const int status : {204, 304}) {
    EXPECT_EQ(response_head({status, {}, ""}, {}, kNow_s).find("content-length"),
              std::string::npos);
  }
}

TEST(ResponseHead, StreamsInChunksAndToAnOldPeerUntilTheEnd) {
  const std::string chunked = response_head({200, {}, ""}, {false, false, true}, kNow_s);
  EXPECT_NE(chunked.find("transfer-encoding: chunked\r\n"), std::string::npos);
  const std::string old = response_head({200, {}, ""}, {true, true, true}, kNow_s);
  EXPECT_EQ(old.find("chunked"), std::string::npos);
  EXPECT_NE(old.find("connection: close\r\n"), std::string::npos);
}

TEST(Chunk, CarriesItsSizeInHex) {
  EXPECT_EQ(as_chunk("hello world 1234"), "10\r\nhello world 1234\r\n");
  EXPECT_EQ(as_chunk(""), "");
}

TEST(RequestHead, NamesHostAndLength) {
  const Url url{"::1", 81, "/x?y=z"};
  EXPECT_EQ(request_head("POST", url, {{"a", "b"}}, 0),
            "POST /x?y=z HTTP/1.1\r\nhost: [::1]:81\r\na: b\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(request_head("GET", {"h", 80, "/"}, {}, 0), "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
}

TEST(RequestHead, RefusesWhatWouldBreakALine) {
  const Url url{"h", 80, "/"};
  EXPECT_FALSE(request_head("GE T", url, {}, 0));
  EXPECT_FALSE(request_head("GET", url, {{"a", "b\r\nc: d"}}, 0));
  EXPECT_FALSE(request_head("GET", url, {{"a:", "b"}}, 0));
}

}  // namespace
}  // namespace patchbay::net
