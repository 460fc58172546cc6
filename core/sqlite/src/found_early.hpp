// FoundEarly: writes of other programs that a pattern found in its store before it was anybody's
// successor: nobody has handed them on, so they are its own when it is. A table beside the journal.
// Used by SqlitePattern, inside Store::write; throws SQLite::Exception.
#pragma once

#include <patchbay/sqlite/store.hpp>
#include <patchbay/write_id.hpp>
#include <vector>

namespace patchbay::sqlite {

class FoundEarly {
 public:
  /// Makes its table where the file has none.
  explicit FoundEarly(Store& store);

  void add(const WriteId& write);
  /// In the order in which they were added; forgets them.
  [[nodiscard]] std::vector<WriteId> take();

 private:
  Store& store_;
};

}  // namespace patchbay::sqlite
