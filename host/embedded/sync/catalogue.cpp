#include "embedded/sync/catalogue.hpp"

#include <cstdlib>
#include <unordered_map>

#include "database/relation.hpp"

namespace patchbay::embedded {
namespace {

// $1 a list of oids, $2 the publication. The row versions (xmin) of the columns tell of an ALTER
// even when it ends where it started, such as a change of type and back, which rewrites values.
// A publication's filters count as unpublished; jsonb, because PostgreSQL 14 has no such columns.
constexpr const char* kStates = R"(
SELECT c.oid, concat_ws('|', n.nspname, c.relname, c.relreplident, c.relpersistence, c.relkind,
  (SELECT 'published ' || r.oid FROM pg_catalog.pg_publication_rel r
     JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
    WHERE r.prrelid = c.oid AND p.pubname = $2 AND to_jsonb(r) ->> 'prqual' IS NULL
          AND to_jsonb(r) ->> 'prattrs' IS NULL),
  (SELECT string_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod, a.xmin),
                     ',' ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT concat_ws(' ', i.indexrelid, i.indkey) FROM pg_catalog.pg_index i
    WHERE i.indrelid = c.oid AND i.indisprimary))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::oid[]))";

// $1 and $2 name the relation, $3 the publication. Row security does not apply to the stream, so if
// it applied to this role it would hide rows from the snapshot alone.
const std::string kTable = R"(
SELECT c.oid, c.relreplident,
  EXISTS (SELECT FROM pg_catalog.pg_publication_rel r
            JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
           WHERE r.prrelid = c.oid AND p.pubname = $3 AND to_jsonb(r) ->> 'prqual' IS NULL
          AND to_jsonb(r) ->> 'prattrs' IS NULL),
  coalesce()" + std::string(kRelationObstacle) +
                           R"(,
    CASE WHEN c.relkind = 'p' THEN
      'is partitioned, which only Electric follows as one: name its partitions here.'
    WHEN pg_catalog.row_security_active(c.oid) THEN
      'has row security, which hides rows from this service and not from its stream: give its role '
      'BYPASSRLS, or another role.'
    ELSE (SELECT format('is in the publication %I with a filter or a list of columns, which hides '
      'changes from this service: take it out of that publication (ALTER PUBLICATION %I DROP TABLE '
      '%I.%I); it is then added as a whole.', p.pubname, p.pubname, n.nspname, c.relname)
      FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
      WHERE r.prrelid = c.oid AND p.pubname = $3
            AND num_nulls(to_jsonb(r) ->> 'prqual', to_jsonb(r) ->> 'prattrs') < 2) END)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2)";

// A domain is given as the type it is made of, and an array of domains as an array of that type:
// followers read values by it, and the snapshot and the log spell some types differently. Types are
// looked up one by one, for every table has two of its own.
constexpr const char* kColumns = R"(
SELECT a.attname, a.atttypid, a.atttypmod, coalesce(e.typname, t.typname), a.attnotnull,
  CASE WHEN e.oid IS NULL THEN 0 ELSE greatest(a.attndims, 1) END, a.attgenerated, k.position
FROM pg_catalog.pg_attribute a
CROSS JOIN LATERAL (
  WITH RECURSIVE base AS (
    SELECT * FROM pg_catalog.pg_type WHERE oid = a.atttypid
    UNION ALL
    SELECT made_of.* FROM base JOIN pg_catalog.pg_type made_of
      ON base.typtype = 'd' AND made_of.oid = base.typbasetype)
  SELECT * FROM base WHERE typtype <> 'd') t
LEFT JOIN LATERAL (
  WITH RECURSIVE base AS (
    SELECT * FROM pg_catalog.pg_type WHERE oid = t.typelem AND t.typcategory = 'A'
    UNION ALL
    SELECT made_of.* FROM base JOIN pg_catalog.pg_type made_of
      ON base.typtype = 'd' AND made_of.oid = base.typbasetype)
  SELECT * FROM base WHERE typtype <> 'd') e ON true
