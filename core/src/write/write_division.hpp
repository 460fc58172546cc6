// divide: a refused write cut into parts that share no row, so that the server can judge each for
// itself. WriteProgress -> here. Pure.
//
// The id of a part follows from the id of the whole write and the numbers of its operations, so
// that the same division after a crash or a swap sends the same parts.
#pragma once

#include <patchbay/write.hpp>
#include <vector>

namespace patchbay {

/// The parts in local order, each at the place of its first operation, with sequences in the place
/// of the whole write; one part for a write whose operations all share rows.
[[nodiscard]] std::vector<Write> divide(const Write& whole);

}  // namespace patchbay
