// KeptShapes: what a service leaves for the one after it, so that clients follow on over a restart:
// no rows, but what each shape is called, what its snapshot had, and from where its log is whole.
// ShapesFile ↔ one JSON file, replaced as a whole. Functions that block for a moment.
//
// Invariant: all changes before `position` that a shape's clients lack are behind its floor; who
// is before the floor refetches. The server may forget its log up to `position`, and no further.
#pragma once

#include <cstdint>
#include <filesystem>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

#include "embedded/sync/shape_messages.hpp"
#include "embedded/sync/shape_offset.hpp"
#include "embedded/sync/snapshot_visibility.hpp"
#include "embedded/sync/table_definition.hpp"

namespace patchbay::embedded {

struct KeptShape {
  std::string handle;
  TableName table;
  std::uint32_t table_id = 0;
  Replica replica = Replica::only_changes;
  std::string table_state;  ///< TableDefinition::state; another one now ends the shape.
  SnapshotVisibility visibility;
  std::uint64_t snapshot_lsn_after = 0;  ///< See LoadedSnapshot.
  ShapeOffset floor;                     ///< After the snapshot, or a message of the log.
  std::vector<std::string> columns{};    ///< See ShapeKey.
};

struct KeptShapes {
  std::string system;          ///< See SlotReady; empty: nothing is known.
  std::uint64_t position = 0;  ///< Where the stream goes on.
  std::vector<KeptShape> shapes;
};

/// Nothing when there is no such file, or it cannot be read: its clients refetch.
[[nodiscard]] KeptShapes load_kept_shapes(const std::filesystem::path& file);

/// ErrorCode::retry: the file before is still there, or none.
[[nodiscard]] Result<void> save_kept_shapes(const std::filesystem::path& file,
                                            const KeptShapes& kept);

}  // namespace patchbay::embedded
