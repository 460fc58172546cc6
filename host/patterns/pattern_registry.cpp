#include "patterns/pattern_registry.hpp"

#include <algorithm>

namespace patchbay::patterns {
namespace {

const std::string& name_of(const HeldBack& held) {
  return held.config.name;
}

}  // namespace

RunningPattern& PatternRegistry::add(std::unique_ptr<RunningPattern> pattern) {
  return *running_.emplace_back(std::move(pattern));
}

void PatternRegistry::hold_back(HeldBack pattern) {
  held_back_.push_back(std::move(pattern));
}

Result<RunningPattern*> PatternRegistry::find(const std::string& instance) const {
  for (const auto& pattern : running_) {
    if (pattern->config.name == instance) return pattern.get();
  }
  return failure(ErrorCode::rejected, "No pattern \"" + instance + "\" runs here.");
}

std::optional<std::string> PatternRegistry::why_held_back(const std::string& instance) const {
  const auto found = std::ranges::find(held_back_, instance, name_of);
  return found == held_back_.end() ? std::nullopt : std::optional(found->reason);
}

std::optional<HeldBack> PatternRegistry::take_held_back(const std::string& instance) {
  const auto found = std::ranges::find(held_back_, instance, name_of);
  if (found == held_back_.end()) return std::nullopt;
  HeldBack held = std::move(*found);
  held_back_.erase(found);
  return held;
}

std::unique_ptr<RunningPattern> PatternRegistry::take(const RunningPattern& pattern) {
  const auto found = std::ranges::find(running_, &pattern, &std::unique_ptr<RunningPattern>::get);
  std::unique_ptr<RunningPattern> taken = std::move(*found);
  running_.erase(found);
  return taken;
}

void PatternRegistry::keep_ended(std::unique_ptr<RunningPattern> pattern) {
  ended_.push_back(std::move(pattern));
}

std::vector<std::string> PatternRegistry::names() const {
  std::vector<std::string> names;
  for (const auto& pattern : running_) names.push_back(pattern->config.name);
  for (const HeldBack& held : held_back_) names.push_back(held.config.name);
  return names;
}

}  // namespace patchbay::patterns
