-- What the store keeps for one table of the server. table_sql.cpp fills in the braces:
--   {plain}   the table's name, as inside double quotes; {text} as inside single quotes
--   {columns} every column with INTEGER, REAL or TEXT; {key} the names of the primary key's columns
--   {old} {new}          all columns of OLD and of NEW; {old_key} {new_key} only the key's
--   {old_row} {new_row}  the same as the log wants them; {live_row} of the table `live`
--   {live_key}           the key's columns of the table `live`
--   {new_key_text}       one text for the new key
--   {check_key}          refuses a key that is not a text, or not a whole number
--   {logging}            true except in the pattern's own transactions

-- The app's table: the server's columns, the primary key and nothing else. WITHOUT ROWID, so that a
-- key that is NULL is refused and never made up.
CREATE TABLE "{plain}" ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID;

-- The server's version of each row that has unfinished writes; patchbay_absent: it has no such row.
CREATE TABLE "patchbay_base_{plain}" ({columns}, patchbay_absent INTEGER NOT NULL,
  PRIMARY KEY ({key})) WITHOUT ROWID;

-- What a REPLACE may silently remove: the row that is in the way of a new key, while one row of a
-- statement is written. OR IGNORE and an upsert leave one behind; the next use of its key clears
-- it.
CREATE TABLE IF NOT EXISTS patchbay_capture (tbl TEXT NOT NULL, key TEXT NOT NULL,
  row TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;

CREATE TRIGGER "patchbay_{plain}_before_insert" BEFORE INSERT ON "{plain}" WHEN {logging}
BEGIN
  {check_key}
  DELETE FROM patchbay_capture WHERE tbl = '{text}' AND key = {new_key_text};
  INSERT INTO patchbay_capture (tbl, key, row, at)
    SELECT '{text}', {new_key_text}, {live_row}, (SELECT ifnull(max(id), 0) FROM patchbay_log)
    FROM "{plain}" AS live WHERE {live_key} = {new_key};
END;

-- A row that was in the way has been replaced: an update. With PRAGMA recursive_triggers its delete
-- has just been logged, and is taken back.
CREATE TRIGGER "patchbay_{plain}_after_insert" AFTER INSERT ON "{plain}" WHEN {logging}
BEGIN
  DELETE FROM patchbay_log
    WHERE id > (SELECT at FROM patchbay_capture WHERE tbl = '{text}' AND key = {new_key_text})
      AND kind = 'delete' AND tbl = '{text}'
      AND old = (SELECT row FROM patchbay_capture WHERE tbl = '{text}' AND key = {new_key_text});
  INSERT INTO patchbay_log (tbl, kind, old, new)
    SELECT '{text}', CASE WHEN captured.row IS NULL THEN 'insert' ELSE 'update' END,
      captured.row, {new_row}
    FROM (SELECT 1) LEFT JOIN patchbay_capture AS captured
      ON captured.tbl = '{text}' AND captured.key = {new_key_text}
    WHERE captured.row IS NOT {new_row};
  DELETE FROM patchbay_capture WHERE tbl = '{text}' AND key = {new_key_text};
END;

CREATE TRIGGER "patchbay_{plain}_before_update" BEFORE UPDATE ON "{plain}"
WHEN {old_key} IS NOT {new_key} AND {logging}
BEGIN
  {check_key}
  DELETE FROM patchbay_capture WHERE tbl = '{text}' AND key = {new_key_text};
  INSERT INTO patchbay_capture (tbl, key, row, at)
    SELECT '{text}', {new_key_text}, {live_row}, (SELECT ifnull(max(id), 0) FROM patchbay_log)
    FROM "{plain}" AS live WHERE {live_key} = {new_key};
END;

-- A row that was in the way of a new key is gone: first its delete, unless it has been logged.
CREATE TRIGGER "patchbay_{plain}_after_update" AFTER UPDATE ON "{plain}"
WHEN {old} IS NOT {new} AND {logging}
BEGIN
  INSERT INTO patchbay_log (tbl, kind, old, new)
    SELECT '{text}', 'delete', captured.row, NULL FROM patchbay_capture AS captured
    WHERE {old_key} IS NOT {new_key}
      AND captured.tbl = '{text}' AND captured.key = {new_key_text}
      AND NOT EXISTS (SELECT 1 FROM patchbay_log WHERE id > captured.at
        AND kind = 'delete' AND tbl = '{text}' AND old = captured.row);
  INSERT INTO patchbay_log (tbl, kind, old, new)
    VALUES ('{text}', 'update', {old_row}, {new_row});
  DELETE FROM patchbay_capture WHERE tbl = '{text}' AND key = {new_key_text};
END;

CREATE TRIGGER "patchbay_{plain}_after_delete" AFTER DELETE ON "{plain}" WHEN {logging}
BEGIN
  INSERT INTO patchbay_log (tbl, kind, old, new) VALUES ('{text}', 'delete', {old_row}, NULL);
END;
