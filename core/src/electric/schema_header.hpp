// Reads the electric-schema header of an answer into a table's schema. HTTP answer -> follower. A
// function without state; any thread.
#pragma once

#include <map>
#include <patchbay/result.hpp>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::electric {

/// The differences between a kept schema and its header.
struct SchemaChanges {
  std::vector<std::string> left_out{};  ///< Columns that the schema does not get.
  /// Types by column, in place of those in the header: of a domain the header has the name only,
  /// while the values have the spellings of its base type.
  std::map<std::string, std::string> base_types{};
};

/// The header as a kept schema of `table`, its columns sorted by name. ErrorCode::rejected: the
/// table has no primary key, or a column of the key is left out. ErrorCode::corrupt: the header
/// cannot be read.
[[nodiscard]] Result<const TableSchema*> parse_schema(std::string_view header,
                                                      const std::string& table,
                                                      const SchemaChanges& changes = {});

}  // namespace patchbay::electric
