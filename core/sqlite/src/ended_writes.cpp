#include "ended_writes.hpp"

#include <algorithm>
#include <iterator>
#include <patchbay/kit/write_digest.hpp>

namespace patchbay::sqlite {

std::vector<TouchedRow> EndedWrites::end(const WriteId& write, bool discarded) {
  if (const auto digest = journal_.digest(write)) finals_.add(write, {discarded, *digest});
  return journal_.erase(write);
}

std::vector<TouchedRow> EndedWrites::settle(std::span<const Settlement> settled) {
  std::vector<TouchedRow> rows;
  for (const Settlement& one : settled) {
    std::ranges::move(
        one.confirmed ? end(one.write, false) : journal_.settle(one.write, one.operations),
        std::back_inserter(rows));
  }
  return rows;
}

void EndedWrites::divide(const Division& division) {
  finals_.add(division.write.id, {true, digest_of(division.write.operations)});
  journal_.divide(division.write.id, division.parts);
}

}  // namespace patchbay::sqlite
