#include "embedded/sync/snapshot_visibility.hpp"

#include <algorithm>
#include <charconv>

namespace patchbay::embedded {
namespace {

/// Reads a number and the character after it.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  if (!text.empty()) text.remove_prefix(1);
  return true;
}

}  // namespace

bool SnapshotVisibility::sees(std::uint32_t txid) const {
  // The full id is the one nearest to xmax: ids in use span less than 2^31.
  const auto ahead = static_cast<std::int32_t>(txid - static_cast<std::uint32_t>(xmax));
  if (ahead >= 0) return false;
  const std::uint64_t full = xmax - static_cast<std::uint64_t>(-std::int64_t{ahead});
  if (full < xmin) return true;
  return std::find(xip.begin(), xip.end(), full) == xip.end();
}

std::string SnapshotVisibility::snapshot_end_message() const {
  std::string list;
  for (const auto id : xip) {
    list += (list.empty() ? "\"" : ",\"") + std::to_string(id) + "\"";
  }
  return R"({"headers":{"control":"snapshot-end","xip_list":[)" + list + R"(],"xmax":")" +
         std::to_string(xmax) + R"(","xmin":")" + std::to_string(xmin) + R"("}})";
}

std::optional<SnapshotVisibility> parse_snapshot(std::string_view text) {
  SnapshotVisibility snapshot;
  if (!take_number(text, snapshot.xmin) || !take_number(text, snapshot.xmax)) return std::nullopt;
  while (!text.empty()) {
    std::uint64_t id = 0;
    if (!take_number(text, id)) return std::nullopt;
    snapshot.xip.push_back(id);
  }
  return snapshot;
}

}  // namespace patchbay::embedded
