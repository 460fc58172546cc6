#include "embedded/sync/shape.hpp"

#include <algorithm>
#include <utility>

#include "embedded/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::embedded {
namespace {

constexpr ShapeOffset kAfterSnapshot{ShapeOffset::Kind::snapshot, 0, ShapeOffset::kWholeSnapshot};

ShapeHandle kept_handle(const KeptShape& kept) {
  return {kept.handle, false, kept.floor, kept.floor, kept.visibility, kept.snapshot_lsn_after};
}

}  // namespace

std::string_view to_string(ShapeEnd end) {
  switch (end) {
    case ShapeEnd::truncated:
      return "its table was truncated, or has a row that could not be read";
    case ShapeEnd::altered:
      return "its table was altered";
    case ShapeEnd::transaction_too_large:
      return "one transaction changed more of its table than is followed from memory";
    case ShapeEnd::log_too_large:
      break;
  }
  return "more was written to its table than is kept in memory while a table is read";
}

Shape::Shape(std::string handle, TableDefinition table, Replica replica, ShapeLimits limits)
    : table_(std::move(table)),
      replica_(replica),
      limits_(limits),
      encoder_(table_, replica),
      schema_json_(table_.schema_json()),
      log_(std::max<std::size_t>(1, limits.log_bytes_max / tuning::kLogPieces)),
      readers_(tuning::kReaderPatience * limits.log_bytes_max) {
  handles_.push_back({std::move(handle), true, kAfterSnapshot, {}});
}

Shape::Shape(const KeptShape& kept, ShapeLimits limits)
    : Shape(kept.handle, {kept.table_id, kept.table, {}, {}, false, false, {}}, kept.replica,
            limits) {
  handles_ = {kept_handle(kept)};
  table_state_ = kept.table_state;
  table_.chosen = kept.columns;
}

void Shape::add_kept(const KeptShape& kept) {
  handles_.push_back(kept_handle(kept));
}

bool Shape::has_handle(const std::string& handle) const {
  return std::ranges::any_of(handles_, [&](const ShapeHandle& one) { return one.name == handle; });
}

const ShapeHandle& Shape::of(const std::string& handle) const {
  return *std::ranges::find(handles_, handle, &ShapeHandle::name);
}

bool Shape::ready(const std::string& handle) const {
  return ready_ && !of(handle).loading;
}

std::optional<ShapeEnd> Shape::complete(LoadedSnapshot snapshot) {
  if (ready_ && snapshot.table_state != table_state_) return ShapeEnd::altered;
  ready_ = true;
  table_state_ = std::move(snapshot.table_state);
  chunks_ = std::move(snapshot.chunks);
  for (const auto& chunk : chunks_) snapshot_bytes_ += chunk.size();
  ShapeHandle& newest = handles_.back();
  newest.loading = false;
  newest.visibility = std::move(snapshot.visibility);
  newest.lsn_after = snapshot.lsn_after;
  bool in_order = true;
  for (const auto& one : std::exchange(undecided_, {})) {
    if (!newest.contains(one.lsn, one.txid)) {
      if (one.end) return one.end;
      in_order = false;
    } else if (in_order) {
      newest.begin = {ShapeOffset::Kind::log, one.lsn, ShapeOffset::kWholeSnapshot};
    } else {
      newest.left_out.push_back(one.lsn);
    }
  }
  drop_unread();
  return std::nullopt;
}

std::optional<std::string> Shape::renew(std::string handle) {
  std::optional<std::string> dropped;
  if (handles_.size() >= tuning::kHandlesMax) {
    dropped = std::move(handles_.front().name);
    handles_.erase(handles_.begin());
  }
  handles_.push_back({std::move(handle), true, log_.end().value_or(kAfterSnapshot), {}});
  return dropped;
}

bool Shape::abandon() {
  if (handles_.size() == 1) return false;
  undecided_.clear();
  handles_.pop_back();
  return true;
}

std::optional<ShapeEnd> Shape::resume(TableDefinition table) {
  if (table.id != table_.id || table.state != table_state_) return ShapeEnd::altered;
  if (!table.choose(table_.chosen).empty()) return ShapeEnd::altered;
  table_ = std::move(table);
  encoder_ = MessageEncoder(table_, replica_);
  schema_json_ = table_.schema_json();
  ready_ = true;
  for (const auto& transaction : std::exchange(waiting_, {})) {
    if (const auto end = apply(*transaction)) return end;
  }
  return std::nullopt;
}

std::optional<ShapeEnd> Shape::add(const TransactionPtr& transaction) {
  if (!awaits_table()) return apply(*transaction);
  waiting_bytes_ += transaction->bytes;
  waiting_.push_back(transaction);
  if (waiting_bytes_ > log_bytes_held_max()) return ShapeEnd::log_too_large;
  return std::nullopt;
}

std::optional<ShapeEnd> Shape::apply(const Transaction& transaction) {
  const auto has_it = [&](const ShapeHandle& one) {
    return !one.loading && one.contains(transaction.lsn, transaction.txid);
  };
  if (std::ranges::all_of(handles_, has_it)) return std::nullopt;
  const ShapeOffset before = log_.end().value_or(kAfterSnapshot);
  const auto end = append(transaction);
  for (auto& one : handles_) {
    if (one.loading) {
      undecided_.push_back({transaction.lsn, transaction.txid, end});
    } else if (has_it(one)) {
      one.left_out.push_back(transaction.lsn);
    } else if (end) {
      return end;
    }
  }
  trim(before);
  if (loading() && log_.bytes() > log_bytes_held_max()) return ShapeEnd::log_too_large;
  return std::nullopt;
}

