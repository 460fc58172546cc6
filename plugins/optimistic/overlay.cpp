#include "overlay.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::optimistic {

void Places::add(const OperationPlace& place) {
  if (!more_) more_ = std::make_unique<std::vector<OperationPlace>>();
  OperationPlace later = place;
  if (later < first_) std::swap(first_, later);
  more_->insert(std::ranges::upper_bound(*more_, later), later);
}

bool Places::erase(const OperationPlace& place) {
  if (first_ != place) {
    if (more_) std::erase(*more_, place);
    return false;
  }
  if (!more_ || more_->empty()) return true;
  first_ = more_->front();
  more_->erase(more_->begin());
  return false;
}

void Overlay::attach(Host& host, Synced synced) {
  host_ = &host;
  synced_ = std::move(synced);
}

void Overlay::add(const Write& write, std::span<const std::uint32_t> settled,
                  std::vector<Moved>& moved) {
  Operations& operations = writes_[write.sequence];
  operations = write.operations;
  for (const std::uint32_t index : settled) operations[index] = {};
  if (write.sequence < last_) return put_between(operations, write.sequence, moved);
  last_ = write.sequence;
  for (std::uint32_t index = 0; index < operations.size(); ++index) {
    if (operations[index].key) put({write.sequence, index}, moved);
  }
}

void Overlay::remove(std::uint64_t sequence, std::span<const std::uint32_t> operations,
                     std::vector<Moved>& moved) {
  const auto found = writes_.find(sequence);
  if (found == writes_.end()) return;
  std::vector<RowName> names;
  for (const std::uint32_t index : operations) {
    if (index < found->second.size() && found->second[index].key) {
      take_out({sequence, index}, names, moved);
    }
  }
  if (std::ranges::none_of(found->second,
                           [](const Operation& one) { return static_cast<bool>(one.key); })) {
    writes_.erase(found);
  }
  refold(names, moved);
}

void Overlay::remove(std::uint64_t sequence, std::vector<Moved>& moved) {
  const auto found = writes_.find(sequence);
  if (found == writes_.end()) return;
  std::vector<std::uint32_t> all(found->second.size());
  for (std::uint32_t index = 0; index < all.size(); ++index) all[index] = index;
  remove(sequence, all, moved);
}

void Overlay::replace(std::span<const UnfinishedWrite> writes, std::vector<Moved>& moved) {
  const auto sequence = [](const UnfinishedWrite& one) { return one.write.sequence; };
  std::vector<std::uint64_t> ended;
  for (const auto& [known, operations] : writes_) {
    if (!std::ranges::binary_search(writes, known, {}, sequence)) ended.push_back(known);
  }
  for (const std::uint64_t one : ended) remove(one, moved);
  for (const UnfinishedWrite& one : writes) {
    const auto known = writes_.find(one.write.sequence);
    // The first part of a write that was divided stands where the write stood.
    const bool divided =
        known != writes_.end() && known->second.size() != one.write.operations.size();
    if (divided) remove(one.write.sequence, moved);
    if (divided || known == writes_.end()) {
      add(one.write, one.settled, moved);
    } else if (!one.settled.empty()) {
      remove(one.write.sequence, one.settled, moved);
    }
  }
}

void Overlay::refold(const std::vector<RowName>& names, std::vector<Moved>& moved) {
  std::vector<TouchedRow> covered;
  for (const RowName& name : names) {
    const auto found = rows_.find(name);
    if (found != rows_.end()) covered.push_back({name, found->first});
  }
  if (covered.empty()) return;
  std::erase_if(covered, [&](const TouchedRow& one) {
    const RowPatch* kept = patches_.find(*host_, one.name, static_cast<bool>(synced_(one.name)));
    if (kept != nullptr) show(one, *kept, moved);
    return kept != nullptr;
  });
  for (FoldedRow& folded : RowFolding(*host_, *this).fold(std::move(covered))) {
    if (row(folded.row.name).places.size() >= RowPatches::kOperationsMin) {
      patches_.keep(*host_, folded, operations(folded.row.name));
    }
    show(folded.row, std::move(folded.patch), moved);
  }
}

