// The tables of schemas, positions and writes, and every statement on them, in one place. Used by
// SchemaTable, SyncedTables, Journal and journal_file.
#pragma once

namespace patchbay::sqlite::sql {

inline constexpr const char* kCreateTables = R"(
CREATE TABLE patchbay_schema (
  id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, json TEXT NOT NULL UNIQUE);
CREATE TABLE patchbay_table (
  name TEXT NOT NULL PRIMARY KEY, schema INTEGER NOT NULL, prepared INTEGER NOT NULL DEFAULT 1,
  handle TEXT NOT NULL DEFAULT '', offset TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
)";
inline constexpr const char* kCreateWrites = R"(
CREATE TABLE patchbay_journal (
  id INTEGER PRIMARY KEY, i INTEGER NOT NULL, schema INTEGER NOT NULL, kind TEXT NOT NULL,
  key TEXT NOT NULL, cells TEXT, settled INTEGER NOT NULL DEFAULT 0,
  write_id TEXT, operations INTEGER, sent_after INTEGER, splittable INTEGER, rejected INTEGER,
  status INTEGER, message TEXT, code TEXT, constraint_name TEXT, column_name TEXT,
  because_of TEXT, checksum INTEGER);
)";
inline constexpr const char* kAddChecksum =
    "ALTER TABLE patchbay_journal ADD COLUMN checksum INTEGER";

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

// ?1 is where a write starts, except where a comment says otherwise.
inline constexpr const char* kAddOperation =  // ?10: the operation; NULL puts it last
    "INSERT INTO patchbay_journal (id, i, schema, kind, key, cells, write_id, operations,"
    " sent_after, splittable, checksum) VALUES (?10, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?11)";
inline constexpr const char* kUnfinished =
    "SELECT id, i, settled, schema, kind, key, cells, write_id, sent_after, splittable, rejected"
    " FROM patchbay_journal ORDER BY id";
// The last column says whether a rejected write has a status, and whether one without a checksum
// can be read.
inline constexpr const char* kSealedRows =
    "SELECT id, i, schema, kind, key, cells, write_id, operations, splittable, checksum,"
    " ifnull(rejected, 0) = (status IS NOT NULL) AND (checksum IS NOT NULL"
    " OR (kind IN ('insert', 'update', 'delete') AND json_valid(key)"
    " AND ifnull(json_valid(cells), 1) AND (i > 0 OR length(write_id) = 36)))"
    " FROM patchbay_journal ORDER BY id";
inline constexpr const char* kFind =
    "SELECT id, i, settled, schema, kind, key, cells, write_id, sent_after, splittable, rejected"
    " FROM patchbay_journal WHERE id >= ?1"
    " AND id < ?1 + (SELECT operations FROM patchbay_journal WHERE id = ?1) ORDER BY id";
inline constexpr const char* kRejected =
    "SELECT o.id, o.i, o.settled, o.schema, o.kind, o.key, o.cells, w.write_id, w.status,"
    " w.message, w.code, w.constraint_name, w.column_name, w.because_of"
    " FROM patchbay_journal AS w CROSS JOIN patchbay_journal AS o"
    " ON o.id >= w.id AND o.id < w.id + w.operations WHERE w.rejected = 1 ORDER BY o.id";
inline constexpr const char* kMarkSent =
    "UPDATE patchbay_journal SET sent_after = ?2 WHERE id = ?1 AND sent_after = 0";
inline constexpr const char* kSettleOne =  // ?1: the operation
    "UPDATE patchbay_journal SET settled = 1 WHERE id = ?1";
inline constexpr const char* kSettleAll =
    "UPDATE patchbay_journal SET settled = 1 WHERE settled = 0 AND id >= ?1"
    " AND id < ?1 + (SELECT operations FROM patchbay_journal WHERE id = ?1)";
inline constexpr const char* kReject =
    "UPDATE patchbay_journal SET rejected = 1, status = ?2, message = ?3, code = ?4,"
    " constraint_name = ?5, column_name = ?6, because_of = ?7 WHERE id = ?1";
inline constexpr const char* kClear = "DELETE FROM patchbay_journal";
inline constexpr const char* kErase =
    "DELETE FROM patchbay_journal WHERE id >= ?1"
    " AND id < ?1 + (SELECT operations FROM patchbay_journal WHERE id = ?1)";
inline constexpr const char* kOperation =  // ?1: the operation
    "SELECT id, i, settled, schema, kind, key, cells FROM patchbay_journal WHERE id = ?1";
