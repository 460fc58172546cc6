#include "backend/catalogue.hpp"

#include <algorithm>
#include <utility>

#include "database/relation.hpp"

namespace patchbay::backend {
namespace {

/// SQL for the version of a table: a hash of everything that a statement relies on without being
/// refused when it changes, which is the relation and its kind, its key, and the types of its
/// columns. Every write evaluates the version, so each part is one index lookup that is cheap to
/// plan; every row that is read below contains it, hence a hash. `relation` is an SQL expression.
std::string version_sql(const std::string& relation) {
  return R"sql((SELECT hashtextextended(concat_ws(' ',
  (SELECT concat_ws(' ', oid, relkind, relpersistence) FROM pg_catalog.pg_class
   WHERE oid = )sql" +
         relation + R"sql(),
  (SELECT indexrelid FROM pg_catalog.pg_index WHERE indisprimary AND indrelid = )sql" +
         relation + R"sql(),
  ARRAY(SELECT concat_ws(' ', attname, atttypid) FROM pg_catalog.pg_attribute
        WHERE attnum > 0 AND NOT attisdropped AND attrelid = )sql" +
         relation + " ORDER BY attnum)), 0))";
}

// The base type of a domain decides which JSON values it takes; a cast names the domain itself, so
// that its own checks hold. format_type with -1 gives bpchar and "bit", which keep their length.
// 19 is a trigger on update, for each row, before it; 3 the operator of a B-tree for equality.
const std::string kColumnsOfTable = R"sql(
SELECT a.attname, pg_catalog.format_type(a.atttypid, -1), base.typname, base.typcategory,
       a.attnotnull, a.atthasdef OR a.attidentity <> '',
       (SELECT k.place FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
        WHERE k.attnum = a.attnum AND k.place <= i.indnkeyatts),
       (WITH RECURSIVE family AS (
          SELECT c.oid
          UNION
          SELECT h.inhrelid FROM family JOIN pg_catalog.pg_inherits h ON h.inhparent = family.oid)
        SELECT EXISTS (SELECT FROM family JOIN pg_catalog.pg_trigger t ON t.tgrelid = family.oid
                       WHERE NOT t.tgisinternal AND t.tgtype & 19 = 19)
            OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r
                       WHERE r.ev_class = c.oid AND r.ev_type = '2')),
       base.oid <> a.atttypid, c.relkind = 'p', a.attidentity = 'a',
       CASE WHEN base.oid <> a.atttypid THEN pg_catalog.format_type(base.oid, -1) END,
       coalesce((SELECT 'OPERATOR(' || quote_ident(s.nspname) || '.' || o.oprname || ')'
                 FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
                 JOIN pg_catalog.pg_opclass f ON f.oid = i.indclass[k.place - 1]
                 JOIN pg_catalog.pg_amop m ON m.amopfamily = f.opcfamily AND m.amopstrategy = 3
                   AND m.amoplefttype = f.opcintype AND m.amoprighttype = f.opcintype
                 JOIN pg_catalog.pg_operator o ON o.oid = m.amopopr
                 JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace
                 WHERE k.attnum = a.attnum AND k.place <= i.indnkeyatts), '='),
       )sql" + version_sql("pg_catalog.to_regclass($3)") +
                                    R"sql(
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN LATERAL (
  WITH RECURSIVE step AS (
    SELECT t.* FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
    UNION ALL
    SELECT t.* FROM step JOIN pg_catalog.pg_type t ON t.oid = step.typbasetype
    WHERE step.typtype = 'd')
  SELECT oid, typname, typcategory FROM step WHERE typtype <> 'd') AS base
WHERE n.nspname = $1::name AND c.relname = $2::name AND ()sql" +
                                    std::string(kRelationObstacle) + R"sql() IS NULL
ORDER BY a.attnum)sql";

const std::string kObstacleOfRelation = std::string("SELECT ") + kRelationObstacle + R"sql(
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1::name AND c.relname = $2::name)sql";

ValueKind kind_of(const std::string& type, const std::string& category, bool is_domain) {
  if (type == "json" || type == "jsonb") return ValueKind::json;
  if (category == "N") return ValueKind::number;
  if (category != "B") return ValueKind::text;
  return is_domain ? ValueKind::boolean_domain : ValueKind::boolean;
}

