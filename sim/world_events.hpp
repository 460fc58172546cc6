// WorldEvents: what an app knows that follows a pattern's events: the rows that it was told of, and
// the states of every write. PatternRunner -> this -> World. Owned by the world, without a test
// framework; one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "port/pattern_port.hpp"

namespace patchbay::sim {

/// A row of the view as "1:-,milk*": key and cells, and `*` while a write on it is unfinished.
[[nodiscard]] std::string print_row(const ViewRow& row);

class WorldEvents final : public PatternEvents {
 public:
  void on_row_changed(const std::string& instance, const ViewRow& row) override;
  void on_row_gone(const std::string& instance, const RowRef& row) override;
  void on_table_changed(const std::string& instance, const std::string& table) override;
  void on_write_state(const std::string& instance, const WriteStatus& write) override;
  void on_pattern_status(const PatternStatus&) override {}

  /// Gives, once, the tables of which any row may have changed: the app reads them again and hands
  /// the rows to `take_table`.
  [[nodiscard]] std::set<std::string> take_stale();
  /// Takes all rows of a table, as the app has read them.
  void take_table(const std::string& table, const std::vector<ViewRow>& rows);

  /// The rows of a table as an app that only listens knows them, in the order of their keys.
  [[nodiscard]] std::vector<std::string> rows(const std::string& table) const;
  [[nodiscard]] std::string history(const std::string& table, const std::string& key) const;
  /// Every write that an event told of, in the order of its first event.
  [[nodiscard]] const std::vector<WriteId>& order() const noexcept { return order_; }
  [[nodiscard]] const WriteStatus* find(const WriteId& write) const;

 private:
  using Rows = std::map<std::string, std::string>;  ///< Printed, by key_text.

  void show(const std::string& table, const RowRef& row, const std::string& printed);

  std::map<std::string, Rows> tables_;
  std::map<std::string, std::string> histories_;  ///< By table and printed key.
  std::set<std::string> stale_;
  std::map<WriteId, WriteStatus> writes_;
  std::vector<WriteId> order_;
};

}  // namespace patchbay::sim
