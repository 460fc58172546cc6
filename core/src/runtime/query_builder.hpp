// Makes a Query from what an app asked for: names checked against the schema. Pure.
#pragma once

#include <patchbay/query.hpp>
#include <patchbay/result.hpp>

#include "port/pattern_port.hpp"

namespace patchbay {

/// Checks a request against the schema. ErrorCode::rejected names the column or comparison that is
/// wrong.
[[nodiscard]] Result<Query> build_query(const TableSchema& schema, const RowsRequest& request);

}  // namespace patchbay
