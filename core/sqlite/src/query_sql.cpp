#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/kit/query_match.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/query_sql.hpp>
#include <utility>
#include <vector>

namespace patchbay::sqlite {
namespace {

constexpr std::array<std::pair<CellOrder, const char*>, 10> kCollations{{
    {CellOrder::integer, "patchbay_integer"},
    {CellOrder::numeric, "patchbay_numeric"},
    {CellOrder::float4, "patchbay_float4"},
    {CellOrder::float8, "patchbay_float8"},
    {CellOrder::hex, "patchbay_hex"},
    {CellOrder::padded, "patchbay_padded"},
    {CellOrder::date, "patchbay_date"},
    {CellOrder::time, "patchbay_time"},
    {CellOrder::timestamp, "patchbay_timestamp"},
    {CellOrder::timestamptz, "patchbay_timestamptz"},
}};

std::string collated(const std::string& text, CellOrder order) {
  for (const auto& [known, name] : kCollations) {
    if (known == order) return text + " COLLATE " + name;
  }
  return text;
}

template <CellOrder kOrder>
int compare_as(void*, int left_bytes, const void* left, int right_bytes, const void* right) {
  const std::string_view a(static_cast<const char*>(left), static_cast<std::size_t>(left_bytes));
  const std::string_view b(static_cast<const char*>(right), static_cast<std::size_t>(right_bytes));
  const auto order = compare_texts(kOrder, a, b);
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

template <std::size_t... kIndices>
void add_each(SQLite::Database& database, std::index_sequence<kIndices...>) {
  const auto add = [&](const char* name, auto compare) {
    database.check(
        sqlite3_create_collation(database.getHandle(), name, SQLITE_UTF8, nullptr, compare));
  };
  (add(kCollations[kIndices].second, &compare_as<kCollations[kIndices].first>), ...);
}

/// A value of the statement: text of a column's kind, or bytes that come after every value.
struct Bound {
  const Column* column;
  std::string text;
  bool as_bytes = false;
};

/// A text kept as an INTEGER column is none of a collation's.
const Column& text_column() {
  static const Column kText{"", "text", 0, false};
  return kText;
}

/// The SQL of one query and the values it binds, in order.
class QueryText {
 public:
  QueryText(const Relation& relation, const Query& query)
      : relation_(relation), query_(query), table_(*query.table) {
    sql_ = "SELECT ";
    for (std::uint32_t column = 0; column < table_.columns.size(); ++column) {
      sql_ += (column == 0 ? "" : ", ") + value(column);
    }
    sql_ += " FROM " + relation.name + " AS v WHERE 1";
    add_key();
    for (const Condition& condition : query.where) sql_ += " AND " + met(condition);
    choose_order();
    add_after();
    add_order();
    if (query.limit) sql_ += " LIMIT ?";
  }

  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }

  void bind(SQLite::Statement& statement) const {
    int at = 0;
    for (const Bound& bound : bound_) {
      ++at;
      if (bound.as_bytes) {
        statement.bind(at, bound.text.data(), static_cast<int>(bound.text.size()));
      } else {
        bind_cell(statement, at, *bound.column, Cell::of(bound.text));
      }
    }
    if (!query_.limit) return;
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    statement.bind(at + 1, static_cast<std::int64_t>(std::min(*query_.limit, kMost)));
  }

 private:
  struct Part {
    std::uint32_t column;
    bool descending;
  };

  /// The column as the query's schema has it; NULL when the relation lacks it.
  [[nodiscard]] std::string value(std::uint32_t column) const {
    const Column& wanted = table_.columns[column];
    const auto kept = relation_.schema.find(wanted.name);
    if (!kept) return "NULL";
    const std::string name = "v." + quoted(wanted.name);
    const std::string_view type = declared_type(wanted);
    const Column& found = relation_.schema.columns[*kept];
    if (is_float(found) && !is_float(wanted)) return cast(printed(found, name), type);
    if (declared_type(found) == type || is_float(wanted)) return name;
    return cast(name, type);
  }

  [[nodiscard]] static std::string cast(const std::string& value, std::string_view type) {
    return "CAST(" + value + " AS " + std::string(type) + ")";
  }

  /// A float as Postgres prints it: so many digits has no text that SQLite makes of one.
  [[nodiscard]] static std::string printed(const Column& column, const std::string& value) {
    return "patchbay_" + column.type + "(" + value + ")";
  }

  [[nodiscard]] bool is_integer(std::uint32_t column) const {
    return declared_type(table_.columns[column]) == "INTEGER";
  }

  /// Ordered by SQLite itself: INTEGER columns, plain bytes, and keys whose spelling is canonical.
  [[nodiscard]] std::string ordered(std::uint32_t column) const {
    const Column& type = table_.columns[column];
    const bool native = is_integer(column) || (type.type == "uuid" && table_.is_key(column));
    return native ? value(column) : collated(text_of(column), cell_order(type));
  }

  /// The operand of a collation: the column, or its printed text where SQLite keeps a number.
  [[nodiscard]] std::string text_of(std::uint32_t column) const {
    const Column& type = table_.columns[column];
    return is_float(type) ? printed(type, value(column)) : value(column);
  }

  std::string parameter(const Column& column, std::string_view text, bool as_bytes = false) {
    bound_.push_back({&column, std::string(text), as_bytes});
    return "?";
  }

  /// `column <sign> text` as Postgres compares the column's type.
  std::string compared(std::uint32_t column, const std::string& sign, std::string_view text) {
    const Column& type = table_.columns[column];
    const CellOrder order = cell_order(type);
    if (order == CellOrder::boolean) {
      const auto truth = cells::parse_boolean(text);
      const std::string_view word = truth ? (*truth ? "true" : "false") : text;
      return value(column) + sign + parameter(type, word, !truth);
    }
    if (is_integer(column)) {
      if (const auto number = cells::parse_integer(text)) {
        return value(column) + sign + parameter(type, std::to_string(*number));
      }
      return collated("CAST(" + value(column) + " AS TEXT)", order) + sign +
             parameter(text_column(), text);
    }
    if (type.type == "uuid" && type.dimensions == 0 && table_.is_key(column)) {
      const std::string canonical = cells::canonical_uuid(text);
      if (canonical.size() == 36 && cells::compare_hex(canonical, text) == 0) {
        return value(column) + sign + parameter(type, canonical);
      }
    }
    return collated(text_of(column), order) + sign + parameter(text_column(), text);
  }

  void add_key() {
    if (!query_.key) return;
    for (const std::uint32_t column : table_.key) {
      const Cell cell = cell_of(table_, *query_.key, column);
      if (!cell.is_text()) {
        sql_ += " AND 0";
        continue;
      }
      sql_ += " AND " + value(column) + " = " + parameter(table_.columns[column], cell.text);
    }
  }

  std::string met(const Condition& condition) {
    if (condition.column >= table_.columns.size()) return "0";
    const auto sign = [&](const char* text) {
      return compared(condition.column, text, condition.value);
    };
    switch (condition.comparison) {
      case Comparison::equal:
        return sign(" = ");
      case Comparison::not_equal:
        return sign(" <> ");
      case Comparison::less:
        return sign(" < ");
      case Comparison::less_or_equal:
        return sign(" <= ");
      case Comparison::greater:
        return sign(" > ");
      case Comparison::greater_or_equal:
        return sign(" >= ");
      case Comparison::is_null:
        return value(condition.column) + " IS NULL";
      case Comparison::is_not_null:
        return value(condition.column) + " IS NOT NULL";
    }
    return "0";
  }

  /// The query's order, then the key; a column that has ordered already adds nothing.
  void choose_order() {
    const auto add = [this](std::uint32_t column, bool descending) {
      if (column >= table_.columns.size()) return;
      const auto same = [column](const Part& part) { return part.column == column; };
      if (std::ranges::none_of(order_, same)) order_.push_back({column, descending});
    };
    for (const Order& order : query_.order) add(order.column, order.descending);
    for (const std::uint32_t column : table_.key) add(column, false);
  }

  void add_after() {
    if (!query_.after) return;
    const Part& first = order_.front();
    const Cell cell = cell_of(table_, *query_.after, first.column);
    // The conditions below imply this bound, but SQLite starts an index only at a bound of its own.
    if (table_.is_key(first.column) && cell.is_text()) {
      sql_ += " AND " + compared(first.column, first.descending ? " <= " : " >= ", cell.text);
    }
    sql_ += " AND ";
    for (std::size_t at = 0; at < order_.size(); ++at) {
      const Part& part = order_[at];
      const Cell limit = cell_of(table_, *query_.after, part.column);
      sql_ += "(" + behind(part, limit);
      if (at + 1 < order_.size()) sql_ += " OR " + beside(part, limit) + " AND ";
    }
    sql_ += std::string(order_.size(), ')');
  }

  /// The condition that holds for values which sort behind the cell.
  std::string behind(const Part& part, const Cell& cell) {
    if (!cell.is_text()) return part.descending ? value(part.column) + " IS NOT NULL" : "0";
    if (part.descending) return compared(part.column, " < ", cell.text);
    const std::string later = compared(part.column, " > ", cell.text);
    return table_.is_key(part.column) ? later : later + " OR " + value(part.column) + " IS NULL";
  }

  std::string beside(const Part& part, const Cell& cell) {
    if (!cell.is_text()) return value(part.column) + " IS NULL";
    return compared(part.column, " = ", cell.text);
  }

  void add_order() {
    std::string terms;
    for (const Part& part : order_) {
      if (value(part.column) == "NULL") continue;
      terms += (terms.empty() ? "" : ", ") + ordered(part.column);
      if (part.descending) terms += " DESC";
      // A key has no nulls, and where they would stand keeps SQLite from using its index.
      if (!table_.is_key(part.column)) terms += part.descending ? " NULLS FIRST" : " NULLS LAST";
    }
    if (!terms.empty()) sql_ += " ORDER BY " + terms;
  }

  const Relation& relation_;
  const Query& query_;
  const TableSchema& table_;
  std::string sql_;
  std::vector<Bound> bound_;
  std::vector<Part> order_;
};

/// Ends a statement's snapshot, however its rows were read.
class Reading {
 public:
  explicit Reading(SQLite::Statement& statement) : statement_(statement) {}
  ~Reading() { statement_.tryReset(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  SQLite::Statement& statement_;
};

}  // namespace

void add_collations(SQLite::Database& database) {
  add_each(database, std::make_index_sequence<kCollations.size()>{});
  add_float_functions(database);
}

void answer_query(Host& host, const Store& store, const Relation& relation, const Query& query,
                  RowSink& sink) {
  const QueryText text(relation, query);
  // Only what apps ask again and again in the same words: kept statements are never given up.
  std::optional<SQLite::Statement> own;
  const bool common = query.where.empty() && query.order.size() <= 1;
  if (!common) own.emplace(store.database(), text.sql());
  SQLite::Statement& statement = common ? store.statement(text.sql()) : *own;
  const Reading reading(statement);
  text.bind(statement);
  while (statement.executeStep()) {
    if (!sink.row(read_row(host, *query.table, statement))) return;
  }
}

}  // namespace patchbay::sqlite