void Overlay::refold_table(const std::string& table, std::vector<Moved>& moved) {
  std::vector<RowName> names;
  for (const auto& [key, row] : rows_) {
    if (key->schema().name == table) names.push_back(row_name(*key));
  }
  refold(names, moved);
}

void Overlay::for_each(const std::string& table,
                       const std::function<void(const RowRef&)>& take) const {
  for (const auto& [key, row] : rows_) {
    if (row.view && key->schema().name == table) take(row.view);
  }
}

std::vector<PlacedOperation> Overlay::operations(const RowName& row) {
  std::vector<PlacedOperation> placed;
  const auto found = rows_.find(row);
  if (found == rows_.end()) return placed;
  found->second.places.for_each([&](const OperationPlace& place) {
    placed.push_back({place, operation(place)});
  });
  return placed;
}

const Operation& Overlay::operation(const OperationPlace& place) const {
  return writes_.at(place.write)[place.index];
}

/// Notes that one more operation touches the row.
void Overlay::cover(const TouchedRow& row, const OperationPlace& place) {
  const auto found = rows_.find(row.name);
  if (found != rows_.end()) return found->second.places.add(place);
  rows_.emplace(row.key, CoveredRow{Places(place), {}, synced_(row.name)});
}

/// Lays one more operation over the rows it touches, at their ends.
void Overlay::put(const OperationPlace& place, std::vector<Moved>& moved) {
  const Operation& change = operation(place);
  const std::vector<TouchedRow> touched = touched_rows(*host_, change);
  for (const TouchedRow& one : touched) cover(one, place);
  patches_.add(*host_, change, place);
  CoveredRow& first = row(touched.front().name);
  if (touched.size() == 1) {
    const bool is_synced = static_cast<bool>(synced_(touched.front().name));
    return show(touched.front(), then(*host_, first.patch, change, is_synced), moved);
  }
  const RowRef source = first.view;
  const TouchedRow& target = touched.back();
  show(touched.front(), {RowPatch::Kind::deleted, {}}, moved);
  show(target, then_moved(*host_, row(target.name).patch, change, source), moved);
}

/// Lays the operations of a write between others over the rows they touch.
void Overlay::put_between(const Operations& operations, std::uint64_t sequence,
                          std::vector<Moved>& moved) {
  std::vector<RowName> names;
  for (std::uint32_t index = 0; index < operations.size(); ++index) {
    if (!operations[index].key) continue;
    for (TouchedRow& one : touched_rows(*host_, operations[index])) {
      cover(one, {sequence, index});
      patches_.forget(one.name);
      names.push_back(std::move(one.name));
    }
  }
  refold(names, moved);
}

void Overlay::show(const TouchedRow& touched, RowPatch patch, std::vector<Moved>& moved) {
  const auto found = rows_.find(touched.name);
  CoveredRow& row = found->second;
  RowRef after = over(*host_, patch, synced_(touched.name));
  row.patch = std::move(patch);
  moved.push_back({touched.name, found->first, row.view, after});
  row.view = std::move(after);
}

void Overlay::take_out(const OperationPlace& place, std::vector<RowName>& names,
                       std::vector<Moved>& moved) {
  const Operation taken = std::exchange(writes_.at(place.write)[place.index], {});
  patches_.remove(*host_, taken, place);
  for (TouchedRow& one : touched_rows(*host_, taken)) {
    if (row(one.name).places.erase(place)) uncover(one.name, moved);
    names.push_back(std::move(one.name));
  }
}

void Overlay::uncover(const RowName& name, std::vector<Moved>& moved) {
  const auto found = rows_.find(name);
  moved.push_back({name, found->first, found->second.view, synced_(name)});
  rows_.erase(found);
}

}  // namespace patchbay::optimistic
