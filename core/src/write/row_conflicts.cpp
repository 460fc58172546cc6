#include "write/row_conflicts.hpp"

#include <algorithm>
#include <utility>

#include "write/write_ledger.hpp"

namespace patchbay {

std::vector<std::string> touched_rows(const Write& write) {
  std::vector<std::string> names;
  names.reserve(write.operations.size());
  for (const Operation& operation : write.operations) {
    for (std::string& name : touched_rows(operation)) names.push_back(std::move(name));
  }
  return names;
}

void RowSet::add(const Write& write) {
  for (std::string& name : touched_rows(write)) rows_.insert(std::move(name));
}

bool RowSet::touches(const Write& write) const {
  if (rows_.empty()) return false;
  return std::ranges::any_of(touched_rows(write),
                             [this](const std::string& name) { return rows_.contains(name); });
}

void RowIndex::add(const Write& write, const Place& place, QueuedWrite& queued) {
  for (std::string& name : touched_rows(write)) rows_[std::move(name)].emplace(place, &queued);
}

void RowIndex::remove(const Write& write, const Place& place) {
  for (const std::string& name : touched_rows(write)) {
    const auto found = rows_.find(name);
    if (found == rows_.end()) continue;
    found->second.erase(place);
    if (found->second.empty()) rows_.erase(found);
  }
}

const Lane* RowIndex::writes_on(const std::string& row) const {
  const auto found = rows_.find(row);
  return found == rows_.end() ? nullptr : &found->second;
}

}  // namespace patchbay