LEFT JOIN (SELECT x.attnum, x.position FROM pg_catalog.pg_index i,
             unnest(i.indkey::int2[]) WITH ORDINALITY AS x(attnum, position)
            WHERE i.indrelid = $1::oid AND i.indisprimary AND x.position <= i.indnkeyatts) k
  ON k.attnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)";

std::uint32_t id(const PgRow& row, std::size_t column) {
  return static_cast<std::uint32_t>(std::strtoul(text_of(row, column).c_str(), nullptr, 10));
}

tl::unexpected<Refusal> refuse(std::string parameter, std::string message) {
  return tl::unexpected<Refusal>(Refusal{std::move(parameter), std::move(message)});
}

std::string named(const TableName& name) {
  return "Table " + name.sql();
}

/// Fills columns and key. Generated columns are left out, for the stream never carries them;
/// returns the names of those that are part of the key.
std::string take_columns(const std::vector<PgRow>& rows, TableDefinition& table) {
  std::string generated;
  for (const auto& row : rows) {
    const bool is_generated = !text_of(row, 6).empty();
    if (is_generated && row[7]) generated += (generated.empty() ? "" : ", ") + text_of(row, 0);
    if (is_generated) {
      table.generated.push_back(text_of(row, 0));
      continue;
    }
    TableColumn column;
    column.name = text_of(row, 0);
    column.type = id(row, 1);
    column.modifier = static_cast<std::int32_t>(std::atol(text_of(row, 2).c_str()));
    column.type_name = text_of(row, 3);
    column.not_null = text_of(row, 4) == "t";
    column.dimensions = std::atoi(text_of(row, 5).c_str());
    if (row[7]) column.key_index = std::atoi(row[7]->c_str()) - 1;
    table.columns.push_back(std::move(column));
  }
  for (std::size_t index = 0; index < table.columns.size(); ++index) {
    const int place = table.columns[index].key_index;
    if (place < 0) continue;
    if (table.key.size() <= static_cast<std::size_t>(place)) {
      table.key.resize(static_cast<std::size_t>(place) + 1);
    }
    table.key[static_cast<std::size_t>(place)] = index;
  }
  return generated;
}

}  // namespace

Refusal no_such_table(const TableName& name) {
  return {"table", named(name) +
                       " does not exist. If the table name contains capitals or special characters "
                       "you must quote it."};
}

Result<std::vector<TableState>> read_states(PgConnection& connection,
                                            const std::vector<std::uint32_t>& tables,
                                            const std::string& publication) {
  std::string list = "{";
  for (const auto table : tables) list += (list.size() > 1 ? "," : "") + std::to_string(table);
  auto rows = connection.query(kStates, {list + "}", publication});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<TableState> states;
  std::unordered_map<std::uint32_t, std::string> found;
  for (const auto& row : *rows) found[id(row, 0)] = text_of(row, 1);
  for (const auto table : tables) states.push_back({table, found[table]});
  return states;
}

Result<TableAnswer> describe_table(PgConnection& connection, const TableName& name,
                                   const std::string& publication) {
  const auto found = connection.query(kTable, {name.schema, name.name, publication});
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) {
    return TableAnswer(tl::unexpected<Refusal>(no_such_table(name)));
  }
  const PgRow& row = found->front();
  if (row[3]) return TableAnswer(refuse("table", named(name) + " " + *row[3]));
  TableDefinition table;
  table.id = id(row, 0);
  table.name = name;
  table.identity_is_full = text_of(row, 1) == "f";
  table.published = text_of(row, 2) == "t";
  const auto columns = connection.query(kColumns, {std::to_string(table.id)});
  if (!columns) return tl::unexpected(columns.error());
  const std::string generated = take_columns(*columns, table);
  if (!generated.empty()) {
    return TableAnswer(
        refuse("columns",
               "The following columns of the primary key are generated, which PostgreSQL does not "
               "send to followers, so this service cannot serve the table: " +
                   generated + "."));
  }
  auto states = read_states(connection, {table.id}, publication);
  if (!states) return tl::unexpected(states.error());
  table.state = states->front().state;
  return TableAnswer(std::move(table));
}

}  // namespace patchbay::embedded
