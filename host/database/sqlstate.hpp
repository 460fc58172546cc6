// The SQLSTATEs that Patchbay decides by, under PostgreSQL's own names for them (appendix A of its
// manual). SqlError::code → whoever decides. Constants; no strand.
#pragma once

#include <string_view>

namespace patchbay::sqlstate {

inline constexpr std::string_view kReadOnlyTransaction = "25006";
inline constexpr std::string_view kInvalidSchemaName = "3F000";
inline constexpr std::string_view kCompletionUnknown = "40003";
inline constexpr std::string_view kInsufficientPrivilege = "42501";
inline constexpr std::string_view kSyntaxError = "42601";
inline constexpr std::string_view kUndefinedColumn = "42703";
inline constexpr std::string_view kDatatypeMismatch = "42804";
inline constexpr std::string_view kWrongObjectType = "42809";
inline constexpr std::string_view kInvalidColumnReference = "42P10";
inline constexpr std::string_view kUndefinedTable = "42P01";
inline constexpr std::string_view kObjectInUse = "55006";
inline constexpr std::string_view kLockNotAvailable = "55P03";

/// The first two characters name the class.
inline constexpr std::string_view kDataException = "22";
inline constexpr std::string_view kIntegrityConstraintViolation = "23";
inline constexpr std::string_view kTransactionRollback = "40";

}  // namespace patchbay::sqlstate
