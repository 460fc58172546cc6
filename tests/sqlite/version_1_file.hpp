// version_1_file: the tables that all SQLite patterns shared in version 1 of their files, with
// writes in them, as SQL. For the tests of what becomes of such a file.
//
//   write 1   sets 1 to oat
//   write 2   inserts 3:tea, which has settled, and sets 2 to ham
//   write 3   set 2 to no, and was rejected
//   the log   5:pie was inserted by another program
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>

#include "support/fake_host.hpp"

namespace patchbay::test {

inline constexpr const char* kVersion1Tables = R"(
CREATE TABLE patchbay_schema (
  id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, json TEXT NOT NULL UNIQUE);
CREATE TABLE patchbay_table (
  name TEXT NOT NULL PRIMARY KEY, schema INTEGER NOT NULL, prepared INTEGER NOT NULL DEFAULT 1,
  handle TEXT NOT NULL DEFAULT '', offset TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE patchbay_write (
  n INTEGER PRIMARY KEY, write_id TEXT NOT NULL UNIQUE, operations INTEGER NOT NULL,
  sent_after INTEGER NOT NULL, splittable INTEGER NOT NULL, rejected INTEGER NOT NULL DEFAULT 0,
  status INTEGER, message TEXT, code TEXT, constraint_name TEXT, column_name TEXT,
  because_of TEXT);
CREATE TABLE patchbay_operation (
  n INTEGER NOT NULL, i INTEGER NOT NULL, tbl TEXT NOT NULL, kind TEXT NOT NULL,
  schema INTEGER NOT NULL, key TEXT NOT NULL, cells TEXT, row BLOB NOT NULL, moved BLOB,
  settled INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (n, i)) WITHOUT ROWID;
CREATE INDEX patchbay_operation_row ON patchbay_operation (tbl, row) WHERE settled = 0;
CREATE INDEX patchbay_operation_moved ON patchbay_operation (tbl, moved)
  WHERE settled = 0 AND moved IS NOT NULL;
CREATE TABLE patchbay_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT, kind TEXT NOT NULL, old TEXT, new TEXT);
CREATE TABLE patchbay_silent (id INTEGER PRIMARY KEY);
CREATE TABLE patchbay_boundary (id INTEGER PRIMARY KEY);
CREATE TRIGGER patchbay_boundary_mark AFTER INSERT ON patchbay_boundary
BEGIN
  INSERT INTO patchbay_log (kind) VALUES ('boundary');
  DELETE FROM patchbay_boundary;
END;

INSERT INTO patchbay_schema VALUES (4, 'items',
  '{"table":"items","columns":[["id","int8",0,1],["title","text",0,0]],"key":[0]}');
INSERT INTO patchbay_table VALUES ('items', 4, 1, 'h1', '7_0');
INSERT INTO patchbay_operation VALUES
  (3, 0, 'items', 'update', 4, '{"id":"1"}', '{"title":"oat"}', X'0100000031', NULL, 0),
  (7, 0, 'items', 'insert', 4, '{"id":"3"}', '{"id":"3","title":"tea"}', X'0100000033', NULL, 1),
  (7, 1, 'items', 'update', 4, '{"id":"2"}', '{"title":"ham"}', X'0100000032', NULL, 0),
  (8, 0, 'items', 'update', 4, '{"id":"2"}', '{"title":"no"}', X'0100000032', NULL, 1);
INSERT INTO patchbay_log (tbl, kind, old, new)
  VALUES ('items', 'insert', NULL, json_array('5', '''pie'''));
)";

/// Makes the file; `rows` is the SQL of the pattern's own tables.
inline void make_version_1_file(const std::string& file, std::uint32_t application,
                                const std::string& rows) {
  SQLite::Database database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec(kVersion1Tables);
  SQLite::Statement write(database,
                          "INSERT INTO patchbay_write VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, '', '',"
                          " '')");
  const auto add = [&](int n, std::uint32_t number, int operations, bool rejected) {
    write.reset();
    write.bind(1, n);
    write.bind(2, sim::write_id(number).text());
    write.bind(3, operations);
    write.bind(4, 50);
    write.bind(5, rejected ? 1 : 0);
    write.bind(6, 409);
    write.bind(7, "no ham");
    write.bind(8, "23505");
    write.exec();
  };
  add(3, 1, 1, false);
  add(7, 2, 2, false);
  add(8, 3, 1, true);
  database.exec(rows);
  database.exec("PRAGMA application_id = " + std::to_string(application));
  database.exec("PRAGMA user_version = 1");
}

}  // namespace patchbay::test
