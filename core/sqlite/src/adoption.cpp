#include "adoption.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace patchbay::sqlite {
namespace {

std::set<WriteId> ids_of(const Handover& handover) {
  std::set<WriteId> ids;
  for (const UnfinishedWrite& one : handover.unfinished) ids.insert(one.write.id);
  for (const RejectedWrite& one : handover.rejected) ids.insert(one.write.id);
  return ids;
}

void append(std::vector<TouchedRow>& rows, std::vector<TouchedRow> more) {
  std::ranges::move(more, std::back_inserter(rows));
}

}  // namespace

Adoption::Taken::Taken(const Handover& handover) {
  for (const UnfinishedWrite& one : handover.unfinished) {
    unfinished.push_back({one.write.id, one.sent_after_s, one.settled.size()});
  }
  for (const RejectedWrite& one : handover.rejected) rejected.push_back(one.write.id);
}

void Adoption::replace(const Handover& handover, Step& step) {
  std::vector<TouchedRow> rows;
  Found found = take_found(handover, rows);
  append(rows, taken_ ? drop_ended(*taken_, handover) : drop_all());
  append(rows, add_missing(handover));
  for (KeptWrite& kept : found.unfinished) {
    add_found(kept);
    append(rows, journal_.rows_of(kept.write.id));
    step.send(std::move(kept));
  }
  for (RejectedWrite& one : found.rejected) {
    add_found({one.write, 0, false});
    static_cast<void>(journal_.reject(one.write.id, one.rejection));
    step.refuse(std::move(one));
  }
  step.fold(std::move(rows));
  taken_.emplace(handover);
}

/// Takes what was found early out of the journal, with the rows it touches, except what has been
/// handed on since.
Adoption::Found Adoption::take_found(const Handover& handover, std::vector<TouchedRow>& rows) {
  Found found;
  std::vector<WriteId> early = early_.take();
  if (early.empty()) return found;
  const std::set<WriteId> handed_on = ids_of(handover);
  std::erase_if(early, [&handed_on](const WriteId& id) { return handed_on.contains(id); });
  found.rejected = journal_.rejected();
  std::erase_if(found.rejected, [&early](const RejectedWrite& one) {
    return std::ranges::find(early, one.write.id) == early.end();
  });
  for (const WriteId& id : early) {
    KeptWrite kept = journal_.find(id);
    append(rows, journal_.erase(id));
    if (!kept.write.operations.empty()) found.unfinished.push_back(std::move(kept));
  }
  return found;
}

void Adoption::add_found(const KeptWrite& kept) {
  journal_.add(kept.write, kept.sent_after_s, kept.divisible);
  early_.add(kept.write.id);
}

/// Brings the writes taken so far up to the handover, and drops those that the handover does not
/// have any more. Both are in local order, so those that stay are before all that are added. Gives
/// the rows touched.
std::vector<TouchedRow> Adoption::drop_ended(const Taken& taken, const Handover& handover) {
  std::vector<TouchedRow> rows;
  auto now = handover.unfinished.begin();
  for (const Taken::Unfinished& before : taken.unfinished) {
    if (now == handover.unfinished.end() || now->write.id != before.id) {
      append(rows, journal_.erase(before.id));
      continue;
    }
    if (before.sent_after_s == 0 && now->sent_after_s != 0) {
      journal_.mark_sent({&before.id, 1}, now->sent_after_s);
    }
    if (before.settled != now->settled.size()) {
      append(rows, journal_.settle(before.id, now->settled));
    }
    ++now;
  }
  if (taken.rejected.empty()) return rows;
  const std::set<WriteId> known = ids_of(handover);
  for (const WriteId& before : taken.rejected) {
    if (!known.contains(before)) static_cast<void>(journal_.erase(before));
  }
  return rows;
}

/// Gives the rows touched.
std::vector<TouchedRow> Adoption::drop_all() {
  std::vector<TouchedRow> rows;
  for (const KeptTable& table : tables_.all()) {
    append(rows, journal_.covered(table.schema->name));
  }
  journal_.clear();
  return rows;
}

void Adoption::send_unknown(const Handover& handover, Step& step) {
  static_cast<void>(early_.take());  // they are among the others
  const std::set<WriteId> known = ids_of(handover);
  for (KeptWrite& kept : journal_.unfinished()) {
    if (!known.contains(kept.write.id)) step.send(std::move(kept));
  }
  for (RejectedWrite& one : journal_.rejected()) {
    if (!known.contains(one.write.id)) step.refuse(std::move(one));
  }
}

std::vector<TouchedRow> Adoption::add_missing(const Handover& handover) {
  std::vector<TouchedRow> rows;
  for (const UnfinishedWrite& one : handover.unfinished) {
    const Write& write = one.write;
    if (journal_.contains(write.id)) continue;
    journal_.add(write, one.sent_after_s, one.divisible);
    if (!one.settled.empty()) static_cast<void>(journal_.settle(write.id, one.settled));
    for (std::uint32_t at = 0; at < write.operations.size(); ++at) {
      if (std::ranges::binary_search(one.settled, at)) continue;
      for (TouchedRow& row : touched_rows(host_, write.operations[at])) {
        rows.push_back(std::move(row));
      }
    }
  }
  for (const RejectedWrite& one : handover.rejected) {
    // The store of a predecessor that failed may have it unfinished.
    if (!journal_.contains(one.write.id)) {
      journal_.add(one.write, 0, false);
    } else if (journal_.find(one.write.id).write.operations.empty()) {
      continue;
    }
    append(rows, journal_.reject(one.write.id, one.rejection));
  }
  return rows;
}

}  // namespace patchbay::sqlite
