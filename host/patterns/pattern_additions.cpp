#include "patterns/pattern_additions.hpp"

#include "rows/table_name.hpp"

namespace patchbay::patterns {

api::ModuleResult PatternAdditions::add(PatternConfig pattern) {
  if (auto free = check_name(pattern.name); !free) return tl::unexpected(free.error());
  if (auto fits = complete_alone(pattern); !fits) return tl::unexpected(fits.error());
  const auto before = read_record(record_file(config_.directory, pattern.name));
  // Somebody asks for it, so it is tried again though it has ended the process before.
  const auto loaded = loader_.load_requested(std::move(pattern));
  if (!loaded) return tl::unexpected(loaded.error());
  RunningPattern& running = **loaded;
  running.record.added = running.config;
  auto status = start_.start(running, before ? *before : std::nullopt);
  if (status) watches_.watch(running);
  return status;
}

Result<void> PatternAdditions::check_name(const std::string& name) const {
  if (registry_.find(name)) {
    return failure(ErrorCode::rejected,
                   "A pattern \"" + name + "\" runs here already; choose another name.");
  }
  if (const auto reason = registry_.why_held_back(name)) {
    return failure(ErrorCode::rejected,
                   "The pattern \"" + name + "\" is there and does not run: " + *reason);
  }
  return {};
}

/// Spells its tables as the process compares them, and checks it as if it were the only one.
Result<void> PatternAdditions::complete_alone(PatternConfig& pattern) const {
  if (pattern.tables.empty()) pattern.tables = config_.tables;
  for (std::string& table : pattern.tables) {
    auto canonical = rows::canonical_table(table);
    if (!canonical) return tl::unexpected(canonical.error());
    table = *std::move(canonical);
  }
  Config alone = config_;
  alone.patterns = {pattern};
  return complete(alone);
}

}  // namespace patchbay::patterns
