// The rules of a swap for the writes of a pattern, and its record afterwards. Record and
// plugin -> here -> PatternSwap. Pure.
#pragma once

#include "api/api_server.hpp"
#include "patterns/pattern_record.hpp"
#include "runtime/plugin_descriptor.hpp"

namespace patchbay::patterns {

/// The record once `next` runs in place of the module that `old` names. If `next` keeps its writes
/// in memory, the store that has the earlier writes remains their source until each is final.
[[nodiscard]] PatternRecord record_after_swap(const PatternRecord& old, const NamedModule& next,
                                              bool durable);
/// Refuses to replace a durable pattern by one in memory, unless `force` is given.
[[nodiscard]] tl::expected<void, api::ModuleError> check_swap(const PatternRecord& old,
                                                              const PluginInspection& next,
                                                              bool force);

/// A refusal of a request that would be carried out with `force`.
[[nodiscard]] tl::unexpected<api::ModuleError> refuse_unless_forced(std::string why);

}  // namespace patchbay::patterns
