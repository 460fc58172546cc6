// Floats in the files of the durable patterns: numbers for programs that use SQL, with every
// digit in and out, and in files that were made before they were.
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/floats.hpp>

#include "checksum.hpp"
#include "immutable/immutable_pattern.hpp"
#include "plugins/durable_fixture.hpp"
#include "support/sample_floats.hpp"
#include "through-db/through_db_pattern.hpp"

namespace patchbay::test {
namespace {

/// readings(f4 float4, f8 float8, id int8, note text)
const TableSchema& readings() {
  return rows::intern_schema({"readings",
                              {{"f4", "float4", 0, false},
                               {"f8", "float8", 0, false},
                               {"id", "int8", 0, true},
                               {"note", "text", 0, false}},
                              {2}});
}
RowRef reading(const std::string& id, const std::string& four, const std::string& eight) {
  return make_row(readings(), {Cell::of(four), Cell::of(eight), Cell::of(id), Cell::null()});
}
Operation set_f8(const std::string& id, const std::string& text) {
  return {OperationKind::update, make_row(readings(), {Cell{}, Cell{}, Cell::of(id), Cell{}}),
          make_row(readings(), {Cell{}, Cell::of(text), Cell{}, Cell{}})};
}

struct Immutable {
  using Pattern = immutable::ImmutablePattern;
  static constexpr const char* kFile = "immutable.db";
  static constexpr std::int64_t kApplication = 0x50'42'49'4D;
  /// The tables of version 5, with the rows {1, 2} and an unfinished write on 1.
  static constexpr const char* kVersion5 = R"(
DROP VIEW readings; DROP TABLE readings_synced; DROP TABLE readings_local;
CREATE TABLE "readings_synced" ("f4" TEXT, "f8" TEXT, "id" INTEGER, "note" TEXT,
  PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "readings_local" ("f4" TEXT, "f8" TEXT, "id" INTEGER, "note" TEXT,
  patchbay_kind TEXT NOT NULL, patchbay_in_synced INTEGER NOT NULL, patchbay_set INTEGER NOT NULL,
  PRIMARY KEY (patchbay_in_synced, "id")) WITHOUT ROWID;
CREATE VIEW "readings" AS SELECT * FROM readings_synced;
INSERT INTO readings_synced VALUES ('1.1', '-3.110856770650638e-294', 1, NULL),
  ('NaN', '5e-324', 2, NULL);
INSERT INTO readings_local VALUES (NULL, '-1.0403984810874512e+301', 1, NULL, 'changed', 1, 2);
)";
};

struct ThroughDb {
  using Pattern = through_db::ThroughDbPattern;
  static constexpr const char* kFile = "through-db.db";
  static constexpr std::int64_t kApplication = 0x50'42'54'44;
  static constexpr const char* kVersion5 = R"(
DROP TABLE readings; DROP TABLE patchbay_base_readings;
CREATE TABLE "readings" ("f4" TEXT, "f8" TEXT, "id" INTEGER, "note" TEXT, )"
                                           R"(PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "patchbay_base_readings" ("f4" TEXT, "f8" TEXT, "id" INTEGER, "note" TEXT,
  patchbay_absent INTEGER NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
INSERT INTO readings VALUES ('1.1', '-1.0403984810874512e+301', 1, NULL),
  ('NaN', '5e-324', 2, NULL);
INSERT INTO patchbay_base_readings VALUES ('1.1', '-3.110856770650638e-294', 1, NULL, 0);
CREATE INDEX by_note ON readings (note);
)";
};

/// Changes of another program that the host has not taken; the app's own things; the version.
constexpr const char* kWrittenInVersion5 = R"(
CREATE VIEW great AS SELECT id FROM readings WHERE f8 > 0;
CREATE TABLE own (x);
INSERT INTO patchbay_log (tbl, kind, old, new) VALUES ('readings', 'update',
  json_array('=NaN', '=5e-324', '2', NULL), json_array('=NaN', '=0.30000000000000004', '2', NULL));
UPDATE patchbay_format SET version = 5, checksum =
)";

template <typename Side>
class DurableFloats : public DurableFixture<typename Side::Pattern> {
 protected:
  DurableFloats() : DurableFixture<typename Side::Pattern>(Side::kFile) {
    this->knows(readings());
    EXPECT_EQ(this->open(), "");
  }
  /// The server's rows: all of them.
  void follow(const std::vector<RowRef>& rows) {
    BatchSource source;
    source.table = &readings();
    source.reset = true;
    for (const RowRef& row : rows) source.now(row);
    ASSERT_EQ(this->driver_->batch(source), "table readings");
  }
  std::string view() {
    Query query;
    query.table = &readings();
    return this->driver_->view(query);
  }
  std::string sent() { return in_words(this->driver_->effects.sent.back()); }
};

using Sides = testing::Types<Immutable, ThroughDb>;
TYPED_TEST_SUITE(DurableFloats, Sides);

