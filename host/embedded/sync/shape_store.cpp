#include "embedded/sync/shape_store.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "embedded/tuning.hpp"

namespace patchbay::embedded {
namespace {

std::set<std::uint32_t> tables_of(const Transaction& transaction) {
  std::set<std::uint32_t> tables(transaction.unfollowed.begin(), transaction.unfollowed.end());
  for (const auto& change : transaction.changes) tables.insert(change.relation->id);
  return tables;
}

}  // namespace

Shape* ShapeStore::find(const ShapeKey& key) {
  const auto member = shapes_.find(key);
  return member == shapes_.end() ? nullptr : member->second.shape.get();
}

Shape* ShapeStore::find(const std::string& handle) {
  const auto key = handles_.find(handle);
  return key == handles_.end() ? nullptr : find(key->second);
}

std::vector<const Shape*> ShapeStore::all() const {
  std::vector<const Shape*> shapes;
  for (const auto& [key, member] : shapes_) shapes.push_back(member.shape.get());
  return shapes;
}

std::string ShapeStore::new_handle(const ShapeKey& key, const TableDefinition& table,
                                   std::int64_t now_us) {
  last_stamp_ = std::max(now_us, last_stamp_ + 1);
  const auto hash = std::hash<std::string>{}(key.table.sql() + table.schema_json()) +
                    static_cast<std::size_t>(key.replica);
  std::string handle = std::to_string(hash % 134'217'728) + "-" + std::to_string(last_stamp_);
  handles_[handle] = key;
  return handle;
}

Shape& ShapeStore::add(const ShapeKey& key, TableDefinition table, std::int64_t now_us) {
  auto handle = new_handle(key, table, now_us);
  Member& member = shapes_[key];
  member = {std::make_unique<Shape>(std::move(handle), std::move(table), key.replica, limits_),
            passed_};
  return *member.shape;
}

void ShapeStore::add_kept(const KeptShape& kept) {
  const ShapeKey key{kept.table, kept.replica, kept.columns};
  handles_[kept.handle] = key;
  Member& member = shapes_[key];
  if (member.shape) return member.shape->add_kept(kept);
  member = {std::make_unique<Shape>(kept, limits_), passed_};
}

Shape& ShapeStore::renew(const ShapeKey& key, std::int64_t now_us) {
  Member& member = shapes_.at(key);
  Shape& shape = *member.shape;
  if (const auto dropped = shape.renew(new_handle(key, shape.table(), now_us))) {
    handles_.erase(*dropped);
  }
  member.added_after = passed_;
  return shape;
}

std::optional<ShapeStore::Ended> ShapeStore::remove(const std::string& handle) {
  const auto key = handles_.find(handle);
  if (key == handles_.end()) return std::nullopt;
  return remove(shapes_.find(key->second));
}

ShapeStore::Ended ShapeStore::remove(std::map<ShapeKey, Member>::iterator member) {
  Ended ended{member->first, {}, std::nullopt};
  for (const auto& one : member->second.shape->handles()) {
    handles_.erase(one.name);
    ended.handles.push_back(one.name);
  }
  freed_bytes_ += member->second.shape->bytes();
  shapes_.erase(member);
  return ended;
}

void ShapeStore::abandon(const std::string& handle) {
  if (!find(handle)->abandon()) {
    remove(handle);
  } else {
    handles_.erase(handle);
  }
}

void ShapeStore::start_at(std::uint64_t lsn, bool history_lost) {
  if (history_lost) {
    last_lsn_ = 0;
    applied_lsn_ = 0;
    recent_txids_.clear();
  }
  // A transaction whose commit starts right at `lsn` is still to come.
  if (lsn > 0) last_lsn_ = std::max(last_lsn_, lsn - 1);
}

ShapeStore::Applied ShapeStore::apply(const TransactionPtr& transaction) {
  Applied applied;
  if (transaction->lsn <= applied_lsn_) return applied;
  const auto tables = tables_of(*transaction);
  for (auto member = shapes_.begin(); member != shapes_.end();) {
    const auto one = member++;
    Shape& shape = *one->second.shape;
    if (!tables.contains(shape.table().id)) continue;
    const auto end = shape.add(transaction);
    freed_bytes_ += shape.take_freed();
    if (!end) {
      applied.changed.push_back(one->first);
      continue;
    }
    applied.ended.push_back(remove(one));
    applied.ended.back().why = end;
  }
  applied_lsn_ = transaction->lsn;
  last_lsn_ = std::max(last_lsn_, applied_lsn_);
  ++passed_;
  recent_txids_.push_back(transaction->txid);
  if (recent_txids_.size() > tuning::kRecentTransactionsMax) recent_txids_.pop_front();
  return applied;
}

ShapeStore::Completed ShapeStore::complete(const std::string& handle, LoadedSnapshot snapshot) {
  Member& member = shapes_.at(handles_.at(handle));
  // The shape keeps what came after it was added; what passed before must be in the snapshot.
  const std::uint64_t kept = passed_ - member.added_after;
  for (std::size_t index = 0; index + kept < recent_txids_.size(); ++index) {
    if (!snapshot.visibility.sees(recent_txids_[index])) return {true, std::nullopt};
  }
  const auto end = member.shape->complete(std::move(snapshot));
  freed_bytes_ += member.shape->take_freed();
  return {false, end};
}

}  // namespace patchbay::embedded
