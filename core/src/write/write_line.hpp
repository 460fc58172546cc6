// WriteLine: the writes that wait for a verdict, in local order, and who may go next.
// Kept by the write queue, on its strand; decides order, knows neither time nor gateway. Pure.
//
//   add ─► main ──(verdict)──► gone          main:    goes in strict order, the head first
//           │ ▲                              aside:   poison, tried again beside the main lane
//           ▼ │ (verdict of the poison)      blocked: touches a row of an aside or blocked write
//         aside, blocked                              before it, waits for that one's verdict
//
// Invariants:
//  1. Of two writes that share a row the later never goes before the earlier has a verdict, unless
//     both travel in one request, in order.
//  2. No write in `main` shares a row with an aside or blocked one.
//  3. Adding and choosing the next request cost nothing that grows with the line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "time/clock.hpp"
#include "write/gateway.hpp"
#include "write/row_conflicts.hpp"

namespace patchbay {

/// A pause after failures in a row.
struct RetryWait {
  std::uint32_t failures = 0;
  Clock::TimePoint not_before{};
  std::string reason;  ///< The last failure's.
};

enum class LaneKind : std::uint8_t { main, aside, blocked };

/// State that few writes need, so that the others take no room for it.
struct Trouble {
  TimerId deadline = 0;         ///< The latest of them; 0: none is to come.
  std::uint32_t deadlines = 0;  ///< To come, one for each call that waits; in the order of calls.
  WriteId because_of;           ///< Voided because this write was rejected.
  RetryWait wait;               ///< The write's own wait, while it is aside.
};

/// A write without a verdict and what is known of its requests. Owned by the line; small, as a
/// device that is offline for long has many.
struct QueuedWrite {
  OutgoingWrite outgoing;
  std::uint64_t arrival = 0;
  std::int64_t first_sent_s = 0;       ///< The time before its first request; 0: unknown.
  std::uint8_t answered_unknowns = 0;  ///< Failures in a row while something answered, to 255.
  LaneKind lane = LaneKind::main;
  bool unmarked = false;   ///< The owner has yet to store that the write may be sent.
  bool announced = false;  ///< The observer knows that the write is being sent.
  bool in_flight = false;
  bool reached = false;    ///< A request that carried it may have come to the server.
  bool alone = false;      ///< The next request carries nothing else.
  bool divisible = false;  ///< Others may take its place: nothing travels behind it.
  bool voiding = false;    ///< No longer sent: its void is, until outcome or void is answered.
  std::unique_ptr<Trouble> met;  ///< Null for nothing: see trouble().

  [[nodiscard]] Place place() const noexcept { return {outgoing.write.sequence, arrival}; }
  [[nodiscard]] bool could_have_reached() const noexcept { return in_flight || reached; }
  [[nodiscard]] bool waits_for_mark() const noexcept { return unmarked && !voiding; }
  [[nodiscard]] Trouble& trouble() {
    if (!met) met = std::make_unique<Trouble>();
    return *met;
  }
};

/// Writes in local order, in the nodes of their lane: they stay where they are when they change it.
using WriteLane = std::map<Place, QueuedWrite>;

class WriteLine {
 public:
  /// `rows_apart`: writes that share a row never travel together, and dependents are found fast.
  explicit WriteLine(bool rows_apart) : rows_apart_(rows_apart) {}

  /// Null when the write is in the line already.
  QueuedWrite* add(OutgoingWrite outgoing);
  [[nodiscard]] QueuedWrite* find(const WriteId& id);
  /// Takes a write out; those that an aside one blocked return to the main lane.
  void remove(QueuedWrite& queued);
  [[nodiscard]] std::size_t size() const noexcept { return writes_.size(); }
  template <typename Visit>
  void for_each(const Visit& visit) {
    for (QueuedWrite* queued : writes_) visit(*queued);
  }

  /// The first of the main lane; null when it is empty.
  [[nodiscard]] QueuedWrite* head();
  [[nodiscard]] const QueuedWrite* head() const {
    return main_.empty() ? nullptr : &main_.begin()->second;
  }
  /// The head and what may travel with it, within the bounds of one request.
  [[nodiscard]] std::vector<QueuedWrite*> next_request();
  /// The first write behind `after` that shares no row with anything it would overtake; null when
  /// there is none. Looks through the line: only for a head that is suspected.
  [[nodiscard]] QueuedWrite* independent_of_head(const std::optional<Place>& after);

  /// Sets the head aside, as poison: it and the writes on its rows leave the main lane.
  void set_head_aside();
  [[nodiscard]] WriteLane& aside() noexcept { return aside_; }
  [[nodiscard]] const WriteLane& aside() const noexcept { return aside_; }

  /// Later writes on this write's rows, and, through those that were never sent, on theirs; in
  /// local order. Needs `rows_apart`.
  [[nodiscard]] std::vector<QueuedWrite*> dependents_of(const QueuedWrite& queued) const;

 private:
  struct ById {
    using is_transparent = void;
    [[nodiscard]] static const WriteId& id(const WriteId& id) noexcept { return id; }
    [[nodiscard]] static const WriteId& id(const QueuedWrite* queued) noexcept {
      return queued->outgoing.write.id;
    }
    [[nodiscard]] std::size_t operator()(const auto& one) const noexcept {
      return std::hash<WriteId>{}(id(one));
    }
    [[nodiscard]] bool operator()(const auto& left, const auto& right) const noexcept {
      return id(left) == id(right);
    }
  };

  [[nodiscard]] LaneKind lane_of(const QueuedWrite& queued);
  void move(WriteLane::iterator write, LaneKind to);
  void block(WriteLane::iterator write);
  void return_unblocked();
  void return_all();
  [[nodiscard]] WriteLane& lane(LaneKind kind);

  bool rows_apart_;
  std::uint64_t arrivals_ = 0;
  std::unordered_set<QueuedWrite*, ById, ById> writes_;
  WriteLane main_;
  WriteLane aside_;
  WriteLane blocked_;
  RowSet aside_rows_;  // of the aside and the blocked
  RowIndex index_;     // empty unless rows_apart_
};

}  // namespace patchbay
