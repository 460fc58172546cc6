// The local API's message of a refusal, for people. Pure.
#pragma once

#include <optional>
#include <string>

namespace patchbay::cli {

/// The sentence in {"error":{"message"}}; nullopt for a body of another form.
[[nodiscard]] std::optional<std::string> error_message(const std::string& body);

}  // namespace patchbay::cli
