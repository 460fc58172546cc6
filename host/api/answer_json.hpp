// Writes what the API answers and reports: rows, writes, patterns, streams, errors, as JSON.
// Values of the ports -> nlohmann's ordered objects -> text. Pure functions.
//
//   cells: {"<column>": text | null | true | false}   booleans as JSON's, all else Postgres text
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>

#include "port/pattern_port.hpp"
#include "stream/stream_batch.hpp"

namespace patchbay::api {

using Json = nlohmann::ordered_json;

/// The text of an answer; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string text_of(const Json& json);

/// Which cells of a row are printed.
enum class Cells {
  all,      ///< Every column; null if the row does not have it.
  present,  ///< The columns that the row has.
  key,      ///< The primary key.
};
[[nodiscard]] Json cells_json(const Row& row, Cells which);

/// Which operations of a write are printed; their count always is.
enum class Operations { all, first };
[[nodiscard]] Json write_json(const std::string& instance, const WriteStatus& write,
                              Operations which = Operations::all);
[[nodiscard]] Json rejection_json(const Rejection& rejection);
[[nodiscard]] Json pattern_json(const PatternStatus& status);
[[nodiscard]] Json stream_json(const StreamStatus& status);
/// {"error":{"code","message"}}
[[nodiscard]] Json error_json(std::string_view code, std::string_view message);

[[nodiscard]] std::string_view state_name(WriteState state) noexcept;

/// A URL without user, password and query; "(set)" for a text that is not a URL.
[[nodiscard]] std::string without_credentials(const std::string& url);

}  // namespace patchbay::api
