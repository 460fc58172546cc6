#include <patchbay/plugin.hpp>

#include "immutable_pattern.hpp"

PATCHBAY_PLUGIN(patchbay::immutable::ImmutablePattern, "immutable", "0.1.0",
                "Keeps synced rows and local writes apart on disk; an SQL view combines both.",
                patchbay::kTraitDurable | patchbay::kTraitOptimistic);
