#include "key_order.hpp"

#include <algorithm>
#include <charconv>
#include <patchbay/sqlite/cells.hpp>

namespace patchbay::sqlite {
namespace {

/// The start of a key lies beside its row, as most comparisons end there.
struct Placed {
  std::uint64_t begin = 0;
  const Change* change = nullptr;
};

std::uint64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return static_cast<std::uint64_t>(number) ^ (1ULL << 63U);
}

std::uint64_t begin_of(std::string_view text) {
  std::uint64_t begin = 0;
  for (std::size_t at = 0; at < sizeof(begin); ++at) {
    begin = begin << 8U | (at < text.size() ? static_cast<unsigned char>(text[at]) : 0U);
  }
  return begin;
}

bool precedes(const TableSchema& schema, const Row& left, const Row& right) {
  for (const std::uint32_t column : schema.key) {
    const int order = left.cell(column).text.compare(right.cell(column).text);
    if (order != 0) return order < 0;
  }
  return false;
}

}  // namespace

std::vector<Change> in_key_order(const TableSchema& schema, std::span<const Change> changes) {
  const std::uint32_t first = schema.key.front();
  const bool whole_number = declared_type(schema.columns[first]) == "INTEGER";
  std::vector<Placed> placed;
  placed.reserve(changes.size());
  for (const Change& change : changes) {
    const std::string_view text = change.row->cell(first).text;
    placed.push_back({whole_number ? number_of(text) : begin_of(text), &change});
  }
  std::ranges::sort(placed, [&](const Placed& left, const Placed& right) {
    if (left.begin != right.begin) return left.begin < right.begin;
    return precedes(schema, *left.change->row, *right.change->row);
  });
  std::vector<Change> ordered;
  ordered.reserve(placed.size());
  for (const Placed& one : placed) ordered.push_back(*one.change);
  return ordered;
}

}  // namespace patchbay::sqlite
