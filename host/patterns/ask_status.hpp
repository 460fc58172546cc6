// How a running pattern is, asked from a thread that may wait. Runner -> here -> requests and
// start.
#pragma once

#include <optional>
#include <string>

#include "patterns/running_pattern.hpp"

namespace patchbay::patterns {

/// nullopt if the pattern does not answer in time: one of its steps takes long.
[[nodiscard]] std::optional<PatternStatus> ask_status(RunningPattern& pattern);
/// As ask_status; a pattern that does not answer in time counts as one that is starting.
[[nodiscard]] PatternStatus status_of(RunningPattern& pattern);
/// ": its module has been in on_write for 12 s"; "" while no call of the module is under way.
[[nodiscard]] std::string step_under_way(const RunningPattern& pattern);

}  // namespace patchbay::patterns
