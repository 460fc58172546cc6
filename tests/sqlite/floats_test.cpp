// Floats between Postgres text and REAL: every digit, and the very text that Postgres prints.
#include <patchbay/sqlite/floats.hpp>

#include <patchbay/sqlite/cells.hpp>

#include "log_literal.hpp"
#include "sqlite/sqlite_fixture.hpp"
#include "support/sample_floats.hpp"

namespace patchbay::test {
namespace {

using sqlite::float_text;
using sqlite::stored_float;
using As = sqlite::StoredFloat::As;

const Column kFloat4{"c", "float4", 0, false};
const Column kFloat8{"c", "float8", 0, false};

/// The output of PostgreSQL 15 for them, one line for each rule of its output.
TEST(Floats, ArePrintedAsPostgresPrintsThem) {
  const std::vector<std::pair<std::string, std::string>> eight{
      {"0", "0"},
      {"-1.50", "-1.5"},
      {"123456789012345", "123456789012345"},
      {"1e15", "1e+15"},
      {"0.0001", "0.0001"},
      {"0.00001", "1e-05"},
      {"0.1", "0.1"},
      {"9007199254740993", "9.007199254740992e+15"},
      {"1e23", "9.999999999999999e+22"},
      {"5e-324", "5e-324"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"2.2250738585072014e-308", "2.2250738585072014e-308"},
  };
  for (const auto& [given, printed] : eight) {
    EXPECT_EQ(float_text(kFloat8, stored_float(given).value), printed) << given;
  }
  const std::vector<std::pair<std::string, std::string>> four{
      {"123456", "123456"},
      {"1e6", "1e+06"},
      {"0.1", "0.1"},
      {"3.4028235e38", "3.4028235e+38"},
      {"1e-45", "1e-45"},
      {"1e23", "1e+23"},
      {"1.4757395e20", "1.4757395e+20"},
      {"16777216", "1.6777216e+07"},
  };
  for (const auto& [given, printed] : four) {
    EXPECT_EQ(float_text(kFloat4, stored_float(given).value), printed) << given;
  }
}

TEST(Floats, AreKeptAsNumbersWhereTheyAreFinite) {
  for (const char* number : {"1", "+1.5", " -2e10 ", ".5", "1.", "-0", "1e-320"}) {
    EXPECT_EQ(stored_float(number).as, As::real) << number;
  }
  for (const char* word : {"NaN", "nan", "Infinity", "-inf", "", "x", "1x", "0x1p3", "1e", "+"}) {
    EXPECT_EQ(stored_float(word).as, As::text) << word;
  }
  for (const char* beyond : {"1e400", "-1e309", "1e-400"}) {
    EXPECT_EQ(stored_float(beyond).as, As::blob) << beyond;
  }
}

TEST(Floats, ComeBackFromTheirTextInEveryDigit) {
  for (const double number : sample_doubles(50'000)) {
    EXPECT_EQ(stored_float(float_text(kFloat8, number)).value, number);
  }
  for (const float number : sample_singles(50'000)) {
    const std::string text = float_text(kFloat4, text_as_double(number));
    ASSERT_EQ(number_of<float>(text), number) << text;
    EXPECT_EQ(stored_float(text).value, text_as_double(number)) << "it is the same REAL again";
  }
}

/// The triggers have nothing but SQLite's own functions.
TEST(Floats, AreLoggedInEveryDigit) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  const TableSchema schema{"t", {kFloat8}, {0}};
  SQLite::Statement log(database, "SELECT json_extract(" +
                                      sqlite::LocalLog::logged_row(schema, "t") +
                                      ", '$[0]') FROM (SELECT ?1 AS c) AS t");
  for (const double number : sample_doubles(50'000)) {
    log.reset();
    log.bind(1, number);
    ASSERT_TRUE(log.executeStep());
    std::string text;
    const auto value = sqlite::read_logged(log.getColumn(0).getString(), text);
    ASSERT_TRUE(value);
    ASSERT_EQ(value->real, number) << log.getColumn(0).getString();
  }
}

}  // namespace
}  // namespace patchbay::test
