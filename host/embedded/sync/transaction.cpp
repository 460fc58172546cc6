#include "embedded/sync/transaction.hpp"

#include <algorithm>

#include "text/json_text.hpp"

namespace patchbay::embedded {
namespace {

std::size_t bytes_of(const Tuple& tuple) {
  std::size_t bytes = tuple.size() * sizeof(Cell);
  for (const auto& cell : tuple) bytes += cell.text.size();
  return bytes;
}

std::size_t bytes_of(const RowMessage& row) {
  return sizeof(RowChange) + bytes_of(row.new_row) + (row.old_row ? bytes_of(*row.old_row) : 0);
}

}  // namespace

Result<TransactionPtr> TransactionAssembler::add(PgoutputMessage message) {
  if (const auto* begin = std::get_if<Begin>(&message)) {
    open_ = std::make_shared<Transaction>();
    open_->lsn = begin->commit_lsn;
    open_->txid = begin->txid;
    overflowed_ = false;
    return nullptr;
  }
  if (auto* relation = std::get_if<Relation>(&message)) {
    const auto id = relation->id;
    relations_[id] = std::make_shared<const Relation>(std::move(*relation));
    return nullptr;
  }
  if (!open_) return nullptr;
  if (auto* row = std::get_if<RowMessage>(&message)) {
    if (auto added = add_row(std::move(*row)); !added) return tl::unexpected(added.error());
  } else if (const auto* truncate = std::get_if<Truncate>(&message)) {
    for (const auto relation : truncate->relations) leave_out(relation);
  } else if (const auto* commit = std::get_if<Commit>(&message)) {
    open_->end_lsn = commit->end_lsn;
    return std::exchange(open_, nullptr);
  }
  return nullptr;
}

Result<void> TransactionAssembler::add_row(RowMessage row) {
  const auto relation = relations_.find(row.relation);
  if (relation == relations_.end()) {
    return failure(ErrorCode::corrupt, "PostgreSQL's replication stream sent a row of table " +
                                           std::to_string(row.relation) +
                                           " before it described that table.");
  }
  const bool readable = is_text(row.new_row) && (!row.old_row || is_text(*row.old_row));
  if (overflowed_ || !readable) {
    leave_out(row.relation);
    return {};
  }
  open_->bytes += bytes_of(row);
  open_->changes.push_back({relation->second, std::move(row)});
  if (open_->bytes <= bytes_max_) return {};
  overflowed_ = true;
  for (const auto& change : open_->changes) leave_out(change.relation->id);
  open_->changes = {};
  open_->bytes = 0;
  open_->too_large = true;
  return {};
}

bool TransactionAssembler::is_text(const Tuple& tuple) const {
  return std::ranges::all_of(tuple, [this](const Cell& cell) {
    if (check_ == TextCheck::utf8) return text::is_utf8(cell.text);
    return std::ranges::all_of(cell.text, [](char byte) { return byte >= 0; });
  });
}

void TransactionAssembler::leave_out(std::uint32_t relation) {
  auto& tables = open_->unfollowed;
  if (std::find(tables.begin(), tables.end(), relation) == tables.end()) {
    tables.push_back(relation);
  }
}

}  // namespace patchbay::embedded
