// Random rows and queries over a table with a column of every kind of type, so that a reader in SQL
// can be compared with the one in memory. For tests; the same seed gives the same samples.
#pragma once

#include <algorithm>
#include <map>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/kit/query_match.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/fake_host.hpp"

namespace patchbay::test {

using SampleTexts = std::vector<std::string>;

/// Values of a type as Postgres spells them; equal ones in several spellings where it has them.
[[nodiscard]] inline const SampleTexts& sample_texts(const std::string& type) {
  static const std::map<std::string, SampleTexts> kTexts{
      {"bool", {"true", "false"}},
      {"bpchar", {"a", "a  ", "b ", "B", "", "é"}},
      {"bytea", {"\\x", "\\x00", "\\x00ff", "\\xff", "\\xFF", "\\x7f"}},
      {"date", {"2024-02-29", "0044-03-15 BC", "10000-01-01", "infinity", "-infinity"}},
      {"float4", {"1.1", "1", "-1", "0", "1e+10", "NaN", "Infinity", "-Infinity"}},
      {"float8", {"0.1", "0.30000000000000004", "-2", "0", "1e+300", "NaN", "-Infinity", "2"}},
      {"int2", {"-32768", "0", "7", "32767"}},
      {"int4", {"-5", "0", "10", "9", "2147483647"}},
      {"int8", {"9007199254740993", "9007199254740992", "-9223372036854775808", "3", "0"}},
      {"list", {"{1,2}", "{10}", "{}", "{2,NULL}"}},
      {"numeric", {"1", "1.0", "1.10", "-0.5", "100000000000000000000", "NaN", "10"}},
      {"oid", {"0", "9", "10", "4294967295"}},
      {"text", {"", "a", "A", "b", "Ä", "it's", "5", "2024-01-01", "0005", "\xF0\x9F\x8D\x8A"}},
      {"time", {"00:00:00", "23:59:59.999999", "24:00:00", "12:30:00"}},
      {"timestamp", {"2024-01-01 00:00:00", "2024-01-01 00:00:00.5", "0001-01-01 00:00:00 BC"}},
      {"timestamptz",
       {"2024-01-01 00:00:00+00", "2024-01-01 02:00:00+02", "2023-12-31 23:00:00-02", "infinity"}},
      {"uuid",
       {"00000000-0000-0000-0000-00000000000a", "0000000A-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff", "0000000a-0000-0000-0000-000000000001"}},
  };
  return kTexts.at(type);
}

/// Texts an app may compare with, though no value of the column is spelled so.
[[nodiscard]] inline const SampleTexts& odd_texts() {
  static const SampleTexts kOdd{"",
                                "abc",
                                "1.5",
                                "9223372036854775808",
                                "-1e30",
                                "NaN",
                                "t",
                                "yes",
                                "off",
                                "-Infinity",
                                " 9 ",
                                "+7",
                                "FALSE",
                                "9007199254740992.5",
                                "0000000A00000000",
                                "2",
                                "2024-01-01",
                                "{0000000A-0000-0000-0000-000000000000}",
                                "0000000A000000000000000000000001"};
  return kOdd;
}

/// One column for each type, named like it ("list" is int8[]); these are the key.
[[nodiscard]] inline const TableSchema& sample_schema(const std::vector<std::string>& key) {
  TableSchema schema{"app.samples", {}, {}};
  for (const char* name :
       {"bool", "bpchar", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "list",
        "numeric", "oid", "text", "time", "timestamp", "timestamptz", "uuid"}) {
    const bool list = std::string(name) == "list";
    schema.columns.push_back({name, list ? "int8" : name, list ? 1U : 0U, false});
  }
  for (const std::string& name : key) {
    schema.key.push_back(*schema.find(name));
    schema.columns[schema.key.back()].not_null = true;
  }
  return rows::intern_schema(schema);
}

[[nodiscard]] inline std::size_t pick(std::mt19937& random, std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

/// A whole row; its key in the one spelling that keys have.
[[nodiscard]] inline RowRef sample_row(const TableSchema& schema, std::mt19937& random) {
  const std::size_t count = schema.columns.size();
  std::vector<std::string> kept(count);
  std::vector<Cell> cells(count, Cell::null());
  for (std::uint32_t column = 0; column < count; ++column) {
    if (!schema.is_key(column) && pick(random, 4) == 0) continue;
    const Column& type = schema.columns[column];
    const SampleTexts& texts = sample_texts(type.name);
    kept[column] = texts[pick(random, texts.size())];
    if (schema.is_key(column)) kept[column] = canonical_key_text(type, kept[column]);
    cells[column] = Cell::of(kept[column]);
  }
  return make_row(schema, cells);
}

/// Rows whose keys differ by value, as a server's do.
[[nodiscard]] inline std::vector<RowRef> sample_rows(const TableSchema& schema,
                                                     std::mt19937& random, int tries) {
  Query by_key;
  by_key.table = &schema;
  const RowOrder order(by_key);
  std::vector<RowRef> rows;
  for (int at = 0; at < tries; ++at) {
    RowRef row = sample_row(schema, random);
    const auto same = [&](const RowRef& other) { return order.compare(*row, *other) == 0; };
    if (std::ranges::none_of(rows, same)) rows.push_back(std::move(row));
  }
  return rows;
}

[[nodiscard]] inline Query sample_query(const TableSchema& schema, const std::vector<RowRef>& rows,
                                        std::mt19937& random) {
  const auto column = [&] {
    return static_cast<std::uint32_t>(pick(random, schema.columns.size()));
  };
  Query query;
  query.table = &schema;
  if (pick(random, 10) == 0) query.key = rows[pick(random, rows.size())];
  for (std::size_t left = pick(random, 3); left > 0; --left) {
    const std::uint32_t at = column();
    const SampleTexts& texts =
        pick(random, 3) == 0 ? odd_texts() : sample_texts(schema.columns[at].name);
    query.where.push_back(
        {at, static_cast<Comparison>(pick(random, 8)), texts[pick(random, texts.size())]});
  }
  for (std::size_t left = pick(random, 3); left > 0; --left) {
    query.order.push_back({column(), pick(random, 2) == 0});
  }
  if (pick(random, 4) == 0) query.order.push_back({schema.key[0], pick(random, 2) == 0});
  if (pick(random, 2) == 0) query.limit = pick(random, 8);
  if (pick(random, 2) == 0) {
    query.after =
        pick(random, 2) == 0 ? rows[pick(random, rows.size())] : sample_row(schema, random);
  }
  return query;
}

}  // namespace patchbay::test