inline constexpr const char* kCovered =  // ?1: the table
    "SELECT id, i, settled, schema, kind, key, cells FROM patchbay_journal WHERE settled = 0"
    " AND schema IN (SELECT id FROM patchbay_schema WHERE tbl = ?1) ORDER BY id";

// The journal of version 1: two tables and three indices, which took four pages of each write.
inline constexpr const char* kCreateVersion1 = R"(
CREATE TABLE patchbay_write (
  n INTEGER PRIMARY KEY, write_id TEXT NOT NULL UNIQUE, operations INTEGER NOT NULL,
  sent_after INTEGER NOT NULL, splittable INTEGER NOT NULL, rejected INTEGER NOT NULL DEFAULT 0,
  status INTEGER, message TEXT, code TEXT, constraint_name TEXT, column_name TEXT,
  because_of TEXT);
CREATE TABLE patchbay_operation (
  n INTEGER NOT NULL, i INTEGER NOT NULL, tbl TEXT NOT NULL, kind TEXT NOT NULL,
  schema INTEGER NOT NULL, key TEXT NOT NULL, cells TEXT, row BLOB NOT NULL, moved BLOB,
  settled INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (n, i)) WITHOUT ROWID;
)";
// Of a damaged file.
inline constexpr const char* kColumnsBefore5 =
    "id, i, schema, kind, key, cells, settled, write_id, operations, sent_after, splittable,"
    " rejected, status, message, code, constraint_name, column_name, because_of";
inline constexpr const char* kReadable =  // ?1: kind, ?2: key, ?3: cells
    "SELECT ?1 IN ('insert', 'update', 'delete') AND json_valid(?2)"
    " AND ifnull(json_valid(?3), 1)";
inline constexpr const char* kPutRow =
    "INSERT INTO patchbay_journal (id, i, schema, kind, key, cells, settled, write_id, operations,"
    " sent_after, splittable, rejected, status, message, code, constraint_name, column_name,"
    " because_of, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr const char* kPutSchema =
    "INSERT INTO patchbay_schema (id, tbl, json) VALUES (?1, ?2 ->> 'table', ?2)";
inline constexpr const char* kTablesOfSchemas =
    "DELETE FROM patchbay_table WHERE NOT EXISTS (SELECT 1 FROM patchbay_schema AS s"
    " WHERE s.id = patchbay_table.schema AND s.tbl = patchbay_table.name);"
    "INSERT OR IGNORE INTO patchbay_table (name, schema)"
    " SELECT tbl, max(id) FROM patchbay_schema GROUP BY tbl;"
    "UPDATE patchbay_table SET prepared = 0;";
/// A part of a write must not be sent: a write goes out whole or not at all.
inline constexpr const char* kDropPartsOfVersion1 =
    "DELETE FROM patchbay_write WHERE operations <> (SELECT count(*)"
    " FROM patchbay_operation AS o WHERE o.n = patchbay_write.n);"
    "DELETE FROM patchbay_operation WHERE n NOT IN (SELECT n FROM patchbay_write);";
inline constexpr const char* kDropParts =
    "DELETE FROM patchbay_journal WHERE NOT json_valid(key) OR NOT ifnull(json_valid(cells), 1)"
    " OR schema NOT IN (SELECT id FROM patchbay_schema)"
    " OR (i = 0 AND ifnull(length(write_id), 0) <> 36);"
    "DELETE FROM patchbay_journal WHERE id - i NOT IN (SELECT w.id FROM patchbay_journal AS w"
    " WHERE w.i = 0 AND w.operations = (SELECT count(*) FROM patchbay_journal AS o"
    " WHERE o.id >= w.id AND o.id < w.id + w.operations AND o.id - o.i = w.id));";
inline constexpr const char* kTakeOverVersion1 = R"(
INSERT INTO patchbay_journal (id, i, schema, kind, key, cells, settled, write_id, operations,
    sent_after, splittable, rejected, status, message, code, constraint_name, column_name,
    because_of)
  SELECT row_number() OVER (ORDER BY o.n, o.i), o.i, o.schema, o.kind, o.key, o.cells, o.settled,
    w.write_id, w.operations, w.sent_after, w.splittable, w.rejected, w.status, w.message, w.code,
    w.constraint_name, w.column_name, w.because_of
  FROM patchbay_operation AS o LEFT JOIN patchbay_write AS w ON w.n = o.n AND o.i = 0
  ORDER BY o.n, o.i;
DROP TABLE patchbay_operation;
DROP TABLE patchbay_write;
)";

}  // namespace patchbay::sqlite::sql
