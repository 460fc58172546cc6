#include "overlay.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::optimistic {

void Overlay::attach(Host& host, Synced synced) {
  host_ = &host;
  synced_ = std::move(synced);
}

void Overlay::add(const Write& write, std::span<const std::uint32_t> settled,
                  std::vector<Moved>& moved) {
  Unfinished& unfinished = writes_[write.sequence];
  unfinished.operations = write.operations;
  unfinished.taken.resize(write.operations.size());
  for (const std::uint32_t index : settled) unfinished.taken[index] = true;
  for (std::uint32_t index = 0; index < write.operations.size(); ++index) {
    if (!unfinished.taken[index]) put({write.sequence, index}, moved);
  }
}

void Overlay::remove(std::uint64_t sequence, std::span<const std::uint32_t> operations,
                     std::vector<Moved>& moved) {
  const auto found = writes_.find(sequence);
  if (found == writes_.end()) return;
  std::vector<RowName> names;
  for (const std::uint32_t index : operations) {
    if (index < found->second.taken.size() && !found->second.taken[index]) {
      take_out({sequence, index}, names, moved);
    }
  }
  if (std::ranges::all_of(found->second.taken, [](bool taken) { return taken; })) {
    writes_.erase(found);
  }
  refold(names, moved);
}

void Overlay::remove(std::uint64_t sequence, std::vector<Moved>& moved) {
  const auto found = writes_.find(sequence);
  if (found == writes_.end()) return;
  std::vector<std::uint32_t> all(found->second.operations.size());
  for (std::uint32_t index = 0; index < all.size(); ++index) all[index] = index;
  remove(sequence, all, moved);
}

void Overlay::refold(const std::vector<RowName>& names, std::vector<Moved>& moved) {
  std::vector<TouchedRow> covered;
  for (const RowName& name : names) {
    const auto found = rows_.find(name);
    if (found != rows_.end()) covered.push_back({name, found->second.key});
  }
  if (covered.empty()) return;
  for (FoldedRow& folded : RowFolding(*host_, *this).fold(std::move(covered))) {
    show(folded.row, std::move(folded.patch), moved);
  }
}

void Overlay::refold_table(const std::string& table, std::vector<Moved>& moved) {
  std::vector<RowName> names;
  for (const auto& [name, row] : rows_) {
    if (name.table == table) names.push_back(name);
  }
  refold(names, moved);
}

void Overlay::for_each(const std::string& table,
                       const std::function<void(const RowRef&)>& take) const {
  for (const auto& [name, row] : rows_) {
    if (name.table == table && row.view) take(row.view);
  }
}

std::vector<PlacedOperation> Overlay::operations(const RowName& row) {
  std::vector<PlacedOperation> placed;
  const auto found = rows_.find(row);
  if (found == rows_.end()) return placed;
  for (const OperationPlace& place : found->second.places) {
    placed.push_back({place, operation(place)});
  }
  return placed;
}

const Operation& Overlay::operation(const OperationPlace& place) const {
  return writes_.at(place.write).operations[place.index];
}

/// Notes that one more operation, the last of all, touches the row.
void Overlay::cover(const TouchedRow& row, const OperationPlace& place) {
  const auto [found, fresh] = rows_.try_emplace(row.name);
  if (fresh) {
    found->second.view = synced_(row.name);
    found->second.key = row.key;
  }
  found->second.places.push_back(place);
}

/// Lays one more operation over the rows it touches, at their ends.
void Overlay::put(const OperationPlace& place, std::vector<Moved>& moved) {
  const Operation& change = operation(place);
  const std::vector<TouchedRow> touched = touched_rows(*host_, change);
  for (const TouchedRow& one : touched) cover(one, place);
  CoveredRow& first = rows_.at(touched.front().name);
  if (touched.size() == 1) {
    const bool is_synced = static_cast<bool>(synced_(touched.front().name));
    return show(touched.front(), then(*host_, first.patch, change, is_synced), moved);
  }
  const RowRef source = first.view;
  const TouchedRow& target = touched.back();
  show(touched.front(), {RowPatch::Kind::deleted, {}}, moved);
  show(target, then_moved(*host_, rows_.at(target.name).patch, change, source), moved);
}

void Overlay::show(const TouchedRow& touched, RowPatch patch, std::vector<Moved>& moved) {
  CoveredRow& row = rows_.at(touched.name);
  RowRef after = over(*host_, patch, synced_(touched.name));
  row.patch = std::move(patch);
  moved.push_back({touched.name, row.key, row.view, after});
  row.view = std::move(after);
}

void Overlay::take_out(const OperationPlace& place, std::vector<RowName>& names,
                       std::vector<Moved>& moved) {
  writes_.at(place.write).taken[place.index] = true;
  for (TouchedRow& one : touched_rows(*host_, operation(place))) {
    auto& places = rows_.at(one.name).places;
    std::erase(places, place);
    if (places.empty()) uncover(one.name, moved);
    names.push_back(std::move(one.name));
  }
}

void Overlay::uncover(const RowName& name, std::vector<Moved>& moved) {
  const auto found = rows_.find(name);
  moved.push_back({name, found->second.key, found->second.view, synced_(name)});
  rows_.erase(found);
}

}  // namespace patchbay::optimistic
