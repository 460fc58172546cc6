// FinalWrites: what a durable pattern remembers of the writes that have ended, so that a repeat is
// known after a restart: an optional interface of a pattern, by name and revision. Host -> pattern,
// once it has started or adopted. Its store keeps it, in the step that ends the write.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/pattern.hpp>
#include <patchbay/result.hpp>
#include <patchbay/write_id.hpp>
#include <string_view>

namespace patchbay {

inline constexpr std::string_view kFinalWritesName = "patchbay.final_writes";
inline constexpr std::uint32_t kFinalWritesRevision = 1;

/// When a UUIDv7 was made, in Unix milliseconds by the clock of its maker; nullopt for another id.
[[nodiscard]] inline std::optional<std::int64_t> made_at_ms(const WriteId& id) noexcept {
  if ((id.bytes[6] >> 4U) != 7) return std::nullopt;
  std::int64_t milliseconds = 0;
  for (std::size_t at = 0; at < 6; ++at) milliseconds = milliseconds * 256 + id.bytes[at];
  return milliseconds;
}

struct FinalWrite {
  bool discarded = false;    ///< Refused and dropped by the app; else confirmed.
  std::uint64_t digest = 0;  ///< Of its operations: see write_digest.hpp; 0: not known.
};

/// What is remembered of one write, and how far back.
struct FinalRecall {
  std::optional<FinalWrite> write;  ///< Nullopt: not remembered as final.
  /// A write whose id was made at this time or later (Unix milliseconds) and that is not
  /// remembered has not ended here.
  std::int64_t since_ms = 0;
};

class FinalWrites {
 public:
  virtual ~FinalWrites() = default;
  /// ErrorCode::retry: it cannot be read now. [strand]
  virtual Result<FinalRecall> recall(const WriteId& write) = 0;
};

/// Null where the pattern remembers nothing. [strand]
[[nodiscard]] inline FinalWrites* final_writes(Pattern& pattern) {
  return static_cast<FinalWrites*>(pattern.extension(kFinalWritesName, kFinalWritesRevision));
}

}  // namespace patchbay
