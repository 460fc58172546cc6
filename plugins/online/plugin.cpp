#include <patchbay/plugin.hpp>

#include "online_pattern.hpp"

PATCHBAY_PLUGIN(patchbay::online::OnlinePattern, "online", "0.1.0",
                "Sends each write to the server and waits for its word.", 0);
