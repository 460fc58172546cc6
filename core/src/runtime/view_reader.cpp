#include "runtime/view_reader.hpp"

#include <utility>

#include "rows/row_builder.hpp"
#include "runtime/query_builder.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {
namespace {

class CollectedRows final : public RowSink {
 public:
  explicit CollectedRows(const WriteLedger& ledger) : ledger_(ledger) {}
  bool row(const RowRef& row) override {
    rows_.push_back({row, ledger_.pending(row->schema(), *row)});
    return rows_.size() < tuning::kRowsPerAnswerMax;
  }
  [[nodiscard]] std::vector<ViewRow> take() { return std::move(rows_); }

 private:
  const WriteLedger& ledger_;
  std::vector<ViewRow> rows_;
};

/// Keeps the one row of a read by key.
class OneRow final : public RowSink {
 public:
  bool row(const RowRef& row) override {
    row_ = row;
    return false;
  }
  [[nodiscard]] const RowRef& get() const { return row_; }

 private:
  RowRef row_;
};

}  // namespace

Result<std::vector<ViewRow>> ViewReader::read(const RowsRequest& request) {
  if (!loop_.is_running()) {
    return failure(ErrorCode::retry,
                   "The pattern \"" + slot_.name() + "\" is not running: " + loop_.reason());
  }
  const auto table = slot_.find_table(request.table);
  if (!table) return tl::unexpected(table.error());
  auto query = build_query(**table, request);
  if (!query) return tl::unexpected(query.error());
  CollectedRows rows(book_.ledger());
  if (auto result = run_query(*query, rows); !result) return tl::unexpected(result.error());
  return rows.take();
}

void ViewReader::announce_touched() {
  view_.announce_touched(book_.ledger(), [this](const RowRef& key) { return find(key); });
}

Result<void> ViewReader::run_query(const Query& query, RowSink& sink) {
  return loop_.run_now([&](Effects&) { return slot_.pattern->read(query, sink); });
}

/// Null where the view does not have the row, or cannot be read.
RowRef ViewReader::find(const RowRef& key) {
  const TableSchema* table = slot_.host->table(key->schema().name);
  if (table == nullptr || !loop_.is_running()) return {};
  Query query;
  query.table = table;
  query.key = rows::fold(*rows::make_row(*table, std::vector<Cell>(table->columns.size())), *key);
  OneRow found;
  if (!run_query(query, found)) return {};
  return found.get();
}

}  // namespace patchbay
