// ShapeHandle: one snapshot of a shape and which part of the log its followers read after it, under
// the name that they give. A value of Shape.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "embedded/sync/shape_offset.hpp"
#include "embedded/sync/snapshot_visibility.hpp"

namespace patchbay::embedded {

struct ShapeHandle {
  std::string name;
  bool loading = false;  ///< The snapshot is being read: what follows it here is not known yet.
  ShapeOffset begin;     ///< Everything in the log up to this place is in the snapshot.
  ShapeOffset floor;     ///< A client before it has lost messages: start, while the log is whole.
  SnapshotVisibility visibility{};
  std::uint64_t lsn_after = 0;            ///< See LoadedSnapshot.
  std::vector<std::uint64_t> left_out{};  ///< LSNs of transactions behind `begin` that the
                                          ///< snapshot contains, in ascending order.

  /// True when the transaction is in the snapshot. Valid unless loading.
  [[nodiscard]] bool contains(std::uint64_t lsn, std::uint32_t txid) const {
    // By LSN first: transaction ids are 32 bits wide and are used again.
    return lsn < lsn_after && visibility.sees(txid);
  }
  [[nodiscard]] bool log_is_whole() const { return floor.kind == ShapeOffset::Kind::start; }
};

}  // namespace patchbay::embedded
