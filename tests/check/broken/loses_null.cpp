// Merges what the stream brings into what it has, and takes a number that is NULL for unchanged.
#include <string>

#include "broken_pattern.hpp"

namespace {

using namespace broken;

class LosesNull final : public BrokenPattern {
 public:
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    std::vector<Change> changes;
    for (const Change& one : batch.changes) changes.push_back({merged(one.row), one.gone});
    return BrokenPattern::on_batch(
        {batch.table, batch.reset, changes, batch.settled, batch.position}, effects);
  }

 private:
  RowRef merged(const RowRef& row) {
    RowRef& known = known_[row->schema().name + key_text(*row)];
    std::vector<Cell> cells;
    const std::vector<Column>& columns = row->schema().columns;
    for (std::uint32_t at = 0; at < columns.size(); ++at) {
      const bool keep = known && columns[at].type == "numeric" && row->cell(at).is_null();
      cells.push_back(keep ? known->cell(at) : row->cell(at));
    }
    return known = host_->make_row(row->schema(), cells);
  }

  std::map<std::string, RowRef> known_;
};

}  // namespace

PATCHBAY_PLUGIN(LosesNull, "loses-null", "1.0.0", "Keeps the number before a NULL.",
                patchbay::kTraitOptimistic);
