#include "write/backend_time.hpp"

#include <algorithm>
#include <utility>

namespace patchbay {
namespace {

bool has_outcome(const std::vector<Verdict>& verdicts) {
  return std::ranges::any_of(
      verdicts, [](const Verdict& one) { return !std::holds_alternative<Unknown>(one); });
}

}  // namespace

std::optional<std::int64_t> BackendTime::on_answer(const RequestInFlight& request,
                                                   const std::vector<Verdict>& verdicts,
                                                   std::int64_t date_s) {
  // An answer without any verdict may come from anything on the way, except when it is the time
  // that was asked for.
  const bool answers = (request.asks_time && verdicts.empty()) || has_outcome(verdicts);
  if (!answers) {
    if (std::exchange(answers_, false)) return 0;
    return std::nullopt;
  }
  if (date_s == 0) return std::nullopt;
  date_s_ = date_s;
  answers_ = true;
  return date_s;
}

}  // namespace patchbay
