// RowSet and RowIndex: which writes touch the same rows. Used by the write line alone, for writes
// that are set aside and for writes that fall with a rejected one; pure, on the queue's strand.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <patchbay/write.hpp>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace patchbay {

struct QueuedWrite;

/// Where a write stands: by local order, and by arrival among equal sequences.
struct Place {
  std::uint64_t sequence = 0;
  std::uint64_t arrival = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

/// A set of writes in local order.
using Lane = std::map<Place, QueuedWrite*>;

/// The names of all rows that a write touches; a name may come twice.
[[nodiscard]] std::vector<std::string> touched_rows(const Write& write);

class RowSet {
 public:
  void add(const Write& write);
  /// Puts one row in; false when it was there.
  bool add(const std::string& row) { return rows_.insert(row).second; }
  [[nodiscard]] bool touches(const Write& write) const;
  void clear() { rows_.clear(); }

 private:
  std::unordered_set<std::string> rows_;
};

/// Finds the writes on a row without looking at the others.
class RowIndex {
 public:
  void add(const Write& write, const Place& place, QueuedWrite& queued);
  void remove(const Write& write, const Place& place);
  /// The writes on this row, in local order; null when there are none.
  [[nodiscard]] const Lane* writes_on(const std::string& row) const;

 private:
  std::unordered_map<std::string, Lane> rows_;
};

}  // namespace patchbay
