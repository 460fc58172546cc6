#include "patterns/pattern_requests.hpp"

#include <chrono>

#include "log/log.hpp"
#include "patterns/tuning.hpp"

namespace patchbay::patterns {

api::ModuleResult PatternRequests::swap(const api::SwapRequest& request) {
  if (auto held = registry_.take_held_back(request.instance)) {
    return actions_.add.add(*std::move(held), request);
  }
  const auto found = registry_.find(request.instance);
  if (!found) return tl::unexpected(found.error());
  return actions_.swap.swap(**found, request);
}

api::ModuleResult PatternRequests::add(const api::AdditionRequest& request) {
  return actions_.add.add({request.instance, request.module, request.tables, request.settings,
                           request.reject_dependents});
}

api::ModuleResult PatternRequests::remove(const api::RemovalRequest& request) {
  if (auto held = registry_.take_held_back(request.instance)) {
    return actions_.remove.remove(*std::move(held));
  }
  const auto found = registry_.find(request.instance);
  if (!found) return tl::unexpected(found.error());
  return actions_.remove.remove(**found, request.force);
}

void PatternRequests::reload(const std::string& instance) {
  queue_.add(
      [this, instance]() -> api::ModuleResult {
        const auto pattern = registry_.find(instance);
        if (!pattern) return tl::unexpected(pattern.error());
        return actions_.swap.swap(**pattern,
                                  {instance, (*pattern)->record.current.name, false, false});
      },
      [instance](const api::ModuleResult& swapped) {
        if (!swapped) log::warning(instance, "Not reloaded: " + swapped.error().message);
      });
}

void PatternRequests::hand_over_all() {
  for (const auto& pattern : registry_.running()) {
    if (pattern->hand_over_to.empty()) continue;
    log::info(pattern->config.name, "Its writes are handed over to " + pattern->hand_over_to + ".");
    hand_over(pattern->config.name);
  }
}

/// Unless the pattern has gone or has been swapped meanwhile.
void PatternRequests::hand_over(const std::string& instance) {
  queue_.add(
      [this, instance]() -> api::ModuleResult {
        const auto pattern = registry_.find(instance);
        if (!pattern || (*pattern)->hand_over_to.empty()) return PatternStatus{};
        return actions_.swap.swap(**pattern, {instance, (*pattern)->hand_over_to, true, false});
      },
      [this, instance](const api::ModuleResult& swapped) {
        if (swapped) return;
        if (swapped.error().code != ErrorCode::retry) {
          return log::error(instance, swapped.error().message);
        }
        queue_.after(kHandOverRetryDelay, [this, instance] { hand_over(instance); });
      });
}

}  // namespace patchbay::patterns
