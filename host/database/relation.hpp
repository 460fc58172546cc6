// The relations that can be both followed and written, as SQL, one for sync service and backend.
// Catalogues of both → PostgreSQL. Constants; no strand. docs/sync-service.md has the list.
#pragma once

namespace patchbay {

/// An expression over c (pg_class) and n (pg_namespace): the reason why rows of this relation
/// cannot be followed and written, as the end of a sentence about the relation; NULL when they can.
inline constexpr const char* kRelationObstacle = R"sql(
CASE
  WHEN n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast')
    THEN 'belongs to PostgreSQL itself, which sends no changes of it.'
  WHEN c.relkind NOT IN ('r', 'p')
    THEN 'is ' || CASE c.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view'
                    WHEN 'f' THEN 'a foreign table' WHEN 'S' THEN 'a sequence'
                    WHEN 'c' THEN 'a type' ELSE 'an index' END
         || ', and only tables can be followed and written: name the table itself.'
  WHEN c.relpersistence <> 'p'
    THEN 'is temporary or unlogged: PostgreSQL does not log its changes.'
  ELSE nullif(coalesce(
    (SELECT CASE WHEN NOT i.indimmediate THEN
       'has a deferrable primary key, under which rows may share a key for a moment.' ELSE '' END
     FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary),
    'has no primary key, by which changes name their row: add one.'), '')
END)sql";

}  // namespace patchbay
