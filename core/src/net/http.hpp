// HTTP messages as plain values, shared by the client, the server and everything that speaks HTTP.
// No library shows through: Beast and cpprestsdk stay inside their own files of this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::net {

/// Header fields in the order received or to be sent. Names compare without regard to case.
class HttpHeaders {
 public:
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> fields)
      : fields_(fields) {}

  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  /// The first field of that name; null when there is none. Valid until the headers change.
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
  /// The first field of that name, or "".
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const noexcept {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Query parameters, decoded, in the order given; a name may repeat.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// A response as a client receives it and as a server sends it.
struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  std::string body;
};

/// Percent-encodes everything but RFC 3986 unreserved characters.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// Decodes %XX (and, in a query, '+' as a blank). A malformed escape stays as it is.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_blank = false);
/// Splits "a=1&b=2" into decoded parameters.
[[nodiscard]] QueryParameters parse_query(std::string_view query);
/// Writes parameters back, encoded, sorted by name, so that equal requests are equal bytes.
[[nodiscard]] std::string sorted_query(QueryParameters parameters);
/// The value of the first parameter of that name; null when absent.
[[nodiscard]] const std::string* find_parameter(const QueryParameters& parameters,
                                                std::string_view name) noexcept;

/// An absolute http URL in parts. `target` starts with '/' and carries the query.
struct Url {
  std::string host;
  std::uint16_t port = 80;
  std::string target = "/";
};
/// Parses "http://host[:port][/target]"; false when it is anything else (https included).
[[nodiscard]] bool parse_url(std::string_view text, Url& url);

}  // namespace patchbay::net
