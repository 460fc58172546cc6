#include "write/write_line.hpp"

#include <iterator>
#include <utility>

#include "tuning.hpp"

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
  auto& slot = writes_[outgoing.write.id];
  if (slot) return nullptr;
  slot = std::make_unique<QueuedWrite>();
  slot->place = {outgoing.write.sequence, ++arrivals_};
  slot->text_bytes = text_bytes(outgoing.write);
  slot->reached = outgoing.sent_after_s != 0;
  slot->outgoing = std::move(outgoing);
  if (rows_apart_) index_.add(slot->outgoing.write, slot->place, *slot);
  place_in_lane(*slot);
  return slot.get();
}

void WriteLine::place_in_lane(QueuedWrite& queued) {
  if (!aside_.empty() && aside_rows_.touches(queued.outgoing.write)) {
    const bool comes_last = aside_.rbegin()->first < queued.place &&
                            (main_.empty() || main_.rbegin()->first < queued.place);
    if (comes_last) return block(queued);
    // An older write on these rows came back: strict order again, so that it is not overtaken.
    return_all();
  }
  main_.emplace(queued.place, &queued);
}

QueuedWrite* WriteLine::find(const WriteId& id) {
  const auto found = writes_.find(id);
  return found == writes_.end() ? nullptr : found->second.get();
}

void WriteLine::remove(QueuedWrite& queued) {
  const WriteId id = queued.outgoing.write.id;
  const bool was_aside = queued.lane == LaneKind::aside;
  lane(queued.lane).erase(queued.place);
  if (rows_apart_) index_.remove(queued.outgoing.write, queued.place);
  writes_.erase(id);
  if (was_aside) return_unblocked();
}

QueuedWrite* WriteLine::head() const {
  return main_.empty() ? nullptr : main_.begin()->second;
}

std::vector<QueuedWrite*> WriteLine::next_request() const {
  std::vector<QueuedWrite*> request;
  std::size_t bytes = 0;
  RowSet rows;
  for (const auto& [place, queued] : main_) {
    if (!request.empty()) {
      if (queued->voiding || queued->alone) break;
      if (request.size() == tuning::kWritesPerRequestMax) break;
      if (bytes + queued->text_bytes > tuning::kWriteRequestTextBytesMax) break;
      if (rows_apart_ && rows.touches(queued->outgoing.write)) break;
    }
    request.push_back(queued);
    bytes += queued->text_bytes;
    if (queued->voiding || queued->alone) break;
    if (rows_apart_) rows.add(queued->outgoing.write);
  }
  return request;
}

QueuedWrite* WriteLine::independent_of_head(const std::optional<Place>& after) const {
  if (main_.empty()) return nullptr;
  RowSet overtaken;
  overtaken.add(head()->outgoing.write);
  for (auto at = std::next(main_.begin()); at != main_.end(); ++at) {
    const Write& write = at->second->outgoing.write;
    const bool too_early = after && at->first <= *after;
    if (!too_early && !overtaken.touches(write)) return at->second;
    overtaken.add(write);
  }
  return nullptr;
}

void WriteLine::set_head_aside() {
  QueuedWrite& poison = *main_.begin()->second;
  main_.erase(main_.begin());
  poison.lane = LaneKind::aside;
  aside_.emplace(poison.place, &poison);
  RowSet rows;
  rows.add(poison.outgoing.write);
  for (auto at = main_.begin(); at != main_.end();) {
    QueuedWrite& queued = *at->second;
    if (!rows.touches(queued.outgoing.write)) {
      ++at;
      continue;
    }
    rows.add(queued.outgoing.write);
    at = main_.erase(at);
    block(queued);
  }
  aside_rows_.add(rows);
}

void WriteLine::block(QueuedWrite& queued) {
  queued.lane = LaneKind::blocked;
  blocked_.emplace(queued.place, &queued);
  aside_rows_.add(queued.outgoing.write);
}

void WriteLine::return_unblocked() {
  aside_rows_.clear();
  for (const auto& [place, queued] : aside_) aside_rows_.add(queued->outgoing.write);
  for (const auto& [place, queued] : std::exchange(blocked_, {})) {
    if (aside_rows_.touches(queued->outgoing.write)) {
      block(*queued);
    } else {
      queued->lane = LaneKind::main;
      main_.emplace(place, queued);
    }
  }
}

void WriteLine::return_all() {
  for (const auto& [place, queued] : std::exchange(aside_, {})) {
    queued->lane = LaneKind::main;
    main_.emplace(place, queued);
  }
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
      if (writes != nullptr) found.insert(writes->upper_bound(from.place), writes->end());
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

Lane& WriteLine::lane(LaneKind kind) {
  if (kind == LaneKind::main) return main_;
  return kind == LaneKind::aside ? aside_ : blocked_;
}

}  // namespace patchbay
