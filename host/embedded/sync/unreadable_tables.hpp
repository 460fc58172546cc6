// UnreadableTables: shapes whose table could not be read: why, and when reading is retried.
// Owned by ShapeRegistry, on its strand. Pure, no time of its own.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "embedded/sync/shape_store.hpp"
#include "time/clock.hpp"

namespace patchbay::embedded {

class UnreadableTables {
 public:
  struct Pause {
    std::string message;
    std::chrono::seconds left;
  };

  /// `delay`: how long a retry is useless; `is_new`: the reason differs from the last one.
  struct Noted {
    std::chrono::seconds delay;
    bool is_new = false;
  };
  /// Notes a failed read.
  Noted note(const ShapeKey& key, const std::string& message, Clock::TimePoint now);
  /// Notes a request for the shape. Returns what to answer instead of reading the table; nothing
  /// when the table is to be read.
  [[nodiscard]] std::optional<Pause> pause(const ShapeKey& key, Clock::TimePoint now);
  /// Forgets a table that can be read again, or was dropped. True when it was noted.
  bool forget(const ShapeKey& key) { return entries_.erase(key) > 0; }
  void clear() { entries_.clear(); }
  /// Returns the reasons; forgets those of shapes that were not asked for lately.
  [[nodiscard]] std::vector<std::string> reasons(Clock::TimePoint now);

 private:
  struct Entry {
    std::string message;
    Clock::TimePoint next;
    Clock::TimePoint asked;
    std::chrono::milliseconds delay{0};
  };
  std::map<ShapeKey, Entry> entries_;
};

}  // namespace patchbay::embedded
