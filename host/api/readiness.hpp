// Readiness: what keeps a part of the system from working, in the form that every /ready answers.
// Board and parts -> values -> JSON and back. Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::api {

/// A thing that does not work: which part of the host ("database", "stream", "pattern",
/// …) and a sentence that says what and what to do.
struct Trouble {
  std::string part;
  std::string message;

  friend bool operator==(const Trouble&, const Trouble&) = default;
};

/// {"status":"ready"|"degraded","reasons":[{"part","message"}…]}; without `detailed` each part
/// once, with words that tell nothing of this host.
[[nodiscard]] nlohmann::ordered_json readiness_json(const std::vector<Trouble>& troubles,
                                                    bool detailed);

/// The reasons in such an answer; none if the text has another form.
[[nodiscard]] std::vector<Trouble> read_troubles(std::string_view body);

}  // namespace patchbay::api
