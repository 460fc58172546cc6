// Makes the operations of a write from what an app asked for: names checked against the schema,
// keys made canonical. Local API -> runner -> here. Pure.
#pragma once

#include <patchbay/result.hpp>
#include <patchbay/schema.hpp>
#include <patchbay/write.hpp>

#include "port/pattern_port.hpp"

namespace patchbay {

/// ErrorCode::rejected names the table and column that is wrong and what to give instead.
[[nodiscard]] Result<Operation> build_operation(const TableSchema& schema,
                                                const RequestedOperation& request);

/// A row of `schema` with these cells and all others absent; key cells are made canonical.
[[nodiscard]] Result<RowRef> build_row(const TableSchema& schema, const NamedCells& cells);

}  // namespace patchbay
