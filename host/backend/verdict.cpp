#include "backend/verdict.hpp"

namespace patchbay::backend {

Verdict judge(std::string_view sqlstate) noexcept {
  using Kind = Verdict::Kind;
  if (sqlstate.size() != 5) return {Kind::later, 503};
  const std::string_view sql_class = sqlstate.substr(0, 2);
  // 40003 says that it is not known whether the statement happened.
  if (sql_class == "40") return {sqlstate == "40003" ? Kind::later : Kind::again, 503};
  for (const std::string_view transient : {"08", "53", "57", "58", "XX"}) {
    if (sql_class == transient) return {Kind::later, 503};
  }
  for (const std::string_view transient : {"55P03", "55006", "25006"}) {
    if (sqlstate == transient) return {Kind::later, 503};
  }
  if (sql_class == "22") return {Kind::refused, 400};
  if (sqlstate == "42501") return {Kind::refused, 403};
  if (sql_class == "23") return {Kind::refused, 409};
  return {Kind::refused, 422};
}

}  // namespace patchbay::backend
