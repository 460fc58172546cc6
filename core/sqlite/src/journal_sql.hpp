// The journal's tables and every statement of it, in one place. Used by Journal.
#pragma once

namespace patchbay::sqlite::sql {

inline constexpr const char* kCreateJournal = R"(
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
)";

inline constexpr const char* kTables =
    "SELECT schema, handle, offset FROM patchbay_table WHERE prepared = 1 ORDER BY name";
inline constexpr const char* kSalvagedTables =
    "SELECT schema FROM patchbay_table WHERE prepared = 0 ORDER BY name";
inline constexpr const char* kFindSchema =
    "SELECT schema FROM patchbay_table WHERE name = ?1 AND prepared = 1";
inline constexpr const char* kSetSchema =
    "INSERT INTO patchbay_table (name, schema) VALUES (?1, ?2) ON CONFLICT (name)"
    " DO UPDATE SET schema = ?2, prepared = 1, handle = '', offset = ''";
inline constexpr const char* kSetPosition =
    "UPDATE patchbay_table SET handle = ?2, offset = ?3 WHERE name = ?1";
inline constexpr const char* kAdvancePosition =
    "UPDATE patchbay_table SET handle = ?2, offset = ?3 WHERE name = ?1 AND handle <> ''";
inline constexpr const char* kAddSchema =
    "INSERT INTO patchbay_schema (tbl, json) VALUES (?1, ?2) ON CONFLICT (json) DO NOTHING";
inline constexpr const char* kSchemaByText = "SELECT id FROM patchbay_schema WHERE json = ?1";
inline constexpr const char* kSchemaById = "SELECT json FROM patchbay_schema WHERE id = ?1";

inline constexpr const char* kAddWrite =
    "INSERT INTO patchbay_write (write_id, operations, sent_after, splittable)"
    " VALUES (?1, ?2, ?3, ?4)";
inline constexpr const char* kAddOperation =
    "INSERT INTO patchbay_operation (n, i, tbl, kind, schema, key, cells, row, moved)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
inline constexpr const char* kFindWrite = "SELECT n FROM patchbay_write WHERE write_id = ?1";
inline constexpr const char* kFindUnfinished =
    "SELECT w.n, w.write_id, w.sent_after, w.splittable, o.schema, o.kind, o.key, o.cells"
    " FROM patchbay_write AS w CROSS JOIN patchbay_operation AS o ON o.n = w.n"
    " WHERE w.write_id = ?1 AND w.rejected = 0 ORDER BY o.n, o.i";
inline constexpr const char* kUnfinished =
    "SELECT w.n, w.write_id, w.sent_after, w.splittable, o.schema, o.kind, o.key, o.cells"
    " FROM patchbay_write AS w CROSS JOIN patchbay_operation AS o ON o.n = w.n"
    " WHERE w.rejected = 0 ORDER BY w.n, o.i";
inline constexpr const char* kRejected =
    "SELECT w.n, w.write_id, o.schema, o.kind, o.key, o.cells, w.status, w.message, w.code,"
    " w.constraint_name, w.column_name, w.because_of"
    " FROM patchbay_write AS w CROSS JOIN patchbay_operation AS o ON o.n = w.n"
    " WHERE w.rejected = 1 ORDER BY w.n, o.i";
inline constexpr const char* kMarkSent =
    "UPDATE patchbay_write SET sent_after = ?2 WHERE write_id = ?1 AND sent_after = 0";
inline constexpr const char* kUnsettled =
    "SELECT o.n, o.i, o.schema, o.kind, o.key, o.cells"
    " FROM patchbay_write AS w CROSS JOIN patchbay_operation AS o ON o.n = w.n"
    " WHERE w.write_id = ?1 AND o.settled = 0 ORDER BY o.i";
inline constexpr const char* kSettleOne =
    "UPDATE patchbay_operation SET settled = 1 WHERE n = ?1 AND i = ?2";
inline constexpr const char* kSettleAll =
    "UPDATE patchbay_operation SET settled = 1"
    " WHERE n = (SELECT n FROM patchbay_write WHERE write_id = ?1) AND settled = 0";
inline constexpr const char* kReject =
    "UPDATE patchbay_write SET rejected = 1, status = ?2, message = ?3, code = ?4,"
    " constraint_name = ?5, column_name = ?6, because_of = ?7 WHERE write_id = ?1";
inline constexpr const char* kEraseOperations =
    "DELETE FROM patchbay_operation"
    " WHERE n = (SELECT n FROM patchbay_write WHERE write_id = ?1)";
inline constexpr const char* kEraseWrite = "DELETE FROM patchbay_write WHERE write_id = ?1";

inline constexpr const char* kOperationsOfRow =
    "SELECT n, i, schema, kind, key, cells FROM patchbay_operation"
    " WHERE tbl = ?1 AND row = ?2 AND settled = 0"
    " UNION ALL SELECT n, i, schema, kind, key, cells FROM patchbay_operation"
    " WHERE tbl = ?1 AND moved = ?2 AND settled = 0 AND moved IS NOT NULL ORDER BY n, i";
inline constexpr const char* kCovers =
    "SELECT EXISTS (SELECT 1 FROM patchbay_operation"
    " WHERE tbl = ?1 AND row = ?2 AND settled = 0)"
    " OR EXISTS (SELECT 1 FROM patchbay_operation"
    " WHERE tbl = ?1 AND moved = ?2 AND settled = 0 AND moved IS NOT NULL)";
inline constexpr const char* kCoversAny =
    "SELECT EXISTS (SELECT 1 FROM patchbay_operation WHERE tbl = ?1 AND settled = 0)";
inline constexpr const char* kCovered =
    "SELECT schema, kind, key, cells FROM patchbay_operation"
    " WHERE tbl = ?1 AND settled = 0 ORDER BY n, i";

}  // namespace patchbay::sqlite::sql
