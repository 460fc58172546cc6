#include "write/write_line.hpp"

#include <iterator>
#include <utility>

#include "write/tuning.hpp"

namespace patchbay {
namespace {

/// About what a row takes as JSON: names and texts. Escapes are left to the margin of the bound.
std::size_t text_bytes(const RowRef& row) {
  if (!row) return 0;
  std::size_t bytes = 0;
  const auto& columns = row->schema().columns;
  for (std::uint32_t column = 0; column < columns.size(); ++column) {
    const Cell cell = row->cell(column);
    if (!cell.is_absent()) bytes += columns[column].name.size() + cell.text.size() + 8;
  }
  return bytes;
}

std::size_t text_bytes(const Write& write) {
  std::size_t bytes = 0;
  for (const Operation& operation : write.operations) {
    bytes += text_bytes(operation.key) + text_bytes(operation.set);
  }
  return bytes;
}

}  // namespace

QueuedWrite* WriteLine::add(OutgoingWrite outgoing) {
  if (writes_.contains(outgoing.write.id)) return nullptr;
  const Place place{outgoing.write.sequence, ++arrivals_};
  QueuedWrite fresh;
  fresh.arrival = place.arrival;
  fresh.reached = outgoing.sent_after_s != 0;
  fresh.outgoing = std::move(outgoing);
  fresh.lane = lane_of(fresh);
  if (fresh.lane == LaneKind::blocked) aside_rows_.add(fresh.outgoing.write);
  WriteLane& to = lane(fresh.lane);
  QueuedWrite& added = to.emplace_hint(to.end(), place, std::move(fresh))->second;
  writes_.insert(&added);
  if (rows_apart_) index_.add(added.outgoing.write, place, added);
  return &added;
}

/// Main, or blocked by a write that is aside.
LaneKind WriteLine::lane_of(const QueuedWrite& queued) {
  if (aside_.empty() || !aside_rows_.touches(queued.outgoing.write)) return LaneKind::main;
  const Place place = queued.place();
  const bool comes_last =
      aside_.rbegin()->first < place && (main_.empty() || main_.rbegin()->first < place);
  if (comes_last) return LaneKind::blocked;
  // An older write on these rows came back: strict order again, so that it is not overtaken.
  return_all();
  return LaneKind::main;
}

QueuedWrite* WriteLine::find(const WriteId& id) {
  const auto found = writes_.find(id);
  return found == writes_.end() ? nullptr : *found;
}

void WriteLine::remove(QueuedWrite& queued) {
  const bool was_aside = queued.lane == LaneKind::aside;
  const Place place = queued.place();
  if (rows_apart_) index_.remove(queued.outgoing.write, place);
  writes_.erase(&queued);
  lane(queued.lane).erase(place);
  if (was_aside) return_unblocked();
}

QueuedWrite* WriteLine::head() {
  return main_.empty() ? nullptr : &main_.begin()->second;
}

void WriteLine::move(WriteLane::iterator write, LaneKind to) {
  WriteLane& from = lane(write->second.lane);
  write->second.lane = to;
  lane(to).insert(from.extract(write));
}

std::vector<QueuedWrite*> WriteLine::next_request() {
  std::vector<QueuedWrite*> request;
  std::size_t bytes = 0;
  RowSet rows;
  for (auto& [place, queued] : main_) {
    const std::size_t more = text_bytes(queued.outgoing.write);
    if (!request.empty()) {
      if (queued.voiding || queued.alone) break;
      if (request.size() == tuning::kWritesPerRequestMax) break;
      if (bytes + more > tuning::kWriteRequestTextBytesMax) break;
      if (rows_apart_ && rows.touches(queued.outgoing.write)) break;
    }
    request.push_back(&queued);
    bytes += more;
    if (queued.voiding || queued.alone || queued.divisible) break;
    if (rows_apart_) rows.add(queued.outgoing.write);
  }
  return request;
}

QueuedWrite* WriteLine::independent_of_head(const std::optional<Place>& after) {
  if (main_.empty()) return nullptr;
  RowSet overtaken;
  overtaken.add(head()->outgoing.write);
  for (auto at = std::next(main_.begin()); at != main_.end(); ++at) {
    const Write& write = at->second.outgoing.write;
    const bool too_early = after && at->first <= *after;
    if (!too_early && !overtaken.touches(write)) return &at->second;
    overtaken.add(write);
  }
  return nullptr;
}

void WriteLine::set_head_aside() {
  RowSet rows;
  rows.add(main_.begin()->second.outgoing.write);
  move(main_.begin(), LaneKind::aside);
  for (auto at = main_.begin(); at != main_.end();) {
    const auto one = at++;
    const Write& write = one->second.outgoing.write;
    if (!rows.touches(write)) continue;
    rows.add(write);
    block(one);
  }
  aside_rows_.add(rows);
}

void WriteLine::block(WriteLane::iterator write) {
  aside_rows_.add(write->second.outgoing.write);
  move(write, LaneKind::blocked);
}

void WriteLine::return_unblocked() {
  aside_rows_.clear();
  for (const auto& [place, queued] : aside_) aside_rows_.add(queued.outgoing.write);
  for (auto at = blocked_.begin(); at != blocked_.end();) {
    const auto one = at++;
    const Write& write = one->second.outgoing.write;
    if (aside_rows_.touches(write)) {
      aside_rows_.add(write);
    } else {
      move(one, LaneKind::main);
    }
  }
}

void WriteLine::return_all() {
  while (!aside_.empty()) move(aside_.begin(), LaneKind::main);
  return_unblocked();
}

std::vector<QueuedWrite*> WriteLine::dependents_of(const QueuedWrite& queued) const {
  std::vector<QueuedWrite*> dependents;
  RowSet walked;
  Lane found;
  const auto walk = [&](const QueuedWrite& from) {
    for (const std::string& row : touched_rows(from.outgoing.write)) {
      // Writes are walked in local order: the first walk of a row has seen all that follow.
      if (!walked.add(row)) continue;
      const Lane* writes = index_.writes_on(row);
      if (writes != nullptr) found.insert(writes->upper_bound(from.place()), writes->end());
    }
  };
  walk(queued);
  while (!found.empty()) {
    QueuedWrite* dependent = found.begin()->second;
    found.erase(found.begin());
    dependents.push_back(dependent);
    if (!dependent->could_have_reached()) walk(*dependent);
  }
  return dependents;
}

WriteLane& WriteLine::lane(LaneKind kind) {
  if (kind == LaneKind::main) return main_;
  return kind == LaneKind::aside ? aside_ : blocked_;
}

}  // namespace patchbay
