#include "patterns/held_back_retry.hpp"

namespace patchbay::patterns {

api::ModuleResult HeldBackRetry::start(HeldBack held, const api::SwapRequest& request) {
  auto status = try_start(held.config, request);
  if (!status) {
    api_.miss_pattern(held.config.name, held.reason);
    registry_.hold_back(std::move(held));
  }
  return status;
}

api::ModuleResult HeldBackRetry::try_start(const PatternConfig& config,
                                           const api::SwapRequest& request) {
  if (request.back) return failure(ErrorCode::rejected, "It does not run; name a module.");
  const auto before = read_record(record_file(config_.directory, config.name));
  PatternConfig pattern = config;
  pattern.module = request.module;
  const auto loaded = loader_.load_requested(std::move(pattern));
  if (!loaded) return tl::unexpected(loaded.error());
  // What the configuration names stays as it is.
  RunningPattern& running = **loaded;
  running.config.module = config.module;
  if (running.hand_over_to.empty()) running.record.configured = config.module;
  return start_.start(running, before ? *before : std::nullopt);
}

}  // namespace patchbay::patterns
