// ShapeOffset: where in a shape a client is. As the protocol writes it:
//
//   "-1"      before everything            "0_<n>"        after chunk n of the snapshot
//   "now"     after everything             "0_inf"        after the whole snapshot
//                                          "<lsn>_<op>"   after that message of the log
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::embedded {

struct ShapeOffset {
  enum class Kind : std::uint8_t { start, now, snapshot, log };
  static constexpr std::uint64_t kWholeSnapshot = UINT64_MAX;

  Kind kind = Kind::start;
  std::uint64_t lsn = 0;       ///< log only
  std::uint64_t position = 0;  ///< snapshot: chunk or kWholeSnapshot; log: op position

  [[nodiscard]] std::string text() const;
  /// Earlier places are less, except for `now`.
  friend auto operator<=>(const ShapeOffset&, const ShapeOffset&) = default;
};

[[nodiscard]] std::optional<ShapeOffset> parse_offset(std::string_view text);

}  // namespace patchbay::embedded
