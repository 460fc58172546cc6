#include "sim/world_events.hpp"

#include <utility>

#include "sim/print.hpp"

namespace patchbay::sim {

std::string print_row(const ViewRow& row) {
  return print(*row.row) + (row.pending ? "*" : "");
}

void WorldEvents::on_row_changed(const std::string&, const ViewRow& row) {
  show(row.row->schema().name, row.row, print_row(row));
}

void WorldEvents::on_row_gone(const std::string&, const RowRef& row) {
  show(row->schema().name, row, "");
}

void WorldEvents::on_table_changed(const std::string&, const std::string& table) {
  stale_.insert(table);
}

void WorldEvents::on_write_state(const std::string&, const WriteStatus& write) {
  if (!writes_.contains(write.id)) order_.push_back(write.id);
  writes_.insert_or_assign(write.id, write);
}

std::set<std::string> WorldEvents::take_stale() {
  return std::exchange(stale_, {});
}

void WorldEvents::take_table(const std::string& table, const std::vector<ViewRow>& rows) {
  Rows known = std::exchange(tables_[table], {});
  for (const ViewRow& row : rows) {
    const std::string key = key_text(*row.row);
    const std::string printed = print_row(row);
    const auto before = known.find(key);
    if (before != known.end()) tables_[table].insert(known.extract(before));
    show(table, row.row, printed);
  }
  for (const auto& [key, printed] : known) {
    histories_[table + " " + printed.substr(0, printed.find(':'))] += ", gone";
  }
}

std::vector<std::string> WorldEvents::rows(const std::string& table) const {
  std::vector<std::string> all;
  const auto found = tables_.find(table);
  if (found == tables_.end()) return all;
  for (const auto& [key, printed] : found->second) all.push_back(printed);
  return all;
}

std::string WorldEvents::history(const std::string& table, const std::string& key) const {
  const auto found = histories_.find(table + " " + key);
  return found == histories_.end() ? "" : found->second;
}

const WriteStatus* WorldEvents::find(const WriteId& write) const {
  const auto found = writes_.find(write);
  return found == writes_.end() ? nullptr : &found->second;
}

/// `printed` is "" when the row has gone.
void WorldEvents::show(const std::string& table, const RowRef& row, const std::string& printed) {
  Rows& rows = tables_[table];
  const std::string key = key_text(*row);
  const auto known = rows.find(key);
  if (printed.empty() ? known == rows.end() : known != rows.end() && known->second == printed) {
    return;
  }
  const std::string whole = printed.empty() ? print(*row) : printed;
  const std::size_t colon = whole.find(':');
  std::string& history = histories_[table + " " + whole.substr(0, colon)];
  history += (history.empty() ? "" : ", ");
  history += printed.empty() ? "gone" : printed.substr(colon + 1);
  if (printed.empty()) {
    rows.erase(known);
  } else {
    rows.insert_or_assign(key, printed);
  }
}

}  // namespace patchbay::sim
