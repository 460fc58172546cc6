// How heads of HTTP/1.1 messages are written and dates are read: text only, no library.
// Used by the server, the client and the write gateway of this folder. Values, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace patchbay::net {

/// Everything that decides the form of one answer, besides the answer itself.
struct AnswerForm {
  bool http_1_0 = false;
  bool close = false;  ///< The connection ends after this answer.
  bool stream =
      false;  ///< Chunked; to an HTTP/1.0 peer everything up to the end of the connection.
};

/// The words of RFC 9110 for a status, or "Status". Beast has those of RFC 7231 (413, 422), and
/// nothing in the core sees Beast.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;
/// True when an answer of that status has neither body nor content-length.
[[nodiscard]] bool is_bodiless(int status) noexcept;

/// Status line and fields up to the empty line. Adds date, content-length or transfer-encoding, and
/// connection; these fields of `response` are left out, as is everything that could break a line.
[[nodiscard]] std::string response_head(const HttpResponse& response, const AnswerForm& form,
                                        std::int64_t now_s);
/// One chunk of a stream; "" for empty bytes, since an empty chunk would end it.
[[nodiscard]] std::string as_chunk(std::string_view bytes);

/// Request line and fields up to the empty line. nullopt when method or a field is malformed.
[[nodiscard]] std::optional<std::string> request_head(std::string_view method, const Url& url,
                                                      const HttpHeaders& headers,
                                                      std::size_t body_bytes);

/// "Sun, 06 Nov 1994 08:49:37 GMT" from seconds since 1970. Beast has no dates, and those of the C
/// library follow the locale.
[[nodiscard]] std::string http_date(std::int64_t unix_s);
/// Seconds since 1970 from that form; nullopt for anything else.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace patchbay::net
