#include "patterns/pattern_removal.hpp"

#include "patterns/ask_status.hpp"
#include "patterns/swap_rules.hpp"

namespace patchbay::patterns {

api::ModuleResult PatternRemoval::remove(RunningPattern& pattern, bool force) {
  const std::string name = pattern.config.name;
  const auto asked = ask_status(pattern);
  if (!asked && !force) {
    return refuse_unless_forced(
        "The pattern \"" + name + "\" does not answer" + step_under_way(pattern) +
        "; whether its writes are final cannot be told. Try again later, or give --force: then it "
        "is removed, and its module stays in the process until the host ends.");
  }
  PatternStatus status = asked.value_or(PatternStatus{});
  if (status.writes_unfinished + status.writes_rejected > 0 && !force) {
    return refuse_unless_forced(
        "The pattern \"" + name + "\" has writes that are not final, " +
        std::to_string(status.writes_unfinished) + " unfinished and " +
        std::to_string(status.writes_rejected) +
        " refused; wait for those, retry or discard these, or give --force: then " +
        (pattern.record.source() != nullptr
             ? "its store keeps them until a pattern of this name runs again."
             : "they are lost."));
  }
  pattern.record.added.reset();
  if (auto kept = keep_record(config_.directory, pattern); !kept) {
    return tl::unexpected(kept.error());
  }
  if (auto ended = stopper_.end(pattern); !ended) return tl::unexpected(ended.error());
  status.instance = name;
  status.state = PatternState::removed;
  return status;
}

api::ModuleResult PatternRemoval::remove(HeldBack held) {
  const std::string name = held.config.name;
  const auto file = record_file(config_.directory, name);
  auto record = read_record(file);
  if (!record) {
    registry_.hold_back(std::move(held));
    return tl::unexpected(record.error());
  }
  if (*record && (*record)->added) {
    (*record)->added.reset();
    if (auto written = write_record(file, **record); !written) {
      registry_.hold_back(std::move(held));
      return tl::unexpected(written.error());
    }
  }
  api_.remove_pattern(name);
  crashes_.forget(name);
  PatternStatus status;
  status.instance = name;
  status.state = PatternState::removed;
  return status;
}

}  // namespace patchbay::patterns
