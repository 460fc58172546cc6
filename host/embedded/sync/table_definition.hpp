// TableDefinition: a table as the catalogue describes it, as far as a shape needs it.
// From Catalogue (SQL) → shapes and their messages. A value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "embedded/sync/pgoutput.hpp"
#include "rows/table_name.hpp"

namespace patchbay::embedded {

using rows::quote_identifier;
using rows::TableName;

struct TableColumn {
  std::string name;
  std::uint32_t type = 0;
  std::int32_t modifier = -1;
  std::string type_name;  ///< Of the element, for an array; never a domain's.
  bool not_null = false;
  int dimensions = 0;
  int key_index = -1;     ///< Place in the primary key; -1: not part of it.
  bool left_out = false;  ///< The shape is limited to others.
};

struct TableDefinition {
  std::uint32_t id = 0;  ///< The oid.
  TableName name;
  std::vector<TableColumn> columns;
  std::vector<std::size_t> key;  ///< Columns of the primary key, in its order.
  bool identity_is_full = false;
  bool published = false;
  /// Everything about the table that must not change under a shape, catalogue row versions
  /// included: two equal texts mean that the table was not altered in between.
  std::string state;
  std::vector<std::string> generated{};  ///< Not among `columns`: the stream never carries them.
  std::vector<std::string> chosen{};     ///< See `choose`.

  /// Limits the shape to these columns, in ascending order; no names: all columns. Returns what is
  /// wrong with the names, or "".
  [[nodiscard]] std::string choose(const std::vector<std::string>& names);
  /// True when the description in the stream is equal to this one.
  [[nodiscard]] bool matches(const Relation& relation) const;
  /// The value of the electric-schema header: the columns that are not left out.
  [[nodiscard]] std::string schema_json() const;
};

}  // namespace patchbay::embedded
