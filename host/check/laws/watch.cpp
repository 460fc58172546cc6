#include "check/laws/watch.hpp"

#include <algorithm>

#include "sim/print.hpp"

namespace patchbay::check {
namespace {

std::string name_of(const SeenCell& cell) {
  return cell.table + " " + cell.key + (cell.column.empty() ? "" : ", column " + cell.column);
}

std::string quoted(const std::optional<std::string>& value) {
  return value ? "\"" + *value + "\"" : "NULL";
}

/// The cell that the view shows there; nullopt when it shows no such row.
std::optional<Cell> seen(const sim::Glimpse& glimpse, const SeenCell& cell) {
  const RowRef row = glimpse.find(cell.table, cell.key);
  if (!row) return std::nullopt;
  return row->cell(row->schema().find(cell.column).value_or(row->schema().key.front()));
}

std::string expected(const SeenCell& cell) {
  return cell.column.empty() ? "no such row" : quoted(cell.value);
}

/// The cell that the view shows there, as a copy: the row's module may be unloaded.
std::string shown(const sim::Glimpse& glimpse, const SeenCell& cell) {
  const auto found = seen(glimpse, cell);
  if (!found) return "no such row";
  if (cell.column.empty()) return "a row";
  return found->is_null() ? "NULL" : "\"" + sim::print(*found) + "\"";
}

/// Whether the table could be read then.
bool has_table(const sim::Glimpse& glimpse, const SeenCell& cell) {
  return glimpse.tables.contains(cell.table);
}

}  // namespace

bool is_shown(const sim::Glimpse& glimpse, const SeenCell& cell) {
  const auto found = seen(glimpse, cell);
  if (cell.column.empty()) return !found;
  return found && (cell.value ? found->is_text() && found->text == *cell.value : found->is_null());
}

void Watch::look(const sim::Glimpse& glimpse) {
  std::erase_if(kept_, [&](const OfWrite& one) { return !keeps_now(glimpse, one); });
  std::erase_if(staying_, [&](const OfWrite& one) { return !stays_now(glimpse, one); });
  std::erase_if(banned_, [&](const OfWrite& one) {
    if (!has_table(glimpse, one.cell) || !is_shown(glimpse, one.cell)) return false;
    trial_.fail("After " + glimpse.step + " the view shows " + shown(glimpse, one.cell) + " for " +
                name_of(one.cell) + ": a trace of write " + std::to_string(one.write) +
                ", which was rejected.");
    return true;
  });
  std::erase_if(wholes_, [&](const Whole& one) { return !is_whole(glimpse, one); });
  last_ = glimpse;
}

bool Watch::keeps_now(const sim::Glimpse& glimpse, const OfWrite& one) {
  if (!is_open_ || !is_open_(one.write)) return true;
  if (!has_table(glimpse, one.cell) || is_shown(glimpse, one.cell)) return true;
  trial_.fail("After " + glimpse.step + " the view shows " + shown(glimpse, one.cell) + " for " +
              name_of(one.cell) + "; expected " + expected(one.cell) + ", as write " +
              std::to_string(one.write) + " is accepted and has not ended.");
  return false;
}

bool Watch::stays_now(const sim::Glimpse& glimpse, const OfWrite& one) {
  if (glimpse.step != sim::Glimpse::kRefusal || !is_open_ || !is_open_(one.write)) return true;
  if (!has_table(last_, one.cell) || !has_table(glimpse, one.cell)) return true;
  if (!is_shown(last_, one.cell) || is_shown(glimpse, one.cell)) return true;
  trial_.fail("After " + glimpse.step + " the view shows " + shown(glimpse, one.cell) + " for " +
              name_of(one.cell) + " and " + expected(one.cell) + " before it; the refusal of " +
              "another write must not take write " + std::to_string(one.write) + " back.");
  return false;
}

bool Watch::is_whole(const sim::Glimpse& glimpse, const Whole& one) {
  std::string there;
  std::string missing;
  for (const SeenCell& cell : one.cells) {
    if (!has_table(glimpse, cell)) return true;
    std::string& list = is_shown(glimpse, cell) ? there : missing;
    list += (list.empty() ? "" : " and ") + name_of(cell);
  }
  if (there.empty() || missing.empty()) return true;
  trial_.fail("After " + glimpse.step + " the view shows a part of " + one.name + ": " + there +
              ", but not " + missing + "; expected all of it or nothing.");
  return false;
}

}  // namespace patchbay::check
