// Reads the requests of apps: a write from its JSON body, a question for rows from its URL.
// Request -> checked values of the pattern port. Pure functions; every refusal says which part of
// the request is wrong, what was expected and what to do.
#pragma once

#include <patchbay/result.hpp>
#include <string_view>

#include "json/value.hpp"
#include "net/http.hpp"
#include "port/pattern_port.hpp"

namespace patchbay::api {

/// {"write_id"?, "operations":[{"operation","table","key"?,"value"?}]}
[[nodiscard]] Result<WriteRequest> read_write(std::string_view body);

/// ?<column>=<comparison>.<value>&order=<column>.desc,<column>&limit=N&after=<json>; a column with
/// the name of a parameter is written where.<column>.
[[nodiscard]] Result<RowsRequest> read_rows_query(const std::string& table,
                                                  const net::QueryParameters& query);

/// Within the bounds of tuning.hpp. ErrorCode::rejected with line and column where there is one;
/// `what` names the text ("The body").
[[nodiscard]] Result<json::Value> parse_json(std::string_view text, std::string_view what);

/// Columns by name from a JSON object: numbers keep their text, booleans are "true" and "false",
/// arrays and objects become compact JSON text. `where` names the place in messages.
[[nodiscard]] Result<NamedCells> read_cells(const json::Value& value, const std::string& where);

/// The body as an object that has no other members than these.
[[nodiscard]] Result<json::Value> read_object(std::string_view body,
                                              std::initializer_list<std::string_view> members);

}  // namespace patchbay::api
