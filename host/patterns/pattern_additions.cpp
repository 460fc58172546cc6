#include "patterns/pattern_additions.hpp"

#include "log/log.hpp"
#include "rows/table_name.hpp"

namespace patchbay::patterns {

api::ModuleResult PatternAdditions::add(PatternConfig pattern) {
  if (auto free = check_name(pattern.name); !free) return tl::unexpected(free.error());
  if (auto fits = complete_alone(pattern); !fits) return tl::unexpected(fits.error());
  const auto before = record_of(pattern.name);
  if (!before) return tl::unexpected(before.error());
  // Somebody asks for it, so it is tried again though it has ended the process before.
  const auto loaded = parts_.loader.load_requested(std::move(pattern));
  if (!loaded) return tl::unexpected(loaded.error());
  RunningPattern& running = **loaded;
  running.record.added = running.config;
  return start(running, *before);
}

Result<void> PatternAdditions::check_name(const std::string& name) const {
  if (parts_.registry.find(name)) {
    return failure(ErrorCode::rejected,
                   "A pattern \"" + name + "\" runs here already; choose another name.");
  }
  if (const auto reason = parts_.registry.why_held_back(name)) {
    return failure(ErrorCode::rejected,
                   "The pattern \"" + name + "\" is there and does not run: " + *reason);
  }
  return {};
}

/// Spells its tables as the process compares them, and checks it as if it were the only one.
Result<void> PatternAdditions::complete_alone(PatternConfig& pattern) const {
  if (pattern.tables.empty()) pattern.tables = parts_.config.tables;
  for (std::string& table : pattern.tables) {
    auto canonical = rows::canonical_table(table);
    if (!canonical) return tl::unexpected(canonical.error());
    table = *std::move(canonical);
  }
  Config alone = parts_.config;
  alone.patterns = {pattern};
  return complete(alone);
}

api::ModuleResult PatternAdditions::add(HeldBack held, const api::SwapRequest& request) {
  auto status = add_held_back(held.config, request);
  if (!status) {
    parts_.api.miss_pattern(held.config.name, held.reason);
    parts_.registry.hold_back(std::move(held));
  }
  return status;
}

api::ModuleResult PatternAdditions::add_held_back(const PatternConfig& config,
                                                  const api::SwapRequest& request) {
  if (request.back) return failure(ErrorCode::rejected, "It does not run; name a module.");
  const auto before = record_of(config.name);
  if (!before) return tl::unexpected(before.error());
  PatternConfig pattern = config;
  pattern.module = request.module;
  const auto loaded = parts_.loader.load_requested(std::move(pattern));
  if (!loaded) return tl::unexpected(loaded.error());
  // What the configuration names stays as it is.
  RunningPattern& running = **loaded;
  running.config.module = config.module;
  if (running.hand_over_to.empty()) running.record.configured = config.module;
  return start(running, *before);
}

/// Starts a loaded pattern; on an error it leaves the registry, and its record is `before`.
api::ModuleResult PatternAdditions::start(RunningPattern& pattern,
                                          const std::optional<PatternRecord>& before) {
  auto status = start_and_hand_over(pattern);
  if (status) {
    parts_.watches.watch(pattern);
  } else {
    take_back(pattern, before);
  }
  return status;
}

/// If the store has writes of another plugin, they are handed over as at the start of a host.
api::ModuleResult PatternAdditions::start_and_hand_over(RunningPattern& pattern) {
  auto status = parts_.starter.start(pattern);
  if (!status) return tl::unexpected(status.error());
  if (pattern.hand_over_to.empty()) return *std::move(status);
  return parts_.swap.swap(pattern, {pattern.config.name, pattern.hand_over_to, true, false});
}

void PatternAdditions::take_back(RunningPattern& pattern,
                                 const std::optional<PatternRecord>& before) {
  const std::string instance = pattern.config.name;
  const std::filesystem::path file = record_file(parts_.config.directory, instance);
  static_cast<void>(parts_.stopper.end(pattern));
  std::error_code failed;
  if (!before) {
    std::filesystem::remove(file, failed);
  } else if (const auto written = write_record(file, *before); !written) {
    log::warning(instance, written.error().message);
  }
}

Result<std::optional<PatternRecord>> PatternAdditions::record_of(
    const std::string& instance) const {
  return read_record(record_file(parts_.config.directory, instance));
}

}  // namespace patchbay::patterns
