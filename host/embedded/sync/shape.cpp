#include "embedded/sync/shape.hpp"

#include <algorithm>
#include <tuple>

namespace patchbay::embedded {
namespace {

constexpr ShapeOffset kAfterSnapshot{ShapeOffset::Kind::snapshot, 0, ShapeOffset::kWholeSnapshot};

}  // namespace

Shape::Shape(std::string handle, TableDefinition table, Replica replica, ShapeLimits limits)
    : handle_(std::move(handle)),
      table_(std::move(table)),
      replica_(replica),
      limits_(limits),
      encoder_(table_, replica),
      schema_json_(table_.schema_json()) {}

Shape::Shape(const KeptShape& kept, ShapeLimits limits)
    : Shape(kept.handle, {kept.table_id, kept.table, {}, {}, false, false, {}}, kept.replica,
            limits) {
  visibility_ = kept.visibility;
  snapshot_lsn_after_ = kept.snapshot_lsn_after;
  table_state_ = kept.table_state;
  floor_ = kept.floor;
  table_.chosen = kept.columns;
}

bool Shape::complete(LoadedSnapshot snapshot) {
  chunks_ = std::move(snapshot.chunks);
  visibility_ = std::move(snapshot.visibility);
  snapshot_lsn_after_ = snapshot.lsn_after;
  table_state_ = std::move(snapshot.table_state);
  return take_waiting();
}

bool Shape::resume(TableDefinition table) {
  if (table.id != table_.id || table.state != table_state_) return false;
  if (!table.choose(table_.chosen).empty()) return false;
  table_ = std::move(table);
  encoder_ = MessageEncoder(table_, replica_);
  schema_json_ = table_.schema_json();
  return take_waiting();
}

bool Shape::take_waiting() {
  ready_ = true;
  log_bytes_ = 0;
  for (const auto& transaction : std::exchange(waiting_, {})) {
    if (!apply(*transaction)) return false;
  }
  return true;
}

bool Shape::add(const TransactionPtr& transaction) {
  if (ready_) return apply(*transaction);
  log_bytes_ += transaction->bytes;
  waiting_.push_back(transaction);
  return log_bytes_ <= limits_.log_bytes_max;
}

bool Shape::apply(const Transaction& transaction) {
  // By LSN first: transaction ids are 32 bits wide and are used again.
  if (transaction.lsn < snapshot_lsn_after_ && visibility_.sees(transaction.txid)) return true;
  const auto& left_out = transaction.unfollowed;
  if (std::find(left_out.begin(), left_out.end(), table_.id) != left_out.end()) return false;
  std::vector<OpenMessage> messages;
  for (const auto& change : transaction.changes) {
    if (change.relation->id != table_.id) continue;
    if (change.relation != checked_) {
      if (!table_.matches(*change.relation)) return false;
      checked_ = change.relation;
    }
    if (!encoder_.encode(change.row, messages)) return false;
  }
  append(transaction, messages);
  return log_bytes_ <= limits_.log_bytes_max;
}

void Shape::append(const Transaction& transaction, const std::vector<OpenMessage>& messages) {
  MessagePlace place{transaction.lsn, transaction.txid, 0, false};
  for (std::size_t index = 0; index < messages.size(); ++index) {
    place.last = index + 1 == messages.size();
    std::string message = encoder_.finish(messages[index], place);
    log_bytes_ += message.size() + sizeof(LogEntry);
    log_.push_back({place.lsn, place.position, std::move(message)});
    place.position += messages[index].position_step;
  }
}

ShapeOffset Shape::end() const {
  if (!log_.empty()) return {ShapeOffset::Kind::log, log_.back().lsn, log_.back().position};
  return was_kept() ? floor_ : kAfterSnapshot;
}

bool Shape::has_lost(const ShapeOffset& offset) const {
  if (!was_kept() || offset.kind == ShapeOffset::Kind::now) return false;
  const auto place = [](const ShapeOffset& one) {
    return std::tuple(one.kind, one.lsn, one.position);
  };
  return place(offset) < place(floor_);
}

KeptShape Shape::kept_at(std::uint64_t position) const {
  KeptShape kept{
      handle_,      table_.name, table_.id,           replica_,
      table_state_, visibility_, snapshot_lsn_after_, was_kept() ? floor_ : kAfterSnapshot,
      table_.chosen};
  const auto after = std::partition_point(
      log_.begin(), log_.end(), [&](const LogEntry& entry) { return entry.lsn < position; });
  if (after != log_.begin()) {
    kept.floor = {ShapeOffset::Kind::log, std::prev(after)->lsn, std::prev(after)->position};
  }
  return kept;
}

ShapePage Shape::read(const ShapeOffset& offset) const {
  switch (offset.kind) {
    case ShapeOffset::Kind::start:
      return {ShapePage::Kind::messages, chunks_.front(), {ShapeOffset::Kind::snapshot, 0, 0}};
    case ShapeOffset::Kind::now:
      return {ShapePage::Kind::nothing_new, {}, end(), true};
    case ShapeOffset::Kind::snapshot: {
      if (offset.position == ShapeOffset::kWholeSnapshot) return read_log(0, offset.position);
      const std::uint64_t next = offset.position + 1;
      if (next == chunks_.size()) return read_log(0, ShapeOffset::kWholeSnapshot);
      if (next > chunks_.size()) return {ShapePage::Kind::out_of_bounds, {}, offset};
      return {ShapePage::Kind::messages, chunks_[next], {ShapeOffset::Kind::snapshot, 0, next}};
    }
    case ShapeOffset::Kind::log:
      break;
  }
  const ShapeOffset last = end();
  const bool beyond = std::tie(offset.lsn, offset.position) > std::tie(last.lsn, last.position) ||
                      last.kind != ShapeOffset::Kind::log;
  if (beyond) return {ShapePage::Kind::out_of_bounds, {}, offset};
  return read_log(offset.lsn, offset.position);
}

ShapePage Shape::read_log(std::uint64_t lsn, std::uint64_t position) const {
  auto entry = std::upper_bound(log_.begin(), log_.end(), std::tie(lsn, position),
                                [](const auto& after, const LogEntry& candidate) {
                                  return after < std::tie(candidate.lsn, candidate.position);
                                });
  ShapePage page{ShapePage::Kind::nothing_new, {}, end(), true};
  while (entry != log_.end()) {
    if (!page.messages.empty()) page.messages += ',';
    page.messages += entry->message;
    page.kind = ShapePage::Kind::messages;
    page.reached = {ShapeOffset::Kind::log, entry->lsn, entry->position};
    ++entry;
    if (page.messages.size() >= limits_.chunk_bytes_max) break;
  }
  page.at_end = entry == log_.end();
  return page;
}

}  // namespace patchbay::embedded
