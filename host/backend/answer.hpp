// Answers: outcomes and errors as HTTP responses. WriteTransaction -> these -> Service. Pure.
// docs/backend.md has the bodies.
#pragma once

#include <optional>
#include <patchbay/write_id.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "backend/outcome.hpp"
#include "net/http.hpp"

namespace patchbay::backend {

/// One element of POST /changes with its outcome; null when it was not tried.
struct ElementOutcome {
  std::string id;
  std::optional<WriteId> write_id;
  std::optional<WriteOutcome> outcome;
};

[[nodiscard]] net::HttpResponse write_answer(const std::optional<WriteId>& write_id,
                                             const WriteOutcome& outcome);
/// Answers 404, in a form that no refusal has.
[[nodiscard]] net::HttpResponse unrecorded_answer(const WriteId& write_id);
/// Answers 200 when all were applied, 503 while one has no outcome, else the first refusal's
/// status.
[[nodiscard]] net::HttpResponse changes_answer(const std::vector<ElementOutcome>& elements);
/// An error that is not a verdict on a write.
[[nodiscard]] net::HttpResponse error_answer(int status, std::string_view message);
/// An answer of 503 with Retry-After.
[[nodiscard]] net::HttpResponse retry_answer(std::string_view message, int retry_after_s);
[[nodiscard]] net::HttpResponse json_answer(int status, std::string body);

}  // namespace patchbay::backend