Table to_table(const rows::TableName& name, const SqlRows& rows) {
  Table table;
  table.name = name;
  std::vector<std::pair<std::string, std::size_t>> places;
  for (std::size_t row = 0; row < rows.values.size(); ++row) {
    const std::string& column = rows.text(row, 0);
    const std::string& base = rows.text(row, 2);
    const bool is_plain_domain = rows.text(row, 8) == "t" && rows.text(row, 3) != "A";
    table.columns.push_back({column, rows.text(row, 1),
                             kind_of(base, rows.text(row, 3), rows.text(row, 8) == "t"),
                             rows.text(row, 4) == "t", rows.text(row, 5) == "t", rows.text(row, 11),
                             rows.text(row, 12), is_plain_domain ? base : ""});
    if (!rows.text(row, 6).empty()) places.emplace_back(rows.text(row, 6), row);
    table.is_partitioned = rows.text(row, 9) == "t";
    table.key_is_identity =
        table.key_is_identity || (!rows.text(row, 6).empty() && rows.text(row, 10) == "t");
    table.may_suppress_updates = rows.text(row, 7) == "t";
    table.version = rows.text(row, 13);
    table.has_write_id = table.has_write_id || (column == "write_id" && base == "uuid");
  }
  std::sort(places.begin(), places.end(), [](const auto& left, const auto& right) {
    return std::pair(left.first.size(), left.first) < std::pair(right.first.size(), right.first);
  });
  for (const auto& place : places) table.key.push_back(place.second);
  return table;
}

}  // namespace

const TableColumn* Table::find(std::string_view column) const noexcept {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const TableColumn& one) { return one.name == column; });
  return found == columns.end() ? nullptr : &*found;
}

bool Table::is_key(std::string_view column) const noexcept {
  return std::any_of(key.begin(), key.end(),
                     [&](std::size_t index) { return columns[index].name == column; });
}

std::string Table::own_rows() const {
  return (is_partitioned ? "" : "ONLY ") + name.sql();
}

std::string versions_now(const KnownTables& tables) {
  std::string all;
  for (const auto& [text, table] : tables) {
    const std::string relation = quote_literal(table->name.sql()) + "::regclass";
    all += (all.empty() ? "" : ", ") + version_sql(relation);
  }
  return "array_to_string(ARRAY[" + all + "]::text[], E'\\n')";
}

std::string versions_known(const KnownTables& tables) {
  std::string all;
  for (const auto& [text, table] : tables) all += (all.empty() ? "" : "\n") + table->version;
  return all;
}

std::string Catalogue::why_not(const rows::TableName& name) {
  const auto rows = session_.run({kObstacleOfRelation, {name.schema, name.name}});
  if (!rows || rows->values.empty()) return "There is no table " + name.exact_text() + ".";
  return "Table " + name.sql() + " " + rows->text(0, 0);
}

SqlResult<std::shared_ptr<const Table>> Catalogue::load(const rows::TableName& name) {
  ++reads_;
  auto rows = session_.run({kColumnsOfTable, {name.schema, name.name, name.sql()}});
  if (!rows) return tl::make_unexpected(std::move(rows.error()));
  if (rows->values.empty()) return nullptr;
  return std::make_shared<const Table>(to_table(name, *rows));
}

SqlResult<std::shared_ptr<const Table>> Catalogue::find(const rows::TableName& name) {
  auto& known = tables_[name.exact_text()];
  if (known) return known;
  auto loaded = load(name);
  if (loaded) known = *loaded;
  return loaded;
}

void Catalogue::forget(const KnownTables& tables) {
  for (const auto& table : tables) tables_.erase(table.first);
}

SqlResult<bool> Catalogue::refresh(const rows::TableName& name) {
  auto loaded = load(name);
  if (!loaded) return tl::make_unexpected(std::move(loaded.error()));
  auto& known = tables_[name.exact_text()];
  const auto before = std::exchange(known, *loaded);
  return !before || !known ? before != known : !(*before == *known);
}

}  // namespace patchbay::backend
