#include <gtest/gtest.h>

#include "net/http.hpp"

namespace patchbay::net {
namespace {

std::string printed(std::string_view text) {
  Url url;
  if (!parse_url(text, url)) return "no";
  return url.host + "|" + std::to_string(url.port) + "|" + url.target;
}

TEST(HttpHeaders, FindsTheFirstFieldWhateverItsCase) {
  const HttpHeaders headers{{"Retry-After", "5"}, {"retry-after", "6"}, {"Empty", ""}};
  EXPECT_EQ(headers.get("RETRY-AFTER"), "5");
  EXPECT_EQ(headers.get("missing"), "");
  EXPECT_EQ(headers.find("missing"), nullptr);
  ASSERT_NE(headers.find("empty"), nullptr);
}

TEST(PercentCoding, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(percent_encode("a/b c+ä%"), "a%2Fb%20c%2B%C3%A4%25");
}

TEST(PercentCoding, DecodesAndLeavesMalformedEscapesAsTheyAre) {
  EXPECT_EQ(percent_decode("a%2fb%2F"), "a/b/");
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
}

TEST(PercentCoding, RoundTripsEveryByte) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  EXPECT_EQ(percent_decode(percent_encode(bytes)), bytes);
}

TEST(Query, KeepsOrderAndRepetitionAndDecodes) {
  const QueryParameters expected{{"a", "1 2"}, {"b", ""}, {"a", "x=y"}, {"c", ""}};
  EXPECT_EQ(parse_query("a=1+2&b&a=x%3Dy&&c="), expected);
  EXPECT_EQ(parse_query(""), QueryParameters());
}

TEST(Query, WritesParametersSortedSoThatEqualRequestsAreEqualBytes) {
  EXPECT_EQ(sorted_query({{"b", "1 2"}, {"a", "&"}, {"b", "0"}}), "a=%26&b=1%202&b=0");
  EXPECT_EQ(sorted_query({}), "");
}

TEST(Query, FindsAParameter) {
  const QueryParameters parameters{{"a", "1"}, {"a", "2"}};
  ASSERT_NE(find_parameter(parameters, "a"), nullptr);
  EXPECT_EQ(*find_parameter(parameters, "a"), "1");
  EXPECT_EQ(find_parameter(parameters, "A"), nullptr);
}

TEST(Url, ReadsHostPortAndTarget) {
  EXPECT_EQ(printed("http://localhost"), "localhost|80|/");
  EXPECT_EQ(printed("HTTP://h:8080/v1/shape?a=b"), "h|8080|/v1/shape?a=b");
  EXPECT_EQ(printed("http://h?a=b"), "h|80|/?a=b");
  EXPECT_EQ(printed("http://[::1]:81/x"), "::1|81|/x");
  EXPECT_EQ(printed("http://[::1]"), "::1|80|/");
}

TEST(Url, RefusesEverythingElse) {
  for (const char* text :
       {"https://h/", "ftp://h", "h:80", "", "http://", "http://:80/", "http://h:0/",
        "http://h:65536", "http://h:/", "http://h:8x", "http://[::1/", "http://[::1]x/",
        "http://user@h/", "http://h/a b", "http://h/a\r\nX: y", "http://h/#part"}) {
    EXPECT_EQ(printed(text), "no") << text;
  }
}

}  // namespace
}  // namespace patchbay::net
