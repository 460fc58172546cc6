// AnswerBody: what the write gateway reads in the JSON of the backend's answers. Bytes of an answer
// -> this -> verdicts. Values and a function without state; any thread. Whatever is missing, or of
// another type than the backend's, reads as absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "write/gateway.hpp"

namespace patchbay {

/// The first element of "errors".
struct BackendFault {
  std::string message;
  std::string code;
  std::string constraint;
  std::string column;
};

/// The content of an answer, or of one element of "outcomes", about a write.
struct OutcomeText {
  std::optional<Acknowledgement> acknowledgement;  ///< txid and lsn, both as decimal digits.
  bool lists_errors = false;                       ///< "errors" is a list, maybe an empty one.
  bool provisional = false;                        ///< "provisional" is true.
  std::optional<BackendFault> fault;
};

/// An element of "outcomes".
struct ElementOutcome {
  std::string id;
  bool ok = false;            ///< "status" is "OK".
  std::optional<int> status;  ///< "status" where it is a number.
  OutcomeText text;
};

struct AnswerBody {
  OutcomeText text;
  std::string write_id;
  std::string status;
  std::optional<bool> recorded;
  std::optional<std::vector<ElementOutcome>> outcomes;
};

/// Empty for anything that is not a JSON object.
[[nodiscard]] AnswerBody read_answer_body(std::string_view json);

}  // namespace patchbay
