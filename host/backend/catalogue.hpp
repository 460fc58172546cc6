// Catalogue: columns, types and keys of the exposed tables, as PostgreSQL's own catalogue has them.
// PostgreSQL -> Catalogue -> statements. Owned by one database thread. A table is read once, and
// again when a write finds that its version has changed, or when a change of the table may explain
// why a statement was refused.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/session.hpp"
#include "rows/table_name.hpp"

namespace patchbay::backend {

/// Which JSON values a column takes (null always).
enum class ValueKind : std::uint8_t {
  text,            ///< A string: every type not named below.
  number,          ///< A number or a string.
  boolean,         ///< true or false.
  boolean_domain,  ///< A boolean or string: Electric names the domain only, so senders cannot tell.
  json,            ///< A string of JSON text, or any other JSON.
};

struct TableColumn {
  std::string name;
  std::string type;  ///< For casts: without length or precision, which would cut values silently.
  ValueKind kind = ValueKind::text;
  bool not_null = false;
  bool has_default = false;   ///< An insert may leave it out though it is not null.
  std::string compared_as{};  ///< Of a domain the base type, which has the operators. Else empty.
  std::string equals = "=";   ///< Of a key column the operator of its index, in whatever schema.
  std::string base_type{};    ///< Of a domain the name in pg_type, unless an array. Else empty.

  friend bool operator==(const TableColumn&, const TableColumn&) = default;
};

struct Table {
  rows::TableName name;
  std::vector<TableColumn> columns;
  std::vector<std::size_t> key;  ///< Indices into `columns` in key order; never empty.
  bool is_partitioned = false;
  bool key_is_identity = false;  ///< GENERATED ALWAYS: an insert needs OVERRIDING SYSTEM VALUE.
  bool has_write_id = false;     ///< A uuid column write_id, which every insert and update sets.
  bool may_suppress_updates = false;  ///< A trigger or rule may leave a row as it is.
  std::string version;  ///< Changes when a statement made for this table may do something else.

  [[nodiscard]] const TableColumn* find(std::string_view column) const noexcept;
  [[nodiscard]] bool is_key(std::string_view column) const noexcept;
  /// The table in a statement that finds rows: without those of tables that inherit from it.
  [[nodiscard]] std::string own_rows() const;
  friend bool operator==(const Table&, const Table&) = default;
};

/// Tables by `TableName::exact_text`; never null.
using KnownTables = std::map<std::string, std::shared_ptr<const Table>>;

/// An SQL expression for the versions that the tables of these names have now. In a transaction the
/// result is valid for the statements before it, because their locks keep the tables as they are.
[[nodiscard]] std::string versions_now(const KnownTables& tables);
/// The result of that expression while none of the tables was changed.
[[nodiscard]] std::string versions_known(const KnownTables& tables);

class Catalogue {
 public:
  explicit Catalogue(Session& session) : session_(session) {}

  /// The table; null when there is none of that name whose rows can be written (see `why_not`).
  SqlResult<std::shared_ptr<const Table>> find(const rows::TableName& name);
  /// A sentence for people about a table that `find` gave null for.
  std::string why_not(const rows::TableName& name);
  /// Reads the table again; true when it differs from what `find` gave.
  SqlResult<bool> refresh(const rows::TableName& name);
  /// Forgets the tables, so that the next `find` reads them again.
  void forget(const KnownTables& tables);
  /// The number of times that PostgreSQL's catalogue was read.
  [[nodiscard]] std::uint64_t reads() const noexcept { return reads_; }

 private:
  SqlResult<std::shared_ptr<const Table>> load(const rows::TableName& name);

  Session& session_;
  std::uint64_t reads_ = 0;
  std::map<std::string, std::shared_ptr<const Table>> tables_;
};

}  // namespace patchbay::backend
