#include "patterns/pattern_swap.hpp"

#include "log/log.hpp"
#include "patterns/ask_status.hpp"
#include "patterns/plugin_files.hpp"
#include "patterns/swap_rules.hpp"

namespace patchbay::patterns {

api::ModuleResult PatternSwap::swap(RunningPattern& pattern, const api::SwapRequest& request) {
  if (request.back && pattern.previous_module.empty()) {
    return failure(ErrorCode::rejected, "The pattern \"" + request.instance +
                                            "\" has had no other module yet; name one.");
  }
  const std::string module = request.back ? pattern.previous_module : request.module;
  const PluginLoader loader = make_plugin_loader(config_);
  const auto file = find_module(loader, module);
  if (!file) return tl::unexpected(file.error());
  auto loaded = load_noted(loader, *file, *pattern.steps);
  if (!loaded) return tl::unexpected(loaded.error());
  const PluginInspection said = loaded->inspection();
  if (auto allowed = check_swap(pattern.record, said, request.force); !allowed) {
    return tl::unexpected(allowed.error());
  }
  PatternRecord record = record_after_swap(pattern.record, {module, said.id}, is_durable(said));
  record.configured = pattern.config.module;
  if (auto replaced = replace(pattern, *std::move(loaded), std::move(record)); !replaced) {
    return tl::unexpected(replaced.error());
  }
  return status_of(pattern);
}

void PatternSwap::cancel() {
  cancelled_ = true;
  if (PatternRunner* runner = swapping_) runner->cancel_swap();
}

Result<void> PatternSwap::replace(RunningPattern& pattern, LoadedPlugin plugin,
                                  PatternRecord record) {
  const std::filesystem::path file = record_file(config_.directory, pattern.config.name);
  // The same plugin continues with the same store, whatever the record says: if that cannot be
  // written the successor need not be given up, which has changed the store already.
  const bool same = pattern.record.current.id == record.current.id;
  const bool stores = !same && (pattern.record.source() != nullptr || record.durable);
  SwapRecord seams;
  if (stores) seams.record = [&] { return write_record(file, record); };
  if (record.remaining_source) {
    seams.all_final = [this, &pattern, swaps = pattern.swaps + 1] {
      thread_.post([this, &pattern, swaps] { release_source(pattern, swaps); });
    };
  }
  swapping_ = pattern.runner.get();
  if (cancelled_) pattern.runner->cancel_swap();
  const Result<void> swapped =
      hot_swap(*pattern.runner, pattern.module, std::move(plugin), std::move(seams));
  swapping_ = nullptr;
  if (!swapped) return swapped;
  ++pattern.swaps;
  pattern.hand_over_to.clear();
  pattern.previous_module = pattern.record.current.name;
  pattern.record = std::move(record);
  watches_.watch(pattern);
  if (stores) return {};
  if (const auto written = write_record(file, pattern.record); !written) {
    log::warning(pattern.config.name, written.error().message);
  }
  return {};
}

/// The writes that a store kept for a pattern in memory are final: the store holds none any more.
void PatternSwap::release_source(RunningPattern& pattern, std::uint64_t swaps) {
  if (pattern.swaps != swaps || !pattern.record.remaining_source) return;
  pattern.record.remaining_source.reset();
  if (const auto written = keep_record(config_.directory, pattern); !written) {
    log::warning(pattern.config.name, written.error().message);
  }
}

}  // namespace patchbay::patterns
