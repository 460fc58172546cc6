#include "look_cut.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tuning.hpp"

namespace patchbay::sqlite {
namespace {

std::size_t row_bytes(const RowRef& row) {
  std::size_t bytes = 0;
  if (!row) return bytes;
  const std::vector<Column>& columns = row->schema().columns;
  for (std::uint32_t at = 0; at < columns.size(); ++at) {
    const Cell cell = row->cell(at);
    if (cell.is_absent()) continue;
    bytes += columns[at].name.size() + cell.text.size() + tuning::kColumnBytes;
    for (const char one : cell.text) {
      if (one == '"' || one == '\\') ++bytes;
      if (static_cast<unsigned char>(one) < ' ') bytes += tuning::kEscapeBytes;
    }
  }
  return bytes;
}

std::size_t write_bytes(const LocalWrite& write) {
  std::size_t bytes = 0;
  for (const LocalChange& change : write.changes) bytes += request_bytes(change.operation);
  return bytes;
}

void cut(LocalWrite&& whole, std::vector<LocalWrite>& all) {
  std::size_t bytes = 0;
  for (LocalChange& change : whole.changes) {
    const std::size_t more = request_bytes(change.operation);
    const bool full = all.empty() || bytes == 0 || bytes + more > tuning::kPartBytesMax ||
                      all.back().changes.size() == tuning::kPartChangesMax;
    if (full) {
      all.emplace_back().extent = Extent::several;
      bytes = 0;
    }
    bytes += more;
    all.back().changes.push_back(std::move(change));
  }
}

}  // namespace

void MarkReader::mark(std::optional<std::int64_t> changes) {
  // In files of version 6 and earlier, which logged no count, each mark begins a write.
  const bool other = is_other_connection(changes);
  open_ = !open_ || other || !changes;
  begins_ = true;
}

bool MarkReader::begins_write(std::optional<std::int64_t> changes) {
  if (is_other_connection(changes) && open_) {
    open_ = false;
    begins_ = true;
  }
  return std::exchange(begins_, false);
}

bool MarkReader::is_other_connection(std::optional<std::int64_t> changes) {
  const std::optional<std::int64_t> before = std::exchange(changes_, changes);
  return before && changes && *changes < *before;
}

std::size_t request_bytes(const Operation& operation) {
  return operation.table().name.size() + tuning::kOperationBytes + row_bytes(operation.key) +
         row_bytes(operation.set);
}

std::vector<LocalWrite> cut_by_size(std::vector<LocalWrite> found) {
  std::vector<LocalWrite> all;
  for (LocalWrite& one : found) {
    const bool fits = one.extent == Extent::marked || !one.refusal.empty() ||
                      (one.extent == Extent::single &&
                       write_bytes(one) <= tuning::kRequestBytesMax);
    if (fits) {
      all.push_back(std::move(one));
    } else {
      std::vector<LocalWrite> parts;
      cut(std::move(one), parts);
      std::ranges::move(parts, std::back_inserter(all));
    }
  }
  return all;
}

}  // namespace patchbay::sqlite
