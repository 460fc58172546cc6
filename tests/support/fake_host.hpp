// FakeHost and FakeEffects: a host for driving one pattern by hand, and a printer of what it wants
// done. For the tests of patterns; no threads. Rows are made by the real row builder.
//
//   accept 1 | send 1 | send 1 within 500ms | reject 1: why | changed 1:milk | gone 1:milk
//   | table items
//
// Writes and rows print as sim/print.hpp says.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <patchbay/host.hpp>
#include <patchbay/pattern.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rows/row_builder.hpp"
#include "rows/schema_registry.hpp"
#include "runtime/file_lease.hpp"
#include "sim/print.hpp"

namespace patchbay::test {

using sim::print;
using sim::write_id;

/// items(id int8 primary key, title text).
[[nodiscard]] inline const TableSchema& items_schema() {
  return rows::intern_schema(
      {"items", {{"id", "int8", 0, true}, {"title", "text", 0, false}}, {0}});
}

/// A row of `schema`, one cell a column.
[[nodiscard]] inline RowRef make_row(const TableSchema& schema, std::vector<Cell> cells) {
  return rows::make_row(schema, cells);
}
/// A row of items.
[[nodiscard]] inline RowRef item(std::string_view id, std::string_view title) {
  return make_row(items_schema(), {Cell::of(id), Cell::of(title)});
}
/// A key row of items.
[[nodiscard]] inline RowRef item_key(std::string_view id) {
  return make_row(items_schema(), {Cell::of(id), Cell{}});
}

[[nodiscard]] inline Operation insert_item(std::string_view id, std::string_view title) {
  return {OperationKind::insert, item_key(id), item(id, title)};
}
[[nodiscard]] inline Operation update_item(std::string_view id, std::string_view title) {
  return {OperationKind::update, item_key(id), make_row(items_schema(), {Cell{}, Cell::of(title)})};
}
[[nodiscard]] inline Operation remove_item(std::string_view id) {
  return {OperationKind::remove, item_key(id), {}};
}

/// Prints effects in their order.
class FakeEffects final : public Effects {
 public:
  void accept(const WriteId& write) override { add("accept " + sim::print(write)); }
  void send(const Write& write, const SendOptions& options) override {
    const auto& limit = options.give_up_after;
    add("send " + sim::print(write.id) +
        (limit ? " within " + std::to_string(limit->count()) + "ms" : ""));
    sent.push_back(write);
    send_options.push_back(options);
  }
  void reject(const WriteId& write, const Error& why) override {
    add("reject " + sim::print(write) + ": " + why.message);
  }
  void restore_rejected(const RejectedWrite& one) override {
    add("restore " + sim::print(one.write.id) + ": " + one.rejection.message);
    restored.push_back(one);
  }
  void row_changed(const RowRef& row) override { add("changed " + sim::print(*row)); }
  void row_gone(const RowRef& row) override { add("gone " + sim::print(*row)); }
  void table_changed(const TableSchema& table) override { add("table " + table.name); }

  /// All effects since the last call, joined by ", ".
  [[nodiscard]] std::string take() { return std::exchange(printed_, {}); }

  std::vector<Write> sent;
  std::vector<RejectedWrite> restored;
  std::vector<SendOptions> send_options;  ///< One for each of `sent`.

 private:
  void add(const std::string& effect) { printed_ += (printed_.empty() ? "" : ", ") + effect; }

  std::string printed_;
};

class FakeHost final : public Host {
 public:
  RowRef make_row(const TableSchema& schema, std::span<const Cell> cells) override {
    return rows::make_row(schema, cells);
  }
  RowRef fold(const Row& base, const Row& patch) override { return rows::fold(base, patch); }
  const TableSchema* table(std::string_view table_name) const override {
    const auto found = tables.find(table_name);
    return found == tables.end() ? nullptr : found->second;
  }
  const TableSchema& keep_schema(const TableSchema& schema) override {
    return rows::intern_schema(schema);
  }
  /// Prints into `resumed`: "items h1 0_0".
  void resume(const TableSchema& schema, const Position& position) override {
    tables.insert_or_assign(schema.name, &rows::intern_schema(schema));
    resumed.push_back(schema.name + " " + std::string(position.handle) + " " +
                      std::string(position.offset));
  }
  WriteId make_write_id() override { return sim::write_id(next_write_id++); }
  std::int64_t backend_time_s() const override { return backend_time; }
  std::string_view instance() const override { return name; }
  std::string_view data_directory() override { return directory; }
  std::optional<std::string_view> setting(std::string_view setting_name) const override {
    const auto found = settings.find(setting_name);
    if (found == settings.end()) return std::nullopt;
    return found->second;
  }
  void log(LogLevel, std::string_view message) override { logged.emplace_back(message); }
  Result<void> watch(std::string_view path) override {
    watched.emplace_back(path);
    return {};
  }
  Result<LeaseRef> take_lease(std::string_view file) override { return take_file_lease(file); }

  bool successor = false;  ///< The pattern is to replace another.
  Succession succession;
  std::string name = "test";
  std::string directory;  ///< The test's own temporary directory, where the pattern wants one.
  std::map<std::string, std::string, std::less<>> settings;
  std::map<std::string, const TableSchema*, std::less<>> tables;
  std::int64_t backend_time = 0;
  std::uint32_t next_write_id = 1000;
  std::vector<std::string> logged;
  std::vector<std::string> watched;
  std::vector<std::string> resumed;
};

}  // namespace patchbay::test
