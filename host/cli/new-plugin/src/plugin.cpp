#include <patchbay/plugin.hpp>

#include "my_pattern.hpp"

// Id, version, one line for people, and what the pattern promises: claim only traits that the
// pattern keeps, since `patchbay check` proves each of them. kTraitOptimistic: the view shows a
// write from `accept` on. kTraitDurable: accepted writes survive the process.
PATCHBAY_PLUGIN(my_pattern::MyPattern, "my-pattern", "0.1.0",
                "Shows each write immediately, in memory, until the server has decided.",
                patchbay::kTraitOptimistic);
