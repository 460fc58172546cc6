#include "patterns/swap_rules.hpp"

#include "patterns/plugin_files.hpp"

namespace patchbay::patterns {

PatternRecord record_after_swap(const PatternRecord& old, const NamedModule& next, bool durable) {
  PatternRecord record = old;
  record.current = next;
  record.durable = durable;
  record.remaining_source.reset();
  if (const NamedModule* source = old.source(); !durable && source != nullptr) {
    record.remaining_source = *source;
  }
  return record;
}

tl::expected<void, api::ModuleError> check_swap(const PatternRecord& old,
                                                const PluginInspection& next, bool force) {
  if (!old.durable || is_durable(next) || force) return {};
  return refuse_unless_forced("The pattern " + old.current.id + " keeps its writes on disk, " +
                              next.id +
                              " would have them in memory only; give --force, then the store of " +
                              old.current.id + " keeps those there are until each is final.");
}

tl::unexpected<api::ModuleError> refuse_unless_forced(std::string why) {
  return tl::unexpected<api::ModuleError>(
      api::ModuleError({ErrorCode::rejected, std::move(why)}, true));
}

}  // namespace patchbay::patterns
