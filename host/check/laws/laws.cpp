#include "check/laws/laws.hpp"

#include <algorithm>
#include <patchbay/plugin.hpp>

namespace patchbay::check {
namespace {

constexpr Law kLaws[] = {
    {"convergence", "once all is quiet, every view equals the server's rows", 0, prove_convergence},
    {"nothing-lost", "each accepted write is applied exactly once, or rejected with a reason", 0,
     prove_nothing_lost},
    {"read-your-writes", "from accepted to its end the view shows a write, without a flicker",
     kTraitOptimistic, prove_read_your_writes},
    {"surgical-rollback", "a rejected write leaves no trace and takes no other write with it", 0,
     prove_surgical_rollback},
    {"atomicity", "nobody sees a part of a write, or of a transaction within a table", 0,
     prove_atomicity},
    {"order", "writes reach the server in the order in which they were made", 0, prove_order},
    {"durability", "accepted writes survive kill -9 at any moment", kTraitDurable,
     prove_durability},
    {"swap", "all of this holds when the module is replaced, and then it leaves the process", 0,
     prove_swap},
    {"liveness", "every write ends, every call is answered, and then there is silence", 0,
     prove_liveness},
};

}  // namespace

std::span<const Law> laws() {
  return kLaws;
}

const Law* find_law(std::string_view id) {
  const auto found = std::ranges::find(kLaws, id, [](const Law& law) { return law.id; });
  return found == std::end(kLaws) ? nullptr : found;
}

}  // namespace patchbay::check
