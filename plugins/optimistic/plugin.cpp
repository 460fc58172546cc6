#include <patchbay/plugin.hpp>

#include "optimistic_pattern.hpp"

PATCHBAY_PLUGIN(patchbay::optimistic::OptimisticPattern, "optimistic", "0.1.0",
                "Shows each write at once, in memory, until the server's word comes back.",
                patchbay::kTraitOptimistic | patchbay::kTraitRebases);
