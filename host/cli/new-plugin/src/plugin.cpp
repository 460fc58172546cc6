#include <patchbay/plugin.hpp>

#include "my_pattern.hpp"

// Id, version, one line for people, and what the pattern promises: claim no trait it does not keep,
// `patchbay check` holds it to each.
// kTraitDurable: accepted writes survive the process. kTraitBatches: what was committed together is
// sent as one write.
PATCHBAY_PLUGIN(my_pattern::MyPattern, "my-pattern", "0.1.0",
                "Shows each write at once, in memory, until the server has decided.",
                patchbay::kTraitOptimistic | patchbay::kTraitRebases);
