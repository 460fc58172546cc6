// Every type's order: each table lists texts from low to high, "=" before one equal to the last.
#include <gtest/gtest.h>

#include <patchbay/kit/cell_order.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {
namespace {

std::string sign(std::weak_ordering order) {
  if (order < 0) return "<";
  return order > 0 ? ">" : "=";
}

/// Compares every text with every other; `ladder` is ascending, equal neighbours start with '='.
void expect_ladder(const Column& column, const std::vector<std::string>& ladder) {
  std::vector<std::pair<int, std::string>> rungs;
  int rung = 0;
  for (const std::string& text : ladder) {
    const bool same = text.starts_with('=');
    rung += same ? 0 : 1;
    rungs.emplace_back(rung, same ? text.substr(1) : text);
  }
  for (const auto& [left_rung, left] : rungs) {
    for (const auto& [right_rung, right] : rungs) {
      const auto order = compare_cells(column, Cell::of(left), Cell::of(right));
      EXPECT_EQ(sign(order), sign(left_rung <=> right_rung))
          << column.type << ": \"" << left << "\" against \"" << right << '"';
    }
  }
}

Column of_type(std::string type) {
  return {"c", std::move(type), 0, false};
}

TEST(CellOrder, WholeNumbersCompareByValue) {
  for (const char* type : {"int2", "int4", "int8", "oid"}) {
    expect_ladder(of_type(type),
                  {"-9223372036854775808", "-10", "-9", "-1", "0", "=-0", "=+0", "1", "=01", "= 1",
                   "2", "10", "=1e1", "10.5", "9007199254740992", "9007199254740993",
                   "9223372036854775807", "9223372036854775808", "none"});
  }
}

TEST(CellOrder, NumericHasAnyPrecision) {
  expect_ladder(of_type("numeric"), {"-Infinity",
                                     "=-inf",
                                     "-1e30",
                                     "-12345678901234567890.123456789",
                                     "-12345678901234567890.123456788",
                                     "-1.5",
                                     "=-1.50",
                                     "-1",
                                     "-0.00000001",
                                     "0",
                                     "=-0.000",
                                     "=0e5",
                                     "=.0",
                                     "0.00000001",
                                     "=1e-8",
                                     "0.1",
                                     "=.1",
                                     "=0.10",
                                     "0.11",
                                     "1",
                                     "=1.",
                                     "=1.0",
                                     "=001",
                                     "=0.1e1",
                                     "1.5",
                                     "=15e-1",
                                     "9.99",
                                     "10",
                                     "=1E+1",
                                     "99999999999999999999.9",
                                     "100000000000000000000",
                                     "=100000000000000000000.000",
                                     "1e30",
                                     "Infinity",
                                     "=infinity",
                                     "NaN",
                                     "=nan",
                                     "",
                                     "1.2.3",
                                     "1e",
                                     "1e9999999999",
                                     "abc"});
}

TEST(CellOrder, FloatsPutNanLast) {
  expect_ladder(of_type("float8"),
                {"-Infinity", "-1e300", "-1.5", "-2.2250738585072014e-308", "0", "=-0",
                 "2.2250738585072014e-308", "0.1", "=0.10", "0.10000000000000002", "1", "=1e0",
                 "=+1", "1e21", "Infinity", "NaN", "=nan", "1e999", "x"});
}

TEST(CellOrder, Float4ComparesInItsOwnPrecision) {
  expect_ladder(of_type("float4"), {"-Infinity", "-1", "0", "0.1", "=0.10000000149011612", "0.2",
                                    "3.4028235e+38", "Infinity", "NaN", "x"});
}

TEST(CellOrder, FalseComesBeforeTrue) {
  expect_ladder(of_type("bool"), {"false", "=f", "=FALSE", "=0", "=no", "=off", "true", "=t",
                                  "=TRUE", "=1", "=yes", "=on", "maybe"});
}

TEST(CellOrder, TextComparesByBytes) {
  for (const char* type : {"text", "varchar", "name", "mood", "jsonb"}) {
    expect_ladder(of_type(type), {"", " ", "10", "9", "A", "B", "a", "a ", "aa", "b", "\xC3\xA9",
                                  "\xE4\xB8\x96", "\xF0\x9F\x98\x80"});
  }
}

TEST(CellOrder, BpcharIgnoresBlanksAtTheEnd) {
  expect_ladder(of_type("bpchar"), {"", "=   ", " a", "a", "=a    ", "a b", "=a b  ", "b"});
}

TEST(CellOrder, UuidIgnoresCaseAndHyphens) {
  expect_ladder(of_type("uuid"),
                {"00000000-0000-4000-8000-0000000000fe", "00000000-0000-4000-8000-0000000000ff",
                 "=00000000-0000-4000-8000-0000000000FF", "=000000000000400080000000000000ff",
                 "A0000000-0000-4000-8000-000000000000", "b0000000-0000-4000-8000-000000000000"});
}

TEST(CellOrder, ByteaComparesByItsBytes) {
  expect_ladder(of_type("bytea"),
                {"\\x", "\\x00", "\\x0000", "\\x01", "\\xdead", "=\\xDEAD", "\\xdeadbe", "\\xff"});
}

TEST(CellOrder, DatesReachFromBcToInfinity) {
  expect_ladder(of_type("date"),
                {"-infinity", "4713-01-01 BC", "0044-03-14 BC", "0044-03-15 BC", "0001-12-31 BC",
                 "0001-01-01", "1969-12-31", "1970-01-01", "2024-02-28", "2024-02-29",
                 "=2024-02-29 12:30:00", "2024-03-01", "2026-01-02", "=2026-1-2", "10000-01-01",
                 "5874897-12-31", "infinity", "2024-13-01", "2024-x"});
}

TEST(CellOrder, TimesCompareByTheClock) {
  expect_ladder(of_type("time"),
                {"00:00:00", "=00:00", "00:00:00.000001", "03:04:05.678", "=03:04:05.678000",
                 "03:04:05.678901", "09:00:00", "23:59:59.999999", "24:00:00", "25:00:00", "noon"});
}

TEST(CellOrder, TimestampsCompareByMoment) {
  expect_ladder(of_type("timestamp"),
                {"-infinity", "0044-03-15 12:00:00 BC", "2026-01-02 03:04:05",
                 "=2026-01-02T03:04:05", "=2026-01-02 03:04:05.000", "=2026-01-02 03:04:05+07",
                 "2026-01-02 03:04:05.5", "2026-01-02 23:59:60", "=2026-01-03", "=2026-01-03 00:00",
                 "294276-12-31 23:59:59.999999", "infinity", "soon"});
}

TEST(CellOrder, TimestampsWithZoneCompareByInstant) {
  expect_ladder(
      of_type("timestamptz"),
      {"-infinity", "4714-11-24 00:00:00+00 BC", "0044-03-15 12:00:00+00 BC",
       "1880-01-01 00:00:00+00:19:32", "=1879-12-31 23:40:28+00", "2026-01-01 21:34:05.678901+00",
       "=2026-01-02 03:04:05.678901+05:30", "=2026-01-02T03:04:05.678901+0530",
       "=2026-01-01T21:34:05.678901Z", "2026-01-02 00:30:00+02", "=2026-01-01 22:30:00+00",
       "=2026-01-01 19:00:00-03:30", "=2026-01-01 22:30:00", "2026-01-02 00:00:00+00",
       "=2026-01-02", "294276-12-31 23:59:59.999999+00", "infinity", "x"});
}

TEST(CellOrder, ArraysCompareByBytes) {
  expect_ladder({"c", "int4", 1, false}, {"{1,2}", "{10}", "{9}", "{NULL}"});
}

TEST(CellOrder, NullAndAbsentComeAfterEveryText) {
  const Column column = of_type("int4");
  EXPECT_EQ(sign(compare_cells(column, Cell::of("1"), Cell::null())), "<");
  EXPECT_EQ(sign(compare_cells(column, Cell::null(), Cell::of("1"))), ">");
  EXPECT_EQ(sign(compare_cells(column, Cell::null(), Cell{})), "=");
}

}  // namespace
}  // namespace patchbay
