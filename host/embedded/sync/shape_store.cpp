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
  const auto handle = handles_.find(key);
  return handle == handles_.end() ? nullptr : find(handle->second);
}

Shape* ShapeStore::find(const std::string& handle) {
  const auto member = shapes_.find(handle);
  return member == shapes_.end() ? nullptr : member->second.shape.get();
}

std::vector<const Shape*> ShapeStore::all() const {
  std::vector<const Shape*> shapes;
  for (const auto& [handle, member] : shapes_) shapes.push_back(member.shape.get());
  return shapes;
}

Shape& ShapeStore::add(const ShapeKey& key, TableDefinition table, std::int64_t now_us) {
  last_stamp_ = std::max(now_us, last_stamp_ + 1);
  const auto hash = std::hash<std::string>{}(key.table.sql() + table.schema_json()) +
                    static_cast<std::size_t>(key.replica);
  const std::string handle = std::to_string(hash % 134'217'728) + "-" + std::to_string(last_stamp_);
  auto shape = std::make_unique<Shape>(handle, std::move(table), key.replica, limits_);
  Shape& added = *shape;
  handles_[key] = handle;
  shapes_[handle] = Member{key, std::move(shape), passed_};
  return added;
}

void ShapeStore::add_kept(const KeptShape& kept) {
  const ShapeKey key{kept.table, kept.replica, kept.columns};
  handles_[key] = kept.handle;
  shapes_[kept.handle] = Member{key, std::make_unique<Shape>(kept, limits_), passed_};
}

std::optional<ShapeKey> ShapeStore::remove(const std::string& handle) {
  const auto member = shapes_.find(handle);
  if (member == shapes_.end()) return std::nullopt;
  ShapeKey key = std::move(member->second.key);
  handles_.erase(key);
  shapes_.erase(member);
  return key;
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
  for (auto& [handle, member] : shapes_) {
    if (!tables.contains(member.shape->table().id)) continue;
    if (member.shape->add(transaction)) {
      applied.changed.push_back(member.key);
    } else {
      applied.ended.push_back({member.key, handle});
    }
  }
  for (const auto& ended : applied.ended) remove(ended.handle);
  applied_lsn_ = transaction->lsn;
  last_lsn_ = std::max(last_lsn_, applied_lsn_);
  ++passed_;
  recent_txids_.push_back(transaction->txid);
  if (recent_txids_.size() > tuning::kRecentTransactionsMax) recent_txids_.pop_front();
  return applied;
}

ShapeStore::Completion ShapeStore::complete(const std::string& handle, LoadedSnapshot snapshot) {
  const auto member = shapes_.find(handle);
  if (member == shapes_.end()) return Completion::over;
  // The shape keeps what came after it was added; what passed before must be in the snapshot.
  const std::uint64_t kept = passed_ - member->second.added_after;
  for (std::size_t index = 0; index + kept < recent_txids_.size(); ++index) {
    if (!snapshot.visibility.sees(recent_txids_[index])) return Completion::too_early;
  }
  if (member->second.shape->complete(std::move(snapshot))) return Completion::ready;
  remove(handle);
  return Completion::over;
}

bool ShapeStore::resume(const std::string& handle, const TableDefinition& table) {
  if (find(handle)->resume(table)) return true;
  remove(handle);
  return false;
}

}  // namespace patchbay::embedded
