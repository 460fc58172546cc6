#include "net/retry_after.hpp"

#include <algorithm>
#include <charconv>

#include "net/http_wire.hpp"
#include "net/tuning.hpp"

namespace patchbay::net {

std::optional<std::chrono::milliseconds> retry_after(const HttpHeaders& headers,
                                                     std::int64_t own_now_s) {
  using std::chrono::seconds;
  const std::string_view text = headers.get("retry-after");
  std::int64_t wait_s = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wait_s);
  if (error != std::errc() || end != text.data() + text.size()) {
    const auto until_s = parse_http_date(text);
    const std::int64_t now_s = parse_http_date(headers.get("date")).value_or(own_now_s);
    if (!until_s || now_s == 0) return std::nullopt;
    wait_s = *until_s - now_s;
  }
  const auto wait_s_max = std::chrono::duration_cast<seconds>(tuning::kRetryAfterMax).count();
  return seconds(std::clamp<std::int64_t>(wait_s, 0, wait_s_max));
}

}  // namespace patchbay::net
