// The output of `patchbay rejected`: the refused writes as the local API lists them, for people.
// Pure functions of the API's JSON texts.
#pragma once

#include <patchbay/result.hpp>
#include <string>
#include <vector>

namespace patchbay::cli {

/// The names of the running patterns, from the answer of GET /api/patterns.
[[nodiscard]] Result<std::vector<std::string>> pattern_names(const std::string& patterns);

/// `lists`: answers of GET /api/patterns/<pattern>/rejected.
[[nodiscard]] std::string rejected_as_text(const std::vector<std::string>& lists);
/// The writes of all answers as one list: {"rejected":[…]}.
[[nodiscard]] std::string rejected_as_json(const std::vector<std::string>& lists);

/// One line about a write that was retried or discarded: "through-db 0190… accepted".
[[nodiscard]] std::string write_as_text(const std::string& write);

}  // namespace patchbay::cli
