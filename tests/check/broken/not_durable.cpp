// Claims what it does not keep: its writes are in memory.
#include "broken_pattern.hpp"

PATCHBAY_PLUGIN(broken::BrokenPattern, "not-durable", "1.0.0", "Promises to survive the process.",
                patchbay::kTraitOptimistic | patchbay::kTraitDurable);
