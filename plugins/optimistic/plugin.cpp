#include <patchbay/plugin.hpp>

#include "optimistic_pattern.hpp"

PATCHBAY_PLUGIN(
    patchbay::optimistic::OptimisticPattern, "optimistic", "0.1.0",
    "Shows each write immediately, in memory, until the server's answer is in the stream.",
    patchbay::kTraitOptimistic);
