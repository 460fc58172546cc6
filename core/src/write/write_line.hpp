// WriteLine: the writes that wait for a verdict, in local order, and who may go next.
// Kept by the write queue, on its strand; decides order, knows neither time nor gateway. Pure.
//
//   add ─► main ──(verdict)──► gone          main:    goes in strict order, the head first
//           │ ▲                              aside:   poison, tried again beside the main lane
//           ▼ │ (verdict of the poison)      blocked: may not go past a poison write before it,
//         aside, blocked                              waits for that one's verdict
//
// Past a poison write go inserts and updates that leave the key alone, on other rows than those of
// the poison and of what waits behind it, and provisionally: one that is refused so waits too.
//
// Invariants:
//  1. Of two writes that share a row the later never goes before the earlier has a verdict, unless
//     both travel in one request, in order.
//  2. Each write in `main` comes after the first that is aside; one of them that may not go past
//     these is blocked when its turn comes.
//  3. Adding costs nothing that grows with the line, nor does choosing the next request, except
//     that each write is moved once to the blocked, and once back when one that it waits for has
//     ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
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

enum class LaneKind : std::uint8_t { main, aside, blocked };

/// State that few writes need, so that the others take no room for it.
struct Trouble {
  TimerId deadline = 0;         ///< The latest of them; 0: none is to come.
  std::uint32_t deadlines = 0;  ///< To come, one for each call that waits; in the order of calls.
  WriteId because_of;           ///< Voided because this write was rejected.
};

/// A write without a verdict and what is known of its requests. Owned by the line; small, as a
/// device that is offline for long has many.
struct QueuedWrite {
  OutgoingWrite outgoing;
  std::uint64_t arrival = 0;
  std::int64_t first_sent_s = 0;       ///< The time before its first request; 0: unknown.
  std::uint8_t foreign_answers = 0;    ///< In a row, none of them the backend's; to 255.
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
  /// Takes a write out. Those behind one that was aside return to the main lane; behind one that
  /// was blocked, the others that are blocked do.
  void remove(QueuedWrite& queued);
  [[nodiscard]] std::size_t size() const noexcept { return writes_.size(); }
  template <typename Visit>
  void for_each(const Visit& visit) {
    for (QueuedWrite* queued : writes_) visit(*queued);
  }

  /// The first of the main lane that may go; null when there is none.
  [[nodiscard]] QueuedWrite* head();
  /// The head and what may travel with it, within the bounds of one request.
  [[nodiscard]] std::vector<QueuedWrite*> next_request();
  /// True for a write that is sent past one without an outcome.
  [[nodiscard]] bool is_past_undecided(const QueuedWrite& queued) const;

  /// Sets the head aside, as poison.
  void set_head_aside();
  /// Ends that for a write which is aside: it is the head again, and all behind it return.
  void end_aside(QueuedWrite& queued);
  /// Makes a write wait that was refused provisionally.
  void wait_behind_undecided(QueuedWrite& queued);
  /// From now on the void of this write is sent instead of the write.
  void start_void(QueuedWrite& queued);
  /// The poison writes; one that is voided may be among them.
  [[nodiscard]] const WriteLane& aside() const noexcept { return aside_; }
  /// The first poison write behind that place that is not voided, else the first of all; null for
  /// none.
  [[nodiscard]] QueuedWrite* aside_behind(const Place& place);
  /// The first write behind that place whose void is sent, else the first of all; null for none.
  [[nodiscard]] QueuedWrite* voided_behind(const Place& place);
  [[nodiscard]] bool any_blocked() const noexcept { return !blocked_.empty(); }

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

  [[nodiscard]] bool must_wait(const QueuedWrite& queued) const;
  void set_back(QueuedWrite& queued, LaneKind to);
  void return_from(const Place& place, std::initializer_list<WriteLane*> lanes);
  [[nodiscard]] WriteLane& lane(LaneKind kind);

  bool rows_apart_;
  std::uint64_t arrivals_ = 0;
  std::unordered_set<QueuedWrite*, ById, ById> writes_;
  WriteLane main_;
  WriteLane aside_;
  WriteLane blocked_;
  Lane voided_;            // of any lane
  RowSet undecided_rows_;  // of the aside and the blocked
  RowIndex index_;         // empty unless rows_apart_
};

}  // namespace patchbay
