#include "backend/verdict.hpp"

#include "database/sqlstate.hpp"

namespace patchbay::backend {

Verdict judge(std::string_view code) noexcept {
  using Kind = Verdict::Kind;
  if (code.size() != 5) return {Kind::later, 503};
  const std::string_view sql_class = code.substr(0, 2);
  if (sql_class == sqlstate::kTransactionRollback) {
    return {code == sqlstate::kCompletionUnknown ? Kind::later : Kind::again, 503};
  }
  for (const std::string_view transient : {"08", "53", "57", "58", "XX"}) {
    if (sql_class == transient) return {Kind::later, 503};
  }
  for (const std::string_view transient :
       {sqlstate::kLockNotAvailable, sqlstate::kObjectInUse, sqlstate::kReadOnlyTransaction}) {
    if (code == transient) return {Kind::later, 503};
  }
  if (sql_class == sqlstate::kDataException) return {Kind::refused, 400};
  if (code == sqlstate::kInsufficientPrivilege) return {Kind::refused, 403};
  if (sql_class == sqlstate::kIntegrityConstraintViolation) return {Kind::refused, 409};
  return {Kind::refused, 422};
}

}  // namespace patchbay::backend
