#include "runtime/view_events.hpp"

#include <utility>

#include "rows/row_builder.hpp"

namespace patchbay {

void ViewEvents::row_changed(const RowRef& row, const WriteLedger& ledger) {
  touched_.erase(row_name(row->schema(), *row));
  events_.on_row_changed(instance_, {row, ledger.pending(row->schema(), *row)});
}

void ViewEvents::row_gone(const RowRef& row) {
  touched_.erase(row_name(row->schema(), *row));
  events_.on_row_gone(instance_, row);
}

void ViewEvents::table_changed(const std::string& table) {
  events_.on_table_changed(instance_, table);
}

void ViewEvents::write_changed(const LedgerEntry& entry) {
  events_.on_write_state(instance_, entry.status());
}

void ViewEvents::touch(const Write& write) {
  for (const Operation& operation : write.operations) touch(operation);
}

void ViewEvents::touch(const Operation& operation) {
  touched_.insert_or_assign(row_name(operation.table(), *operation.key), operation.key);
  if (!sets_key(operation)) return;
  const RowRef moved = rows::key_row(*rows::fold(*operation.key, *operation.set));
  touched_.insert_or_assign(row_name(operation.table(), *moved), moved);
}

void ViewEvents::announce_touched(const WriteLedger& ledger, const FindRow& find) {
  for (const auto& [name, key] : std::exchange(touched_, {})) {
    const RowRef row = find(key);
    if (row) events_.on_row_changed(instance_, {row, ledger.pending(row->schema(), *row)});
  }
}

}  // namespace patchbay
