// SqlError: why a statement failed, from the fields that PostgreSQL sends with an error: they are
// the same whatever language its messages are in. PgConnection → whoever asked. A value; no strand.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace patchbay {

struct SqlError {
  std::string code;  ///< SQLSTATE; "" when the server did not answer.
  /// For people: PostgreSQL's primary message, in the language of the server, or libpq's.
  std::string message;
  std::string constraint;
  std::string column;
  unsigned parameter = 0;  ///< The statement's parameter at fault, from 1; 0: not known.
  bool lost = false;       ///< The session is gone; what it had not committed never happened.
};

template <typename T>
using SqlResult = tl::expected<T, SqlError>;

/// The parameter whose value could not be read, from the CONTEXT of the error; 0 when the context
/// names none. Pure. CONTEXT has a line for each frame, the outermost last, in the server's
/// language. PostgreSQL 14 and later put there, outermost, which parameter of the statement was
/// being read:
///   text "$" number [ text ] [ " = " quoted value ]
///   text number [ " = " quoted value ]
/// where no text has a digit, a colon or a quote. Other frames have another form in each language:
/// those of functions name one that ends in SQL, or end in a quoted name; a JSON document, and all
/// parameters of a statement that was already running, stand behind a colon.
[[nodiscard]] unsigned parameter_at_fault(std::string_view context) noexcept;

}  // namespace patchbay
