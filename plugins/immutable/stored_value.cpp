#include "stored_value.hpp"

#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/floats.hpp>

#include "column_lists.hpp"

namespace patchbay::immutable {
namespace {

/// Whether a uuid is spelled as the server does. Bytes are counted, as length() of a text stops at
/// the character U+0000, and so does GLOB.
std::string is_canonical_uuid(const std::string& value) {
  std::string pattern;
  for (const int digits : {8, 4, 4, 4, 12}) {
    if (!pattern.empty()) pattern += '-';
    for (int digit = 0; digit < digits; ++digit) pattern += "[0-9a-f]";
  }
  return "length(CAST(" + value + " AS BLOB)) = 36 AND " + value + " GLOB '" + pattern + "'";
}

/// A uuid in the server's spelling, whatever came between its digits. DISTINCT, or SQLite would
/// put the whole inner expression in the place of every h. A canonical one is not taken apart,
/// which would be half of what an insert takes.
std::string uuid(const std::string& value) {
  return "CASE WHEN " + is_canonical_uuid(value) + " THEN CAST(" + value + " AS TEXT) ELSE " +
         "(SELECT CASE WHEN length(CAST(h AS BLOB)) = 32 AND h NOT GLOB '*[^0-9a-f]*' THEN "
         "substr(h, 1, 8) || "
         "'-' || substr(h, 9, 4) || '-' || substr(h, 13, 4) || '-' || substr(h, 17, 4) || '-' || "
         "substr(h, 21) ELSE CAST(" +
         value + " AS TEXT) END FROM (SELECT DISTINCT lower(replace(replace(replace(" + value +
         ", '-', ''), '{', ''), '}', '')) AS h)) END";
}

/// A whole number without plus and leading zeros; all else stays.
std::string whole_numeric(const std::string& value) {
  return "(SELECT CASE WHEN d = '' OR d GLOB '*[^0-9]*' THEN t WHEN ltrim(d, '0') = '' THEN '0' "
         "ELSE CASE WHEN t GLOB '-*' THEN '-' ELSE '' END || ltrim(d, '0') END FROM (SELECT t, "
         "CASE WHEN t GLOB '[-+]*' THEN substr(t, 2) ELSE t END AS d FROM (SELECT CAST(" +
         value + " AS TEXT) AS t)))";
}

/// SQLite's own text of a REAL has 15 digits, which not every one can be read back from.
std::string numeric(const std::string& value) {
  const std::string text = "CAST(" + value + " AS TEXT)";
  return "CASE WHEN typeof(" + value + ") = 'real' AND CAST(" + text + " AS REAL) <> " + value +
         " AND abs(" + value + ") < 9e999 THEN printf('%!.17g', " + value + ") ELSE " + text +
         " END";
}

/// A text is sent as it is; the column of the local table makes a number of it.
std::string floating(const std::string& value) {
  return "CASE typeof(" + value + ") WHEN 'text' THEN " + value + " WHEN 'blob' THEN CAST(" +
         value + " AS TEXT) ELSE CASE CAST(" + value +
         " AS REAL) WHEN 9e999 THEN 'Infinity' WHEN -9e999 THEN '-Infinity' ELSE CAST(" + value +
         " AS REAL) END END";
}

}  // namespace

std::string stored_value(const Column& column, bool is_key, const std::string& value) {
  const bool plain = column.dimensions == 0;
  if (plain && column.type == "bool") {
    return "CASE lower(" + value +
           ") WHEN 'true' THEN 1 WHEN 't' THEN 1 WHEN '1' THEN 1 WHEN '1.0' THEN 1 "
           "WHEN 'false' THEN 0 WHEN 'f' THEN 0 WHEN '0' THEN 0 WHEN '0.0' THEN 0 ELSE " +
           value + " END";
  }
  if (sqlite::declared_type(column) == "INTEGER") {
    return "CASE WHEN CAST(" + value + " AS INTEGER) = " + value + " THEN CAST(" + value +
           " AS INTEGER) ELSE " + value + " END";
  }
  if (plain && column.type == "bytea") {
    return "CASE typeof(" + value + ") WHEN 'blob' THEN '\\x' || lower(hex(" + value +
           ")) ELSE CAST(" + value + " AS TEXT) END";
  }
  if (plain && is_key && column.type == "uuid") return uuid(value);
  if (plain && is_key && column.type == "numeric") return whole_numeric(value);
  if (plain && column.type == "numeric") return numeric(value);
  if (sqlite::is_float(column)) return floating(value);
  return "CAST(" + value + " AS TEXT)";
}

std::string refused_value(const TableSchema& schema, std::uint32_t index,
                          const std::string& value) {
  const Column& column = schema.columns[index];
  if (sqlite::declared_type(column) != "INTEGER") return {};
  const bool boolean = column.type == "bool";
  const std::string good = boolean ? stored_value(column, false, value) + " IN (0, 1)"
                                   : "CAST(" + value + " AS INTEGER) = " + value;
  const std::string message = schema.name + "." + column.name +
                              (boolean ? " takes true or false only" : " takes whole numbers only");
  return "SELECT RAISE(ABORT, '" + doubled(message, '\'') + "')\n    WHERE " + value +
         " IS NOT NULL AND NOT (" + good + ");\n  ";
}

}  // namespace patchbay::immutable
