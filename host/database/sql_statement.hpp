// SqlStatement and SqlRows: a statement with its parameters, and what the database answered.
// Callers → PgConnection → callers. Values; no strand.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace patchbay {

/// One statement; `$1::type` in the text is `parameters[0]`, in PostgreSQL's text form.
struct SqlStatement {
  std::string text;
  std::vector<std::optional<std::string>> parameters;
};

using SqlRow = std::vector<std::optional<std::string>>;

/// The column's text; "" for null.
[[nodiscard]] inline std::string text_of(const SqlRow& row, std::size_t column) {
  return row[column].value_or("");
}

struct SqlRows {
  std::vector<SqlRow> values;
  std::size_t affected = 0;

  /// The cell's text; "" for null.
  [[nodiscard]] const std::string& text(std::size_t row, std::size_t column) const {
    static const std::string kEmpty;
    const auto& cell = values.at(row).at(column);
    return cell ? *cell : kEmpty;
  }
};

}  // namespace patchbay
