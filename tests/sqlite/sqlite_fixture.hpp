// A private directory for one test of the SQLite stores, and stores in it. Gone with the test.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/journal_file.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <patchbay/sqlite/schema_table.hpp>
#include <patchbay/sqlite/store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <string>
#include <utility>

#include "support/fake_host.hpp"

namespace patchbay::test {

inline constexpr std::uint32_t kApplication = 0x50627431;

/// The tables that a store's steps work on.
struct StoreTables {
  StoreTables(sqlite::Store& store, Host& host)
      : schemas(store, host), synced(store, schemas), journal(store, host, schemas) {}

  sqlite::SchemaTable schemas;
  sqlite::SyncedTables synced;
  sqlite::Journal journal;
};

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "patchbay-XXXXXX").string();
    directory = ::mkdtemp(name.data()) == nullptr ? "" : name;
    host.directory = directory.string();
  }
  ~StoreTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  [[nodiscard]] std::filesystem::path file() const { return directory / "test.db"; }

  /// A store with the journal's tables and one of the test's own, notes(text).
  [[nodiscard]] sqlite::StoreOptions options() {
    sqlite::StoreOptions options;
    options.file = file();
    options.application_id = kApplication;
    options.vital_tables = sqlite::journal_file::table_names();
    options.vital_tables.emplace_back("patchbay_log");
    options.check = sqlite::journal_file::check;
    options.migrate = [](SQLite::Database& database, std::uint32_t from) {
      if (from > 0) return;
      sqlite::journal_file::create(database);
      sqlite::LocalLog::create(database);
      database.exec("CREATE TABLE notes (text TEXT)");
    };
    options.salvage = [this](SQLite::Database& fresh, SQLite::Database& damaged) {
      sqlite::LocalLog::salvage(fresh, damaged);
      host.log(LogLevel::warning, sqlite::journal_file::salvage(fresh, damaged));
    };
    return options;
  }
  [[nodiscard]] Result<std::unique_ptr<sqlite::Store>> open() {
    return sqlite::Store::open(options(), host);
  }
  /// A store that must open.
  [[nodiscard]] std::unique_ptr<sqlite::Store> opened() {
    auto store = open();
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }

  [[nodiscard]] static std::string note(sqlite::Store& store, const std::string& text) {
    const Result<void> done = store.write([&] {
      SQLite::Statement& insert = store.statement("INSERT INTO notes VALUES (?)");
      insert.bind(1, text);
      insert.exec();
    });
    return done ? "" : std::string(to_string(done.error().code)) + ": " + done.error().message;
  }
  [[nodiscard]] static std::int64_t notes(const sqlite::Store& store) {
    return store.database().execAndGet("SELECT count(*) FROM notes").getInt64();
  }
  /// The steps of SQLite's machine for the statements of the store that are still prepared.
  [[nodiscard]] static std::int64_t machine_steps(const sqlite::Store& store) {
    std::int64_t steps = 0;
    sqlite3* handle = store.database().getHandle();
    for (sqlite3_stmt* one = sqlite3_next_stmt(handle, nullptr); one != nullptr;
         one = sqlite3_next_stmt(handle, one)) {
      steps += sqlite3_stmt_status(one, SQLITE_STMTSTATUS_VM_STEP, 0);
    }
    return steps;
  }
  /// The messages to the host, one sentence a line.
  [[nodiscard]] std::string logged() const {
    std::string all;
    for (const std::string& line : host.logged) all += line + "\n";
    return all;
  }
  /// Names in the directory that contain `part`.
  [[nodiscard]] std::vector<std::filesystem::path> files(std::string_view part) const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      const std::string name = entry.path().filename().string();
      if (name.find(part) != std::string::npos) found.push_back(entry.path());
    }
    return found;
  }

  std::filesystem::path directory;
  FakeHost host;
};

}  // namespace patchbay::test
