// WorldEvents: what an app that follows a pattern's events knows: the rows it was told of, every
// state of every write. PatternRunner -> this -> World. No test framework; one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "port/pattern_port.hpp"

namespace patchbay::sim {

/// "1:-,milk*": key and cells, `*` while a write is unfinished.
[[nodiscard]] std::string print_row(const ViewRow& row);

class WorldEvents final : public PatternEvents {
 public:
  void on_row_changed(const std::string& instance, const ViewRow& row) override;
  void on_row_gone(const std::string& instance, const RowRef& row) override;
  void on_table_changed(const std::string& instance, const std::string& table) override;
  void on_write_state(const std::string& instance, const WriteStatus& write) override;
  void on_pattern_status(const PatternStatus&) override {}

  /// Tables of which any row may have changed; the app reads them again and hands them to
  /// `take_table`.
  [[nodiscard]] std::set<std::string> take_stale();
  void take_table(const std::string& table, const std::vector<ViewRow>& rows);

  /// The rows of a table as an app knows them that only listens, in the order of their keys.
  [[nodiscard]] std::vector<std::string> rows(const std::string& table) const;
  [[nodiscard]] std::string history(const std::string& table, const std::string& key) const;
  /// Every write heard of, in the order of its first event.
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