TYPED_TEST(DurableFloats, KeepEveryDigitThatTheServerSends) {
  const std::vector<double> eights = sample_doubles(2'000);
  const std::vector<float> fours = sample_singles(2'000);
  const auto& columns = readings().columns;
  std::vector<RowRef> all;
  std::string expected;
  for (std::size_t at = 0; at < std::min(eights.size(), fours.size()); ++at) {
    const std::string four = sqlite::float_text(columns[0], text_as_double(fours[at]));
    const std::string eight = sqlite::float_text(columns[1], eights[at]);
    all.push_back(reading(std::to_string(at), four, eight));
    expected += (at == 0 ? "" : "  ") + print(*all.back());
  }
  this->follow(all);
  EXPECT_EQ(this->view(), expected);
  EXPECT_EQ(this->rows("SELECT DISTINCT typeof(f4), typeof(f8) FROM readings"), "real:real");
  for (std::size_t at = 0; at < all.size(); at += 97) {
    SQLite::Statement read(this->other(), "SELECT f8 FROM readings WHERE id = ?");
    read.bind(1, static_cast<std::int64_t>(at));
    ASSERT_TRUE(read.executeStep());
    EXPECT_EQ(read.getColumn(0).getDouble(), eights[at]);
  }
}

TYPED_TEST(DurableFloats, SendEveryDigitThatAnotherProgramBinds) {
  this->follow({reading("1", "0", "0")});
  const std::vector<double> eights = sample_doubles(0);
  for (std::size_t at = 0; at < eights.size(); at += 17) {
    SQLite::Statement update(this->other(), "UPDATE readings SET f8 = ? WHERE id = 1");
    update.bind(1, eights[at]);
    update.exec();
    const std::string text = sqlite::float_text(readings().columns[1], eights[at]);
    ASSERT_EQ(this->look(), "update 1:-," + text + ",-");
    ASSERT_EQ(this->view(), "1:0," + text + ",null");
  }
}

TYPED_TEST(DurableFloats, AreComparedSortedAndAddedInSql) {
  this->follow({reading("1", "1.5", "10"), reading("2", "-2", "9"), reading("3", "NaN", "1e+20")});
  EXPECT_EQ(this->rows("SELECT id FROM readings WHERE f8 > 9.5 ORDER BY f8 DESC"), "3  1");
  EXPECT_EQ(this->rows("SELECT sum(f8), min(f8) FROM readings WHERE id < 3"), "19.0:9.0");
  EXPECT_EQ(this->rows("SELECT id FROM readings WHERE f4 = 1.5"), "1");
  EXPECT_EQ(this->rows("SELECT id FROM readings WHERE typeof(f4) = 'real' ORDER BY f4"), "2  1");
  EXPECT_EQ(this->rows("SELECT f4 FROM readings WHERE id = 3"), "NaN");
  EXPECT_EQ(this->sql_then_look("UPDATE readings SET f8 = f8 * 2, f4 = 3 WHERE id = 2"),
            "update 2:3,18,-");
  EXPECT_EQ(this->sql_then_look("UPDATE readings SET f8 = f8, f4 = f4 * 1 WHERE id < 3"), "")
      << "it changes nothing";
}

TYPED_TEST(DurableFloats, ThatAreNotFiniteOrNoDoubleAreToldAsTheyAre) {
  this->follow({reading("1", "NaN", "-Infinity"), reading("2", "1", "2")});
  EXPECT_EQ(this->sql_then_look("UPDATE readings SET f8 = 9e999, f4 = 'NaN' WHERE id = 2"),
            "update 2:NaN,Infinity,-");
  EXPECT_EQ(this->view(), "1:NaN,-Infinity,null  2:NaN,Infinity,null");
  EXPECT_EQ(this->rows("SELECT typeof(f8) FROM readings"), "text  text");
  static_cast<void>(this->driver_->write(7, {set_f8("1", "1e400")}));
  EXPECT_EQ(this->sent(), "update 1:-,1e400,-");
  EXPECT_EQ(this->view(), "1:NaN,1e400,null  2:NaN,Infinity,null") << "and not an infinity";
  static_cast<void>(this->driver_->write(8, {set_f8("1", "0.1000000000000000055511151231257827")}));
  EXPECT_EQ(this->sent(), "update 1:-,0.1000000000000000055511151231257827,-");
}

/// A value that the server will refuse is shown as it was given until then.
TYPED_TEST(DurableFloats, StandBesideWholeNumbersThatAreShownAsTheyWereGiven) {
  const TableSchema& counts = rows::intern_schema(
      {"counts",
       {{"done", "bool", 0, false}, {"id", "int8", 0, true}, {"n", "int8", 0, false}},
       {1}});
  this->knows(counts);
  BatchSource source;
  source.table = &counts;
  source.reset = true;
  source.now(make_row(counts, {Cell::of("true"), Cell::of("1"), Cell::of("5")}));
  ASSERT_EQ(this->driver_->batch(source), "table counts");
  std::uint32_t number = 0;
  for (const char* text : {"9223372036854775808", "-12345678901234567890123", "7.0", "1e1", "x"}) {
    for (const char* done : {"true", "maybe", "1", "2.0"}) {
      const Operation set{OperationKind::update, make_row(counts, {Cell{}, Cell::of("1"), Cell{}}),
                          make_row(counts, {Cell::of(done), Cell{}, Cell::of(text)})};
      static_cast<void>(this->driver_->write(++number, {set}));
      Query query;
      query.table = &counts;
      EXPECT_EQ(this->driver_->view(query), std::string("1:") + done + "," + text);
      static_cast<void>(this->driver_->rejected(number));
      EXPECT_EQ(this->driver_->view(query), "1:true,5");
    }
  }
}

/// SQLite does not keep the sign of a zero in a REAL column; that is not a change.
TYPED_TEST(DurableFloats, ThatAreMinusZeroAreSentAsSuchAndShownAsZero) {
  this->follow({reading("1", "-0", "-0")});
  EXPECT_EQ(this->view(), "1:0,0,null");
  EXPECT_EQ(this->sql_then_look("UPDATE readings SET note = 'x', f8 = -0.0"), "update 1:-,-,x");
  static_cast<void>(this->driver_->write(7, {set_f8("1", "-0")}));
  EXPECT_EQ(this->sent(), "update 1:-,-0,-");
}

TYPED_TEST(DurableFloats, OfAnEarlierVersionBecomeNumbers) {
  this->follow({reading("1", "1.1", "-3.110856770650638e-294"), reading("2", "NaN", "5e-324")});
  static_cast<void>(this->driver_->write(7, {set_f8("1", "-1.0403984810874512e+301")}));
  this->close();
  const std::string sum =
      std::to_string(sqlite::Checksum().add(TypeParam::kApplication).add(5).sum());
  ASSERT_EQ(this->sql(std::string(TypeParam::kVersion5) + kWrittenInVersion5 + sum), "");

  EXPECT_EQ(this->open(), "send 7, send 1000");
  EXPECT_EQ(this->host_.logged.size(), 0U) << this->host_.logged.front();
  EXPECT_EQ(this->rows("SELECT version FROM patchbay_format"), "7");
  EXPECT_EQ(in_words(this->driver_->effects.sent.at(0)), "update 1:-,-1.0403984810874512e+301,-");
  EXPECT_EQ(this->sent(), "update 2:-,0.30000000000000004,-");
  EXPECT_EQ(this->view(), "1:1.1,-1.0403984810874512e+301,null  2:NaN,0.30000000000000004,null");
  EXPECT_EQ(this->rows("SELECT typeof(f4), typeof(f8) FROM readings"), "real:real  text:real");
  EXPECT_EQ(this->rows("SELECT id FROM great"), "2");
  static_cast<void>(this->driver_->rejected(7));
  EXPECT_EQ(this->view(), "1:1.1,-3.110856770650638e-294,null  2:NaN,0.30000000000000004,null");
  EXPECT_EQ(this->sql_then_look("UPDATE readings SET f8 = 2.5 WHERE id = 2"), "update 2:-,2.5,-");
  EXPECT_EQ(this->open(), "restore 7: no, send 1000, send 1001");
}

class ThroughDbVersion5 : public DurableFloats<ThroughDb> {
 protected:
  void make_version_5(const std::string& more) {
    follow({reading("1", "1.1", "2"), reading("2", "NaN", "5e-324")});
    close();
    const std::string sum =
        std::to_string(sqlite::Checksum().add(ThroughDb::kApplication).add(5).sum());
    ASSERT_EQ(sql(ThroughDb::kVersion5 + more + kWrittenInVersion5 + sum), "");
  }
};

TEST_F(ThroughDbVersion5, KeepsThePlainIndexesOfAnApp) {
  make_version_5("");
  EXPECT_EQ(open(), "send 1000");
  EXPECT_EQ(rows("SELECT sql FROM sqlite_schema WHERE name = 'by_note'"),
            "CREATE INDEX by_note ON readings (note)");
}

TEST_F(ThroughDbVersion5, StaysAsItIsUntilWhatAnAppMadeOfATableIsGone) {
  make_version_5("ALTER TABLE readings ADD COLUMN mine TEXT;");
  const std::string told = open();
  EXPECT_NE(told.find("it has columns that the server's table has not (\"mine\")"),
            std::string::npos)
      << told;
  EXPECT_EQ(rows("SELECT version FROM patchbay_format"), "5");
  EXPECT_EQ(sql("ALTER TABLE readings DROP COLUMN mine"), "");
  EXPECT_EQ(open(), "send 1000");
  EXPECT_EQ(rows("SELECT typeof(f8) FROM readings WHERE id = 1"), "real");
}

}  // namespace
}  // namespace patchbay::test
