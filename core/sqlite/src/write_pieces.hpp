// write_pieces: a write cut into the pieces that share no row. OutcomeStep -> here. Pure.
#pragma once

#include <cstdint>
#include <patchbay/host.hpp>
#include <patchbay/write.hpp>
#include <vector>

namespace patchbay::sqlite {

/// Operations that share rows with each other and with no others.
struct WritePiece {
  std::vector<Operation> operations;
  std::vector<std::uint32_t> indices;  ///< Of the operations in the whole write.
};

/// The pieces of a write in local order, each at the place of its first operation.
[[nodiscard]] std::vector<WritePiece> pieces_of(Host& host, const Write& write);

}  // namespace patchbay::sqlite
