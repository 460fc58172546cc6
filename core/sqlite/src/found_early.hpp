// FoundEarly: writes of other programs that a successor found in its store before it had adopted.
// No handover has them, so the successor takes them as its own when it has adopted. A table beside
// the journal. LocalIntake and Adoption -> FoundEarly, inside Store::write; throws
// SQLite::Exception. One for each store.
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

  /// Keeps what is found until `end`.
  void begin() noexcept { phase_ = Phase::keeping; }
  /// Called when the successor has adopted. What is kept stays until the next step, as the swap may
  /// still be given up.
  void end() noexcept { phase_ = Phase::forgetting; }

  /// Called for each write that was found in the log; keeps it between `begin` and `end`.
  void found(const WriteId& write);
  void add(const WriteId& write);
  /// Gives the writes in the order in which they were added, and forgets them.
  [[nodiscard]] std::vector<WriteId> take();
  /// Called at the start of each step: forgets what is kept once the successor has adopted.
  void forget_when_adopted();

 private:
  enum class Phase : std::uint8_t { off, keeping, forgetting };

  void make_table();

  Store& store_;
  Phase phase_ = Phase::off;
};

}  // namespace patchbay::sqlite
