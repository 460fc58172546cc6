// SnapshotVisibility: which transactions the snapshot of a shape contains, so that the stream,
// which may be behind or ahead of the snapshot, adds each of the others exactly once. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::embedded {

struct SnapshotVisibility {
  std::uint64_t xmin = 0;          ///< All below are in the snapshot (or were rolled back).
  std::uint64_t xmax = 0;          ///< All from here on are not.
  std::vector<std::uint64_t> xip;  ///< In progress between the two: not in it.

  /// `txid` as the stream gives it, without its epoch.
  [[nodiscard]] bool sees(std::uint32_t txid) const;
  /// {"headers":{"control":"snapshot-end",…}}
  [[nodiscard]] std::string snapshot_end_message() const;
};

/// Parses pg_current_snapshot(): "xmin:xmax:xip,xip".
[[nodiscard]] std::optional<SnapshotVisibility> parse_snapshot(std::string_view text);

}  // namespace patchbay::embedded
