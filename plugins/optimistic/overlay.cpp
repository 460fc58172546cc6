#include "overlay.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_set>
#include <utility>

namespace patchbay::optimistic {
namespace {

RowName name_of(const Row& row) {
  return {row.schema().name, key_text(row)};
}

}  // namespace

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
  const auto connected = connected_to(names);
  // What a row moved from is folded first, oldest move first: each needs only earlier ones.
  std::set<Place> moves;
  for (const RowName& name : connected) {
    for (const Place& place : rows_.at(name).places) {
      if (names_of(operation(place)).size() == 2) moves.insert(place);
    }
  }
  Sources sources;
  for (const Place& move : moves) {
    sources.emplace(move, fold(name_of(*operation(move).key), move, sources));
  }
  for (const RowName& name : connected) {
    CoveredRow& row = rows_.at(name);
    RowRef after = fold(name, {std::numeric_limits<std::uint64_t>::max(), 0}, sources);
    moved.push_back({name, row.key, row.view, after});
    row.view = std::move(after);
  }
}

/// The covered rows among these names and all that moves connect them to: what one shows depends
/// on the others.
std::vector<RowName> Overlay::connected_to(std::vector<RowName> queue) const {
  std::vector<RowName> connected;
  std::unordered_set<RowName, RowNameHash> seen;
  while (!queue.empty()) {
    RowName name = std::move(queue.back());
    queue.pop_back();
    const auto found = rows_.find(name);
    if (found == rows_.end() || !seen.insert(name).second) continue;
    for (const Place& place : found->second.places) {
      for (RowName& other : names_of(operation(place))) {
        if (!seen.contains(other)) queue.push_back(std::move(other));
      }
    }
    connected.push_back(std::move(name));
  }
  return connected;
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

const Operation& Overlay::operation(const Place& place) const {
  return writes_.at(place.sequence).operations[place.index];
}

/// The row of that name with its operations before `end`. Starts behind the last one that leaves no
/// row, whatever was there.
RowRef Overlay::fold(const RowName& name, const Place& end, const Sources& sources) const {
  const auto covered = rows_.find(name);
  if (covered == rows_.end()) return synced_(name);
  const auto& places = covered->second.places;
  const auto last = std::ranges::lower_bound(places, end);
  auto first = last;
  while (first != places.begin() && !leaves_nothing(operation(*std::prev(first)), name)) --first;
  RowRef row = first == places.begin() ? synced_(name) : RowRef{};
  for (auto place = first; place != last; ++place) {
    const auto source = sources.find(*place);
    row = apply(std::move(row), name, operation(*place),
                source == sources.end() ? RowRef{} : source->second);
  }
  return row;
}

bool Overlay::leaves_nothing(const Operation& change, const RowName& name) const {
  if (change.kind == OperationKind::remove) return true;
  return names_of(change).size() == 2 && name == name_of(*change.key);
}

/// One operation on one row it touches; `source` is the row that a move brings along.
RowRef Overlay::apply(RowRef row, const RowName& name, const Operation& change,
                      const RowRef& source) const {
  if (leaves_nothing(change, name)) return {};
  if (change.kind == OperationKind::insert) {
    if (!row) row = all_null(change.table());
    return host_->fold(*row, *change.set);
  }
  const RowRef& base = names_of(change).size() == 2 ? source : row;
  return base ? host_->fold(*base, *change.set) : row;
}

RowRef Overlay::all_null(const TableSchema& schema) const {
  const TableSchema* newest = host_->table(schema.name);
  const TableSchema& table = newest == nullptr ? schema : *newest;
  const std::vector<Cell> cells(table.columns.size(), Cell::null());
  return host_->make_row(table, cells);
}

/// Lays one more operation over the rows it touches, at their ends.
void Overlay::put(const Place& place, std::vector<Moved>& moved) {
  const Operation& change = operation(place);
  const std::vector<RowName> names = names_of(change);
  const auto shown = [this](const RowName& name) {
    return covers(name) ? view(name) : synced_(name);
  };
  const RowRef source = shown(names.front());
  std::vector<RowRef> after;
  for (const RowName& name : names) after.push_back(apply(shown(name), name, change, source));
  for (std::size_t index = 0; index < names.size(); ++index) {
    const bool covered = covers(names[index]);
    CoveredRow& row = rows_[names[index]];
    if (!covered) {
      row.view = synced_(names[index]);
      row.key = index == 0 ? change.key : host_->fold(*change.key, *change.set);
    }
    row.places.push_back(place);
    moved.push_back({names[index], row.key, row.view, after[index]});
    row.view = after[index];
  }
}

void Overlay::take_out(const Place& place, std::vector<RowName>& names, std::vector<Moved>& moved) {
  writes_.at(place.sequence).taken[place.index] = true;
  for (RowName& name : names_of(operation(place))) {
    auto& places = rows_.at(name).places;
    std::erase(places, place);
    if (places.empty()) uncover(name, moved);
    names.push_back(std::move(name));
  }
}

void Overlay::uncover(const RowName& name, std::vector<Moved>& moved) {
  const auto found = rows_.find(name);
  moved.push_back({name, found->second.key, found->second.view, synced_(name)});
  rows_.erase(found);
}

std::vector<RowName> Overlay::names_of(const Operation& change) const {
  std::vector<RowName> names{name_of(*change.key)};
  if (change.kind != OperationKind::update) return names;
  const bool sets_key = std::ranges::any_of(change.table().key, [&](std::uint32_t column) {
    return !change.set->cell(column).is_absent();
  });
  if (!sets_key) return names;
  RowName moved = name_of(*host_->fold(*change.key, *change.set));
  if (moved != names.front()) names.push_back(std::move(moved));
  return names;
}

}  // namespace patchbay::optimistic
