// ThroughDbFixture: a through-db pattern on a real file, driven by hand, and other programs that
// write the same file: a second connection, the sqlite3 shell, python3. For the pattern's tests.
//
// A write that the pattern sends prints as its operations:
//   "insert 3:tea; update 1:oat milk; move 1:- to 4; delete 2"
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/pattern_driver.hpp"
#include "through-db/through_db_pattern.hpp"

namespace patchbay::test {

/// The text a program printed on both its outputs, and its exit code behind when it is not 0.
[[nodiscard]] inline std::string run_program(const std::string& command) {
  std::string printed;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "cannot run " + command;
  std::array<char, 4096> block{};
  std::size_t size = 0;
  while ((size = std::fread(block.data(), 1, block.size(), pipe)) > 0) {
    printed.append(block.data(), size);
  }
  const int status = ::pclose(pipe);
  if (status != 0) printed += "[exit " + std::to_string(WEXITSTATUS(status)) + "]";
  return printed;
}

[[nodiscard]] inline std::string print(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::insert:
      return "insert " + print(*operation.set);
    case OperationKind::remove: {
      const std::string key = print(*operation.key);
      return "delete " + key.substr(0, key.find(':'));
    }
    case OperationKind::update:
      break;
  }
  const std::string key = print(*operation.key);
  const std::string set = print(*operation.set);
  const std::string new_key = set.substr(0, set.find(':'));
  const std::string changed = key.substr(0, key.find(':')) + set.substr(set.find(':'));
  const bool moves = new_key.find_first_not_of("-/") != std::string::npos;
  return moves ? "move " + changed + " to " + new_key : "update " + changed;
}

[[nodiscard]] inline std::string print(const Write& write) {
  std::string all;
  for (const Operation& one : write.operations) all += (all.empty() ? "" : "; ") + print(one);
  return all;
}

class ThroughDbFixture : public testing::Test {
 protected:
  ThroughDbFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "patchbay-XXXXXX").string();
    host_.directory = ::mkdtemp(name.data()) == nullptr ? "" : name;
    knows(items_schema());
  }
  ~ThroughDbFixture() override {
    close();
    std::error_code ignored;
    std::filesystem::remove_all(host_.directory, ignored);
  }

  void knows(const TableSchema& schema) { host_.tables[schema.name] = &schema; }
  [[nodiscard]] std::string file() const { return host_.directory + "/through-db.db"; }

  /// Starts the pattern, as after a start of the host; gives the effects, or the error.
  std::string open() {
    close();
    pattern_ = std::make_unique<through_db::ThroughDbPattern>();
    driver_ = std::make_unique<PatternDriver>(*pattern_, host_);
    return driver_->start();
  }
  void close() {
    driver_.reset();
    pattern_.reset();
  }
  /// Open, with these rows of items synced.
  void sync(const std::vector<RowRef>& rows) {
    ASSERT_EQ(open(), "");
    ASSERT_EQ(driver_->reset(rows), "table items");
  }

  /// Another program's connection; made when first asked for.
  SQLite::Database& other() {
    if (!other_) {
      other_ = std::make_unique<SQLite::Database>(file(), SQLite::OPEN_READWRITE, 5000);
    }
    return *other_;
  }
  /// Runs SQL as the other program. The error when it fails.
  std::string sql(const std::string& text) {
    try {
      other().exec(text);
      return {};
    } catch (const SQLite::Exception& thrown) {
      return thrown.what();
    }
  }
  /// The pattern looks; the writes it found and sent, joined by " | ".
  std::string look() {
    const std::size_t before = driver_->effects.sent.size();
    const std::string printed = driver_->local_change();
    if (printed.starts_with("error")) return printed;
    std::string all;
    for (std::size_t at = before; at < driver_->effects.sent.size(); ++at) {
      all += (at == before ? "" : " | ") + print(driver_->effects.sent[at]);
    }
    return all;
  }
  std::string sql_then_look(const std::string& text) {
    const std::string failed = sql(text);
    const std::string found = look();
    return failed + (failed.empty() || found.empty() ? "" : ", ") + found;
  }

  /// Makes one marked transaction and lets it be found: it is never divided.
  std::string as_one(const std::string& text) {
    const std::string mark = "INSERT INTO patchbay_boundary DEFAULT VALUES; ";
    return sql_then_look("BEGIN; " + mark + text + "; " + mark + "COMMIT");
  }

  /// The rows that any program sees in a table: "1:milk  2:eggs", values quoted except numbers.
  std::string rows(const std::string& query = "SELECT id, title FROM items ORDER BY id") {
    std::string all;
    SQLite::Statement statement(other(), query);
    while (statement.executeStep()) {
      std::string row;
      for (int column = 0; column < statement.getColumnCount(); ++column) {
        const SQLite::Column cell = statement.getColumn(column);
        row += (column == 0 ? "" : (column == 1 ? ":" : ",")) +
               (cell.isNull() ? std::string("null") : cell.getString());
      }
      all += (all.empty() ? "" : "  ") + row;
    }
    return all;
  }
  std::string bases() {
    return rows(
        "SELECT id, iif(patchbay_absent, 'absent', title) FROM patchbay_base_items "
        "ORDER BY id");
  }
  /// The number of a write that the pattern found, counted from 0.
  std::uint32_t found(std::size_t at) {
    return static_cast<std::uint32_t>(std::stoul(print(driver_->effects.sent.at(at).id)));
  }

  FakeHost host_;
  std::unique_ptr<through_db::ThroughDbPattern> pattern_;
  std::unique_ptr<PatternDriver> driver_;
  std::unique_ptr<SQLite::Database> other_;
};

}  // namespace patchbay::test
