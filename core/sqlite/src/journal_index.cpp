#include <algorithm>
#include <functional>
#include <patchbay/sqlite/journal_index.hpp>
#include <ranges>
#include <string>

namespace patchbay::sqlite {

std::uint64_t hash_of(const RowName& row) noexcept {
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;
  const std::hash<std::string> hash;
  return hash(row.key) ^ (hash(row.table) * kSpread);
}

void JournalIndex::add_write(const WriteId& write, std::uint64_t begin) {
  writes_.emplace(write, begin);
  changes_.push_back({Kind::write_added, write, 0, begin});
}

void JournalIndex::remove_write(const WriteId& write) {
  const auto found = writes_.find(write);
  if (found == writes_.end()) return;
  changes_.push_back({Kind::write_removed, write, 0, found->second});
  writes_.erase(found);
}

void JournalIndex::add_operation(std::uint64_t row, std::uint64_t operation) {
  rows_.emplace(row, operation);
  changes_.push_back({Kind::row_added, {}, row, operation});
}

void JournalIndex::remove_operation(std::uint64_t row, std::uint64_t operation) {
  erase(row, operation);
  changes_.push_back({Kind::row_removed, {}, row, operation});
}

std::optional<std::uint64_t> JournalIndex::find(const WriteId& write) const {
  const auto found = writes_.find(write);
  if (found == writes_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::uint64_t> JournalIndex::operations(std::uint64_t row) const {
  std::vector<std::uint64_t> places;
  const auto [first, last] = rows_.equal_range(row);
  for (auto at = first; at != last; ++at) places.push_back(at->second);
  std::ranges::sort(places);
  return places;
}

void JournalIndex::roll_back() {
  for (const Change& change : std::views::reverse(changes_)) {
    switch (change.kind) {
      case Kind::write_added:
        writes_.erase(change.write);
        break;
      case Kind::write_removed:
        writes_.emplace(change.write, change.place);
        break;
      case Kind::row_added:
        erase(change.row, change.place);
        break;
      case Kind::row_removed:
        rows_.emplace(change.row, change.place);
        break;
    }
  }
  changes_.clear();
}

void JournalIndex::erase(std::uint64_t row, std::uint64_t operation) {
  const auto [first, last] = rows_.equal_range(row);
  const auto found =
      std::find_if(first, last, [operation](const auto& one) { return one.second == operation; });
  if (found != last) rows_.erase(found);
}

}  // namespace patchbay::sqlite