std::optional<ShapeEnd> Shape::append(const Transaction& transaction) {
  const auto& left_out = transaction.unfollowed;
  if (std::find(left_out.begin(), left_out.end(), table_.id) != left_out.end()) {
    return transaction.too_large ? ShapeEnd::transaction_too_large : ShapeEnd::truncated;
  }
  std::vector<OpenMessage> messages;
  for (const auto& change : transaction.changes) {
    if (change.relation->id != table_.id) continue;
    if (change.relation != checked_) {
      if (!table_.matches(*change.relation)) return ShapeEnd::altered;
      checked_ = change.relation;
    }
    if (!encoder_.encode(change.row, messages)) return ShapeEnd::altered;
  }
  const std::size_t bytes = log_.bytes();
  MessagePlace place{transaction.lsn, transaction.txid, 0, false};
  for (std::size_t index = 0; index < messages.size(); ++index) {
    place.last = index + 1 == messages.size();
    log_.append(place.lsn, place.position, encoder_.finish(messages[index], place));
    place.position += messages[index].position_step;
  }
  readers_.grow(log_.bytes() - bytes);
  return std::nullopt;
}

std::size_t Shape::log_bytes_held_max() const {
  return tuning::kLogHeld * limits_.log_bytes_max;
}

/// Drops what is in the snapshots of all handles.
void Shape::drop_unread() {
  const auto is_read = [this](const ShapeHandle& one) { return log_.front_end() > one.begin; };
  while (log_.pieces() > 0 && std::ranges::none_of(handles_, is_read)) drop_front();
}

/// Drops the oldest part of a log that is too long: never what came after `keep_from`, and what a
/// reader or the snapshot being read still needs only where the log is far too long.
void Shape::trim(const ShapeOffset& keep_from) {
  while (log_.bytes() > limits_.log_bytes_max && log_.pieces() > 1) {
    const ShapeOffset front = log_.front_end();
    if (front > keep_from || (loading() && front > handles_.back().begin)) return;
    const auto reader = readers_.first();
    if (reader && *reader < front) {
      if (log_.bytes() <= log_bytes_held_max()) return;
      log::warning("sync-service", "More was written to table " + table_.name.sql() +
                                       " than is kept in memory for clients that are behind: " +
                                       std::to_string(readers_.forget_before(front)) +
                                       " of them fetch the table again.");
    }
    drop_front();
  }
}

void Shape::drop_front() {
  const ShapeOffset dropped = log_.front_end();
  const std::size_t bytes = this->bytes();
  log_.drop_front();
  for (auto& one : handles_) {
    if (dropped > one.begin) one.floor = std::max(one.floor, dropped);
    std::erase_if(one.left_out, [&](std::uint64_t lsn) { return lsn < dropped.lsn; });
  }
  if (!handles_.back().log_is_whole()) {
    chunks_ = {};
    snapshot_bytes_ = 0;
  }
  freed_bytes_ += bytes - this->bytes();
}

ShapeOffset Shape::end_for(const ShapeHandle& handle) const {
  return log_.end().value_or(handle.log_is_whole() ? kAfterSnapshot : handle.floor);
}

bool Shape::has_lost(const std::string& handle, const ShapeOffset& offset) const {
  return offset.kind != ShapeOffset::Kind::now && offset < of(handle).floor;
}

std::vector<KeptShape> Shape::kept_at(std::uint64_t position) const {
  std::vector<KeptShape> kept;
  const auto last = log_.last_before(position);
  for (const auto& one : handles_) {
    if (one.loading) continue;
    ShapeOffset floor = one.log_is_whole() ? kAfterSnapshot : one.floor;
    // Also the end of an older handle's message: one that starts there gives it to its followers.
    if (last) floor = std::max(floor, *last);
    kept.push_back({one.name, table_.name, table_.id, replica_, table_state_, one.visibility,
                    one.lsn_after, floor, table_.chosen});
  }
  return kept;
}

ShapePage Shape::read(const std::string& handle, const ShapeOffset& offset) {
  const ShapeHandle& reader = of(handle);
  const auto chunk = [this](std::uint64_t index) {
    return ShapePage{
        ShapePage::Kind::messages, chunks_[index], {ShapeOffset::Kind::snapshot, 0, index}};
  };
  switch (offset.kind) {
    case ShapeOffset::Kind::start:
      readers_.note(std::nullopt, reader.begin);
      return chunk(0);
    case ShapeOffset::Kind::now:
      return {ShapePage::Kind::nothing_new, {}, end_for(reader), true};
    case ShapeOffset::Kind::snapshot: {
      if (offset.position == ShapeOffset::kWholeSnapshot) break;
      const std::uint64_t next = offset.position + 1;
      if (next == chunks_.size()) break;
      if (next > chunks_.size()) return {ShapePage::Kind::out_of_bounds, {}, offset};
      readers_.note(reader.begin, reader.begin);
      return chunk(next);
    }
    case ShapeOffset::Kind::log:
      if (offset > end_for(reader)) return {ShapePage::Kind::out_of_bounds, {}, offset};
      break;
  }
  return read_log(reader, offset);
}

ShapePage Shape::read_log(const ShapeHandle& handle, const ShapeOffset& offset) {
  const auto place = [&handle](const ShapeOffset& one) { return std::max(one, handle.begin); };
  auto part = log_.read(place(offset), handle.left_out, limits_.chunk_bytes_max);
  ShapePage page;
  if (!part.messages.empty()) page.kind = ShapePage::Kind::messages;
  page.messages = std::move(part.messages);
  page.reached = part.reached.value_or(end_for(handle));
  page.at_end = part.at_end;
  readers_.note(place(offset), place(page.reached));
  return page;
}

}  // namespace patchbay::embedded
