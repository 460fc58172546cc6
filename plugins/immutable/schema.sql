-- What the store keeps for one table of the server. schema_words.cpp fills in the braces:
--   {plain}     the table's name, as inside double quotes; {text} as inside single quotes
--   {columns}   every column with INTEGER, REAL or TEXT; {names} their names; {key} the key's names
--   {masks}     the INTEGERs of the local table whose bits say which columns are set
--   {merged}    every column: the local one where it is set, else the synced; {alone} the local
--   {new}       NEW's columns as the store keeps them, a row named n; {new_cells} its columns
--   {old_row} {new_row}  all columns of OLD and of n as the log wants them
--   {…_key_is_…_key}     the keys of two of OLD, n, s, l are equal; {key_is_old_key} of the table
-- Triggers use built-in functions only, so that any SQLite library can run them, and no conflict
-- clause but an upsert's: the writer's own would take its place.

-- The server's rows. The stream alone changes them.
CREATE TABLE IF NOT EXISTS "{plain}_synced" (
  {columns},
  PRIMARY KEY ({key})
) WITHOUT ROWID;

-- What unfinished writes make of a row: 'created' shows a row whether or not one is synced,
-- 'changed' sets columns of the synced row, 'deleted' hides it. A column that is not set is NULL.
-- patchbay_in_synced says whether there is a synced row; rows without one, which the view shows
-- beside the synced ones, stand together in the order of their keys, so that no index need be kept.
-- Without a synced row there is nothing to change or to hide: all rows with 0 are 'created'.
CREATE TABLE IF NOT EXISTS "{plain}_local" (
  {columns},
  patchbay_kind TEXT NOT NULL,
  patchbay_in_synced INTEGER NOT NULL,
  {mask_columns},
  PRIMARY KEY (patchbay_in_synced, {key})
) WITHOUT ROWID;

-- Both branches have one affinity for each column, or SQLite would sort all rows for every reader.
CREATE VIEW "{plain}" ({names}) AS
SELECT
  {merged}
FROM "{plain}_synced" AS s
  LEFT JOIN "{plain}_local" AS l ON l.patchbay_in_synced = 1 AND {l_key_is_s_key}
WHERE l.patchbay_kind IS NOT 'deleted'
UNION ALL
SELECT
  {alone}
FROM "{plain}_local" AS l
WHERE l.patchbay_in_synced = 0;

-- A row that is not shown but has a local one was deleted here: the new one starts empty, so that
-- nothing of the synced row comes back.
CREATE TRIGGER "{plain}_insert" INSTEAD OF INSERT ON "{plain}"
BEGIN
  {check_key}
  {check_values}
  INSERT INTO patchbay_log (tbl, kind, old, new)
    SELECT '{text}', 'insert', NULL, {new_row} FROM {new};
  INSERT INTO "{plain}_local" ({names}, patchbay_kind, patchbay_in_synced, {masks})
    SELECT {new_cells}, 'created',
      EXISTS (SELECT 1 FROM "{plain}_synced" AS s WHERE {s_key_is_n_key}), {given_bits}
    FROM {new} WHERE true
    ON CONFLICT (patchbay_in_synced, {key}) DO UPDATE SET patchbay_kind = 'created', {take_new};
END;

-- A table of nothing but its key has {changes} = 0: this trigger never runs there.
CREATE TRIGGER "{plain}_update" INSTEAD OF UPDATE ON "{plain}"
WHEN NOT ({moves}) AND ({changes})
BEGIN
  {check_values}
  INSERT INTO patchbay_log (tbl, kind, old, new)
    SELECT '{text}', 'update', {old_row}, {new_row} FROM {new};
  INSERT INTO "{plain}_local" ({names}, patchbay_kind, patchbay_in_synced, {masks})
    SELECT {changed_cells}, 'changed',
      EXISTS (SELECT 1 FROM "{plain}_synced" AS s WHERE {s_key_is_old_key}), {changed_bits}
    FROM {new} WHERE true
    ON CONFLICT (patchbay_in_synced, {key}) DO UPDATE SET {take_changed};
END;

CREATE TRIGGER "{plain}_move" INSTEAD OF UPDATE ON "{plain}"
WHEN {moves}
BEGIN
  {check_key}
  {check_values}
  INSERT INTO patchbay_log (tbl, kind, old, new)
    SELECT '{text}', 'update', {old_row}, {new_row} FROM {new};
  INSERT INTO "{plain}_local" ({names}, patchbay_kind, patchbay_in_synced, {masks})
    SELECT {new_cells}, 'created',
      EXISTS (SELECT 1 FROM "{plain}_synced" AS s WHERE {s_key_is_n_key}), {every_bit}
    FROM {new} WHERE true
    ON CONFLICT (patchbay_in_synced, {key}) DO UPDATE SET patchbay_kind = 'created', {take_new};
  DELETE FROM "{plain}_local" WHERE patchbay_in_synced = 0 AND {key_is_old_key};
  INSERT INTO "{plain}_local" ({names}, patchbay_kind, patchbay_in_synced, {masks})
    SELECT {old_key_only}, 'deleted', 1, {no_bits}
    WHERE EXISTS (SELECT 1 FROM "{plain}_synced" AS s WHERE {s_key_is_old_key})
    ON CONFLICT (patchbay_in_synced, {key}) DO UPDATE SET patchbay_kind = 'deleted', {take_nothing};
END;

CREATE TRIGGER "{plain}_delete" INSTEAD OF DELETE ON "{plain}"
BEGIN
  INSERT INTO patchbay_log (tbl, kind, old, new) VALUES ('{text}', 'delete', {old_row}, NULL);
  DELETE FROM "{plain}_local" WHERE patchbay_in_synced = 0 AND {key_is_old_key};
  INSERT INTO "{plain}_local" ({names}, patchbay_kind, patchbay_in_synced, {masks})
    SELECT {old_key_only}, 'deleted', 1, {no_bits}
    WHERE EXISTS (SELECT 1 FROM "{plain}_synced" AS s WHERE {s_key_is_old_key})
    ON CONFLICT (patchbay_in_synced, {key}) DO UPDATE SET patchbay_kind = 'deleted', {take_nothing};
END;
