#include "runtime/resumed_table.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>

namespace patchbay {
namespace {

struct Offset {
  std::int64_t transaction = 0;
  std::uint64_t operation = 0;

  friend auto operator<=>(const Offset&, const Offset&) = default;
};

std::optional<Offset> parse_offset(std::string_view text) {
  Offset offset;
  const char* const end = text.data() + text.size();
  const auto transaction = std::from_chars(text.data(), end, offset.transaction);
  if (transaction.ec != std::errc{}) return std::nullopt;
  if (transaction.ptr == end) return offset;
  if (*transaction.ptr != '_') return std::nullopt;
  const std::string_view rest(transaction.ptr + 1,
                              static_cast<std::size_t>(end - transaction.ptr - 1));
  if (rest == "inf") {
    offset.operation = std::numeric_limits<std::uint64_t>::max();
    return offset;
  }
  const auto operation = std::from_chars(rest.data(), end, offset.operation);
  if (operation.ec != std::errc{} || operation.ptr != end) return std::nullopt;
  return offset;
}

/// The rows of a reset with the changes of the batch after it, as one reset.
StreamBatchRef merge(const StreamBatch& reset, const StreamBatch& next) {
  auto merged = std::make_shared<StreamBatch>(reset);
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t at = 0; at < reset.changes.size(); ++at) {
    places.emplace(key_text(*reset.changes[at].row), at);
  }
  for (const Change& change : next.changes) {
    const auto [found, is_new] = places.try_emplace(key_text(*change.row), merged->changes.size());
    if (is_new) {
      merged->changes.push_back(change);
    } else {
      merged->changes[found->second] = change;
    }
  }
  std::erase_if(merged->changes, [](const Change& change) { return change.gone; });
  Evidence& evidence = merged->evidence;
  const Evidence& more = next.evidence;
  evidence.txids.insert(evidence.txids.end(), more.txids.begin(), more.txids.end());
  evidence.write_ids.insert(evidence.write_ids.end(), more.write_ids.begin(), more.write_ids.end());
  evidence.proven_lsn = std::max(evidence.proven_lsn, more.proven_lsn);
  merged->table = next.table;
  merged->handle = next.handle;
  merged->offset = next.offset;
  merged->cached = next.cached;
  return merged;
}

}  // namespace

std::optional<std::strong_ordering> compare_offsets(std::string_view left, std::string_view right) {
  const auto first = parse_offset(left);
  const auto second = parse_offset(right);
  if (!first || !second) return std::nullopt;
  return *first <=> *second;
}

StreamBatchRef ResumedTable::take(const StreamBatchRef& batch) {
  if (joined_) return batch;
  if (batch->reset) return take_reset(batch);
  if (withheld_) {
    withheld_ = merge(*withheld_, *batch);
    return withheld_->cached ? nullptr : join(std::exchange(withheld_, nullptr));
  }
  const auto order = compare_offsets(batch->offset, offset_);
  if (!order || *order > 0) return join(batch);
  joined_ = *order == 0;
  return without_changes(*batch);
}

StreamBatchRef ResumedTable::take_reset(const StreamBatchRef& batch) {
  withheld_ = nullptr;
  if (handle_.empty()) return join(batch);
  if (batch->handle == handle_ && batch->table == schema_) {
    const auto order = compare_offsets(batch->offset, offset_);
    if (!order || *order > 0) return join(batch);
    joined_ = *order == 0;
    return without_changes(*batch);
  }
  if (!batch->cached) return join(batch);
  withheld_ = batch;
  return nullptr;
}

StreamBatchRef ResumedTable::join(StreamBatchRef batch) {
  joined_ = true;
  return batch;
}

StreamBatchRef ResumedTable::without_changes(const StreamBatch& batch) const {
  auto evidence = std::make_shared<StreamBatch>();
  evidence->table = batch.table;
  evidence->evidence = batch.evidence;
  evidence->handle = handle_;
  evidence->offset = offset_;
  return evidence;
}

}  // namespace patchbay
