// FoundEarly: writes of other programs that a successor found in its store before it had adopted:
// nobody has handed them on, so they are its own when it has. A table beside the journal.
// LocalIntake and Adoption -> FoundEarly, inside Store::write; throws SQLite::Exception.
//
//   off  -- begin -->  keeping  -- end -->  forgetting  -- the next committed step -->  off
#pragma once

#include <cstdint>
#include <patchbay/sqlite/store.hpp>
#include <patchbay/write_id.hpp>
#include <vector>

namespace patchbay::sqlite {

class FoundEarly {
 public:
  explicit FoundEarly(Store& store) : store_(store) {}
  FoundEarly(const FoundEarly&) = delete;
  FoundEarly& operator=(const FoundEarly&) = delete;

  /// Until `end`, what is found is kept.
  void begin() noexcept { phase_ = Phase::keeping; }
  /// The successor has adopted. What is kept stays until the next step: the swap may still be given
  /// up.
  void end() noexcept { phase_ = Phase::forgetting; }

  /// The write was found in the log.
  void found(const WriteId& write);
  void add(const WriteId& write);
  /// In the order in which they were added; forgets them.
  [[nodiscard]] std::vector<WriteId> take();
  /// At the begin of each step.
  void forget_when_adopted();

 private:
  enum class Phase : std::uint8_t { off, keeping, forgetting };

  void make_table();

  Store& store_;
  Phase phase_ = Phase::off;
};

}  // namespace patchbay::sqlite
