#include "net/http_wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <patchbay/kit/ascii.hpp>

namespace patchbay::net {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kSigns.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_framing(std::string_view field) noexcept {
  return text::same_word(field, "content-length") || text::same_word(field, "transfer-encoding") ||
         text::same_word(field, "connection") || text::same_word(field, "date");
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

std::string two_digits(std::int64_t number) {
  const std::string text = std::to_string(number);
  return text.size() < 2 ? "0" + text : text;
}

std::optional<int> number(std::string_view text) noexcept {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

bool is_bodiless(int status) noexcept {
  return status / 100 == 1 || status == 204 || status == 304;
}

std::string response_head(const HttpResponse& response, const AnswerForm& form,
                          std::int64_t now_s) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers.fields()) {
    if (is_token(name) && is_field_value(value) && !is_framing(name)) {
      append_field(head, name, value);
    }
  }
  append_field(head, "date", http_date(now_s));
  if (form.stream && !form.http_1_0) {
    append_field(head, "transfer-encoding", "chunked");
  } else if (!form.stream && !is_bodiless(response.status)) {
    append_field(head, "content-length", std::to_string(response.body.size()));
  }
  if (form.close) {
    append_field(head, "connection", "close");
  } else if (form.http_1_0) {
    append_field(head, "connection", "keep-alive");
  }
  return head.append("\r\n");
}

std::string as_chunk(std::string_view bytes) {
  if (bytes.empty()) return {};
  std::array<char, 16> size{};
  const auto [end, error] = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16);
  std::string chunk(size.data(), error == std::errc() ? end : size.data());
  return chunk.append("\r\n").append(bytes).append("\r\n");
}

std::optional<std::string> request_head(std::string_view method, const Url& url,
                                        const HttpHeaders& headers, std::size_t body_bytes) {
  if (!is_token(method)) return std::nullopt;
  std::string head(method);
  head.append(" ").append(url.target).append(" HTTP/1.1\r\n");
  if (headers.find("host") == nullptr) {
    const bool v6 = url.host.find(':') != std::string::npos;
    std::string host = v6 ? "[" + url.host + "]" : url.host;
    if (url.port != 80) host.append(":").append(std::to_string(url.port));
    append_field(head, "host", host);
  }
  for (const auto& [name, value] : headers.fields()) {
    if (!is_token(name) || !is_field_value(value)) return std::nullopt;
    if (!is_framing(name)) append_field(head, name, value);
  }
  if (body_bytes > 0 || method == "POST" || method == "PUT" || method == "PATCH") {
    append_field(head, "content-length", std::to_string(body_bytes));
  }
  return head.append("\r\n");
}

std::string http_date(std::int64_t unix_s) {
  using namespace std::chrono;
  const sys_seconds time{seconds(unix_s)};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::string text(kDays[weekday(day).c_encoding()]);
  text.append(", ").append(two_digits(unsigned(date.day()))).append(" ");
  text.append(kMonths[unsigned(date.month()) - 1]).append(" ");
  text.append(std::to_string(int(date.year()))).append(" ");
  text.append(two_digits(clock.hours().count())).append(":");
  text.append(two_digits(clock.minutes().count())).append(":");
  return text.append(two_digits(clock.seconds().count())).append(" GMT");
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kShape = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kShape.size() || text[3] != ',' || text.substr(25) != " GMT") return {};
  const auto* const name = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto day_number = number(text.substr(5, 2));
  const auto year_number = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (name == kMonths.end() || !day_number || !year_number || !hour || !minute || !second)
    return {};
  const auto month_number = static_cast<unsigned>(name - kMonths.begin()) + 1;
  const year_month_day date{year(*year_number), month(month_number),
                            day(static_cast<unsigned>(*day_number))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return {};
  const auto day_s = duration_cast<seconds>(sys_days(date).time_since_epoch());
  return (day_s + hours(*hour) + minutes(*minute) + seconds(*second)).count();
}

}  // namespace patchbay::net
