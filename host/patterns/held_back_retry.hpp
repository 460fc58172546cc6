// HeldBackRetry: starts an instance that is held back, with the module that somebody names.
// Requests -> here -> loader and start. On the thread of the requests.
#pragma once

#include "api/api_server.hpp"
#include "patterns/pattern_loader.hpp"
#include "patterns/pattern_registry.hpp"
#include "patterns/reversible_start.hpp"

namespace patchbay::patterns {

class HeldBackRetry {
 public:
  HeldBackRetry(const Config& config, PatternRegistry& registry, PatternLoader& loader,
                ReversibleStart& start, api::ApiServer& api)
      : config_(config), registry_(registry), loader_(loader), start_(start), api_(api) {}

  /// Starts the instance with its own tables and settings; `held` was taken from the registry. On
  /// an error it is held back again, for the reason it was held back for.
  api::ModuleResult start(HeldBack held, const api::SwapRequest& request);

 private:
  api::ModuleResult try_start(const PatternConfig& config, const api::SwapRequest& request);

  const Config& config_;
  PatternRegistry& registry_;
  PatternLoader& loader_;
  ReversibleStart& start_;
  api::ApiServer& api_;
};

}  // namespace patchbay::patterns
