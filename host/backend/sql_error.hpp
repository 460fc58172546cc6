// SqlError: what PostgreSQL said about a statement that failed. Session -> verdict -> answer.
// libpqxx gives only SQLSTATE and text, so the other fields are read from the verbose form:
//   SEVERITY ":  " SQLSTATE ": " message { "\n" LABEL ":  " text }
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace patchbay::backend {

struct SqlError {
  std::string code;  ///< SQLSTATE; "" when the server did not answer.
  std::string message;
  std::string constraint;
  std::string column;
  unsigned parameter = 0;  ///< The statement's parameter at fault, from 1; 0: not known.
  bool lost = false;       ///< The session is gone; what it had not committed never happened.
};

template <typename T>
using SqlResult = tl::expected<T, SqlError>;

/// Takes the verbose text apart; text of another form becomes the message.
[[nodiscard]] SqlError parse_sql_error(std::string_view verbose);

}  // namespace patchbay::backend
