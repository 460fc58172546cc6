// KeptShapes: what a service leaves to its successor, so that clients continue to follow their
// shapes over a restart: no rows, only the handle of each shape, which transactions its snapshot
// had, and from where its log is whole. ShapesFile ↔ one JSON file, replaced as a whole. Functions
// that block for a moment.
//
// Invariant: all changes before `position` that a client of a shape may lack come after the floor
// of the shape; a client before the floor refetches. The server may forget its log up to
// `position`, and no further.
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
  std::string system;          ///< See SlotReady; empty: unknown.
  std::uint64_t position = 0;  ///< Where the stream continues.
  std::vector<KeptShape> shapes;
};

/// Reads the file. Nothing when there is none or it cannot be read: then clients refetch.
[[nodiscard]] KeptShapes load_kept_shapes(const std::filesystem::path& file);

/// Replaces the file. ErrorCode::retry: the old file is still there, if there was one.
[[nodiscard]] Result<void> save_kept_shapes(const std::filesystem::path& file,
                                            const KeptShapes& kept);

}  // namespace patchbay::embedded
