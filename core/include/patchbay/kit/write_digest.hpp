// digest_of: a number by which to see whether two writes with one write_id have the same
// operations. For the host, and for stores that remember a write without its operations. Pure,
// header-only.
//
// FNV-1a over each operation, in order: its kind, its table, and for each column that it names the
// column's name and its text or null. The order of the columns makes no difference, since a new
// schema may change it. Stores keep digests, so the algorithm must never change. It finds mistakes,
// and does not protect against an attacker.
#pragma once

#include <cstdint>
#include <patchbay/write.hpp>
#include <span>
#include <string_view>

namespace patchbay {
namespace digest_steps {

inline constexpr std::uint64_t kBegin = 0xcbf29ce484222325U;

/// Adds a byte: the low 8 bits.
[[nodiscard]] constexpr std::uint64_t add(std::uint64_t hash, std::uint64_t byte) noexcept {
  return (hash ^ (byte & 0xFFU)) * 0x100000001b3U;
}

/// Adds a text and its length, so that the text does not run into what follows.
[[nodiscard]] constexpr std::uint64_t add(std::uint64_t hash, std::string_view text) noexcept {
  for (unsigned shift = 0; shift < 64; shift += 8) hash = add(hash, text.size() >> shift);
  for (const char c : text) hash = add(hash, static_cast<unsigned char>(c));
  return hash;
}

/// The digest of the cells that are not absent, whatever their order.
[[nodiscard]] inline std::uint64_t of_cells(const RowRef& row) {
  std::uint64_t sum = 0;
  if (!row) return sum;
  const auto& columns = row->schema().columns;
  for (std::uint32_t at = 0; at < columns.size(); ++at) {
    const Cell cell = row->cell(at);
    if (cell.is_absent()) continue;
    const std::uint64_t named = add(kBegin, columns[at].name);
    sum += cell.is_null() ? add(named, 1) : add(add(named, 2), cell.text);
  }
  return sum;
}

}  // namespace digest_steps

/// The digest of a write's operations; never 0, which stands for a digest that is not known.
[[nodiscard]] inline std::uint64_t digest_of(std::span<const Operation> operations) {
  std::uint64_t hash = digest_steps::kBegin;
  for (const Operation& operation : operations) {
    hash = digest_steps::add(hash, static_cast<std::uint64_t>(operation.kind));
    hash = digest_steps::add(hash, operation.table().name);
    for (const RowRef* row : {&operation.key, &operation.set}) {
      const std::uint64_t cells = digest_steps::of_cells(*row);
      for (unsigned shift = 0; shift < 64; shift += 8) {
        hash = digest_steps::add(hash, cells >> shift);
      }
    }
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace patchbay
