// FinalWrites: what a durable pattern remembers of writes that have ended, so that a repeated write
// is recognised after a restart. An optional interface, which Pattern::extension gives; the
// pattern's store keeps the memory, in the step that ends a write. Host -> pattern, once the
// pattern has started or adopted.
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

/// When a UUIDv7 was made, in Unix milliseconds by the clock of its maker; nullopt for any other
/// kind of UUID.
[[nodiscard]] inline std::optional<std::int64_t> made_at_ms(const WriteId& id) noexcept {
  if ((id.bytes[6] >> 4U) != 7) return std::nullopt;
  std::int64_t milliseconds = 0;
  for (std::size_t at = 0; at < 6; ++at) milliseconds = milliseconds * 256 + id.bytes[at];
  return milliseconds;
}

/// How a write has ended.
struct FinalWrite {
  bool discarded = false;    ///< Refused and dropped by the app; else confirmed.
  std::uint64_t digest = 0;  ///< digest_of its operations (write_digest.hpp); 0: not known.
};

/// The memory of one write, and how far back the memory reaches.
struct FinalRecall {
  std::optional<FinalWrite> write;  ///< Nullopt: not remembered as ended.
  /// The time (Unix milliseconds) since which the memory is complete: a write whose id was made
  /// then or later, and which is not remembered, has not ended here.
  std::int64_t since_ms = 0;
};

/// The memory of one pattern. Lives as long as the pattern.
class FinalWrites {
 public:
  virtual ~FinalWrites() = default;
  /// Says whether and how this write has ended. ErrorCode::retry: the store cannot be read now.
  /// [strand]
  virtual Result<FinalRecall> recall(const WriteId& write) = 0;
};

/// The memory of this pattern; null when it has none. [strand]
[[nodiscard]] inline FinalWrites* final_writes(Pattern& pattern) {
  return static_cast<FinalWrites*>(pattern.extension(kFinalWritesName, kFinalWritesRevision));
}

}  // namespace patchbay
