// stored_value: what another program writes into a view, as the store keeps it. SQL expressions of
// built-in functions. TriggerSql -> here. Pure text.
//
//   bool, whole numbers  INTEGER; true, t, '1' are 1; any other value is refused
//   float4, float8       REAL where finite; a text stays one
//   bytea                a blob becomes its hex form
//   keys                 in the canonical spelling of patchbay/kit/canonical_key.hpp
//   all else             TEXT
#pragma once

#include <cstdint>
#include <patchbay/schema.hpp>
#include <string>

namespace patchbay::immutable {

/// The expression `value` as the column stores it.
[[nodiscard]] std::string stored_value(const Column& column, bool is_key, const std::string& value);

/// The statement that refuses a value the column cannot keep; "" where it keeps anything.
[[nodiscard]] std::string refused_value(const TableSchema& schema, std::uint32_t column,
                                        const std::string& value);

}  // namespace patchbay::immutable
