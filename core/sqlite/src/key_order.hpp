// key_order: the rows of a reset in about the order of the store's keys, so that each page of the
// new table is written once and not again for every slice of rows. Pure; SqlitePattern -> here.
#pragma once

#include <patchbay/batch.hpp>
#include <span>
#include <vector>

namespace patchbay::sqlite {

/// The changes in about the order of their keys. An order that differs from the store's costs time,
/// never a row. [any thread]
[[nodiscard]] std::vector<Change> in_key_order(const TableSchema& schema,
                                               std::span<const Change> changes);

}  // namespace patchbay::sqlite
