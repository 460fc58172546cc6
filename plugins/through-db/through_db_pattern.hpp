// ThroughDbPattern: the app reads and writes ordinary SQLite tables, from any process; triggers log
// what it wrote, and the server's version of each such row is kept until the write has ended. The
// steps are SqlitePattern's; the rows are ThroughRows'. Made by the plugin's descriptor.
#pragma once

#include <patchbay/sqlite/sqlite_pattern.hpp>

namespace patchbay::through_db {

class ThroughDbPattern final : public sqlite::SqlitePattern {
 public:
  ThroughDbPattern();
};

}  // namespace patchbay::through_db
