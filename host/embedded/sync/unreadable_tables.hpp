// UnreadableTables: shapes whose table could not be read: why, and when reading it is tried again.
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

  /// After a failed read. How long nobody needs to ask again; `is_new` when the reason is.
  struct Noted {
    std::chrono::seconds delay;
    bool is_new = false;
  };
  Noted note(const ShapeKey& key, const std::string& message, Clock::TimePoint now);
  /// Somebody asks for the shape: what to answer instead of reading the table; nothing when it is
  /// to be read.
  [[nodiscard]] std::optional<Pause> pause(const ShapeKey& key, Clock::TimePoint now);
  /// The table can be read, or is no more. True when it was noted.
  bool forget(const ShapeKey& key) { return entries_.erase(key) > 0; }
  void clear() { entries_.clear(); }
  /// The reasons, but of shapes that nobody has asked for lately: those are forgotten.
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
