// How a simulated world is printed, for findings and tests: a write as the number that its id was
// made from, a row as its key, a colon and its other cells: "1:milk", "1:null", "1:-" (absent).
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <patchbay/row.hpp>
#include <patchbay/write_id.hpp>
#include <string>
#include <vector>

namespace patchbay::sim {

/// The write id that prints as `number`.
[[nodiscard]] inline WriteId write_id(std::uint32_t number) {
  WriteId id;
  id.bytes[6] = 0x70;  // version 7
  for (std::size_t at = 0; at < 4; ++at) {
    id.bytes[15 - at] = static_cast<std::uint8_t>(number >> (8 * at));
  }
  return id;
}

[[nodiscard]] inline std::string print(const WriteId& id) {
  std::uint32_t number = 0;
  for (std::size_t at = 12; at < 16; ++at) number = (number << 8U) | id.bytes[at];
  return std::to_string(number);
}

[[nodiscard]] inline std::string print(const Cell& cell) {
  if (cell.is_absent()) return "-";
  return cell.is_null() ? "null" : std::string(cell.text);
}

[[nodiscard]] inline std::string print(const Row& row) {
  std::string key;
  std::string rest;
  for (const std::uint32_t column : row.schema().key) {
    key += (key.empty() ? "" : "/") + print(row.cell(column));
  }
  for (std::uint32_t column = 0; column < row.schema().columns.size(); ++column) {
    if (row.schema().is_key(column)) continue;
    rest += (rest.empty() ? "" : ",") + print(row.cell(column));
  }
  return key + ":" + rest;
}

/// Printed rows on one line: "1:milk  2:eggs".
[[nodiscard]] inline std::string joined(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += (text.empty() ? "" : "  ") + row;
  return text;
}

}  // namespace patchbay::sim
