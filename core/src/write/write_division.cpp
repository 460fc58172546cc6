#include "write/write_division.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <patchbay/kit/write_digest.hpp>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "write/write_ledger.hpp"

namespace patchbay {
namespace {

/// Joins operations that touch the same row.
class Groups {
 public:
  explicit Groups(std::size_t count) : parents_(count) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }
  [[nodiscard]] std::size_t of(std::size_t operation) {
    while (parents_[operation] != operation) {
      parents_[operation] = parents_[parents_[operation]];
      operation = parents_[operation];
    }
    return operation;
  }
  /// The earlier one leads.
  void join(std::size_t one, std::size_t other) {
    const auto [first, second] = std::minmax({of(one), of(other)});
    parents_[second] = first;
  }

 private:
  std::vector<std::size_t> parents_;
};

/// The numbers of the operations of each part, in order.
std::vector<std::vector<std::uint32_t>> numbers_of_parts(const Write& whole) {
  Groups groups(whole.operations.size());
  std::unordered_map<std::string, std::size_t> first_on_row;
  for (std::size_t at = 0; at < whole.operations.size(); ++at) {
    for (std::string& row : touched_rows(whole.operations[at])) {
      const auto [found, added] = first_on_row.try_emplace(std::move(row), at);
      if (!added) groups.join(found->second, at);
    }
  }
  std::map<std::size_t, std::vector<std::uint32_t>> by_leader;
  for (std::size_t at = 0; at < whole.operations.size(); ++at) {
    by_leader[groups.of(at)].push_back(static_cast<std::uint32_t>(at));
  }
  std::vector<std::vector<std::uint32_t>> parts;
  for (auto& [leader, numbers] : by_leader) parts.push_back(std::move(numbers));
  return parts;
}

std::uint64_t hash_of(std::uint8_t salt, const WriteId& whole,
                      std::span<const std::uint32_t> numbers) {
  std::uint64_t hash = digest_steps::add(digest_steps::kBegin, std::uint64_t{salt});
  for (const std::uint8_t byte : whole.bytes) hash = digest_steps::add(hash, std::uint64_t{byte});
  for (const std::uint32_t number : numbers) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      hash = digest_steps::add(hash, std::uint64_t{number} >> shift);
    }
  }
  return hash;
}

/// A UUIDv7 of the whole write's time.
WriteId id_of_part(const WriteId& whole, std::span<const std::uint32_t> numbers) {
  constexpr std::size_t kTimeBytes = 6;
  WriteId id = whole;
  const std::uint64_t first = hash_of(1, whole, numbers);
  const std::uint64_t second = hash_of(2, whole, numbers);
  for (std::size_t byte = 0; kTimeBytes + byte < id.bytes.size(); ++byte) {
    const std::uint64_t bits = byte < 8 ? first >> (8 * byte) : second >> (8 * (byte - 8));
    id.bytes[kTimeBytes + byte] = static_cast<std::uint8_t>(bits);
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x70U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

}  // namespace

std::vector<Write> divide(const Write& whole) {
  std::vector<Write> parts;
  std::uint64_t sequence = whole.sequence;
  for (const std::vector<std::uint32_t>& numbers : numbers_of_parts(whole)) {
    Write& part = parts.emplace_back();
    part.id = id_of_part(whole.id, numbers);
    part.sequence = sequence;
    for (const std::uint32_t number : numbers) part.operations.push_back(whole.operations[number]);
    sequence += numbers.size();
  }
  return parts;
}

}  // namespace patchbay
