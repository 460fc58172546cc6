#include "patterns/ask_status.hpp"

#include <chrono>
#include <future>

#include "patterns/tuning.hpp"

namespace patchbay::patterns {

std::optional<PatternStatus> ask_status(RunningPattern& pattern) {
  const auto answered = std::make_shared<std::promise<PatternStatus>>();
  pattern.runner->status([answered](PatternStatus status) { answered->set_value(status); });
  auto answer = answered->get_future();
  if (answer.wait_for(kStatusTimeout) != std::future_status::ready) return std::nullopt;
  return answer.get();
}

PatternStatus status_of(RunningPattern& pattern) {
  if (auto status = ask_status(pattern)) return *std::move(status);
  PatternStatus status;
  status.instance = pattern.config.name;
  status.module = pattern.module.plugin.inspection().path.string();
  status.id = pattern.module.plugin.inspection().id;
  status.state = PatternState::starting;
  return status;
}

std::string step_under_way(const RunningPattern& pattern) {
  const auto step = pattern.runner->doing();
  return step ? ": " + as_text(*step) : "";
}

}  // namespace patchbay::patterns
