#include "write/write_line.hpp"

#include <algorithm>
#include <utility>

#include "write/tuning.hpp"
#include "write/write_ledger.hpp"

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

/// True for what takes nothing away that an earlier write may need: a delete may cascade into what
/// that one saves.
bool may_go_past(const Write& write) {
  return std::ranges::all_of(write.operations, [](const Operation& operation) {
    return operation.kind != OperationKind::remove && !sets_key(operation);
  });
}

/// The first element behind that place, else the first of all, that is `wanted`; null for none.
template <typename Writes, typename Wanted>
QueuedWrite* behind(Writes& writes, const Place& place, const Wanted& wanted) {
  const auto start = writes.upper_bound(place);
  for (auto at = start; at != writes.end(); ++at) {
    if (QueuedWrite* one = wanted(at->second)) return one;
  }
  for (auto at = writes.begin(); at != start; ++at) {
    if (QueuedWrite* one = wanted(at->second)) return one;
  }
  return nullptr;
}

}  // namespace

QueuedWrite* WriteLine::add(OutgoingWrite outgoing) {
  if (writes_.contains(outgoing.write.id)) return nullptr;
  const Place place{outgoing.write.sequence, ++arrivals_};
  QueuedWrite fresh;
  fresh.arrival = place.arrival;
  fresh.reached = outgoing.sent_after_s != 0;
  fresh.outgoing = std::move(outgoing);
  // An older write came back: strict order again behind it, so that it is not overtaken.
  if (!aside_.empty() && place < aside_.rbegin()->first) {
    return_from(place, {&aside_, &blocked_});
  }
  QueuedWrite& added = main_.emplace_hint(main_.end(), place, std::move(fresh))->second;
  writes_.insert(&added);
  if (rows_apart_) index_.add(added.outgoing.write, place, added);
  return &added;
}

QueuedWrite* WriteLine::find(const WriteId& id) {
  const auto found = writes_.find(id);
  return found == writes_.end() ? nullptr : *found;
}

void WriteLine::remove(QueuedWrite& queued) {
  const LaneKind kind = queued.lane;
  const Place place = queued.place();
  if (rows_apart_) index_.remove(queued.outgoing.write, place);
  writes_.erase(&queued);
  voided_.erase(place);
  lane(kind).erase(place);
  if (kind == LaneKind::aside) return_from(place, {&aside_, &blocked_});
  // What is aside stays so: the write that is gone was not what it waited for.
  if (kind == LaneKind::blocked) return_from(place, {&blocked_});
}

QueuedWrite* WriteLine::head() {
  while (!main_.empty() && must_wait(main_.begin()->second)) {
    set_back(main_.begin()->second, LaneKind::blocked);
  }
  return main_.empty() ? nullptr : &main_.begin()->second;
}

std::vector<QueuedWrite*> WriteLine::next_request() {
  std::vector<QueuedWrite*> request;
  std::size_t bytes = 0;
  RowSet rows;
  // Behind a write that is refused provisionally those on its rows wait.
  const bool rows_apart = rows_apart_ || !aside_.empty();
  for (auto at = main_.begin(); at != main_.end();) {
    QueuedWrite& queued = (at++)->second;
    if (must_wait(queued)) {
      set_back(queued, LaneKind::blocked);
      continue;
    }
    const std::size_t more = text_bytes(queued.outgoing.write);
    if (queued.voiding) break;
    if (!request.empty()) {
      if (queued.alone) break;
      if (request.size() == tuning::kWritesPerRequestMax) break;
      if (bytes + more > tuning::kWriteRequestTextBytesMax) break;
      if (rows_apart && rows.touches(queued.outgoing.write)) break;
    }
    request.push_back(&queued);
    bytes += more;
    if (queued.alone || queued.divisible) break;
    if (rows_apart) rows.add(queued.outgoing.write);
  }
  return request;
}

bool WriteLine::is_past_undecided(const QueuedWrite& queued) const {
  return !aside_.empty() && aside_.begin()->first < queued.place();
}

bool WriteLine::must_wait(const QueuedWrite& queued) const {
  if (!is_past_undecided(queued)) return false;
  const Write& write = queued.outgoing.write;
  return !may_go_past(write) || undecided_rows_.touches(write);
}

void WriteLine::set_head_aside() {
  set_back(main_.begin()->second, LaneKind::aside);
}

void WriteLine::end_aside(QueuedWrite& queued) {
  return_from(queued.place(), {&aside_, &blocked_});
}

void WriteLine::wait_behind_undecided(QueuedWrite& queued) {
  if (is_past_undecided(queued)) set_back(queued, LaneKind::blocked);
}

void WriteLine::start_void(QueuedWrite& queued) {
  queued.voiding = true;
  voided_.emplace(queued.place(), &queued);
}

QueuedWrite* WriteLine::aside_behind(const Place& place) {
  return behind(aside_, place,
                [](QueuedWrite& queued) { return queued.voiding ? nullptr : &queued; });
}

QueuedWrite* WriteLine::voided_behind(const Place& place) {
  return behind(voided_, place, [](QueuedWrite* queued) { return queued; });
}

/// Moves a write out of the main lane, or among the others; its rows are those of undecided writes.
void WriteLine::set_back(QueuedWrite& queued, LaneKind to) {
  undecided_rows_.add(queued.outgoing.write);
  WriteLane::node_type node = lane(queued.lane).extract(queued.place());
  queued.lane = to;
  lane(to).insert(std::move(node));
}

/// Returns to the main lane what comes behind that place in these lanes.
void WriteLine::return_from(const Place& place, std::initializer_list<WriteLane*> lanes) {
  for (WriteLane* from : lanes) {
    for (auto at = from->lower_bound(place); at != from->end();) {
      WriteLane::node_type node = from->extract(at++);
      node.mapped().lane = LaneKind::main;
      main_.insert(std::move(node));
    }
  }
  undecided_rows_.clear();
  for (const WriteLane* left : {&aside_, &blocked_}) {
    for (const auto& [at, queued] : *left) undecided_rows_.add(queued.outgoing.write);
  }
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
