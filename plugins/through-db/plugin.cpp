#include <patchbay/plugin.hpp>

#include "through_db_pattern.hpp"

PATCHBAY_PLUGIN(patchbay::through_db::ThroughDbPattern, "through-db", "0.1.0",
                "Sends what any program writes by SQL into ordinary tables of one file.",
                patchbay::kTraitDurable | patchbay::kTraitOptimistic);
