// ImmutablePattern: the synced rows are never touched by a local write; what is unfinished lies in
// a table beside them, and an SQL view combines both on read. Its steps are SqlitePattern's, its
// tables ImmutableRows'. Steps run on the instance's thread.
#pragma once

#include <patchbay/sqlite/sqlite_pattern.hpp>

namespace patchbay::immutable {

class ImmutablePattern final : public sqlite::SqlitePattern {
 public:
  ImmutablePattern();
};

}  // namespace patchbay::immutable
