// A key of every type: each pattern inserts, changes and removes the row, and every view and the
// events name the row as the server spells its key.
#include <gtest/gtest.h>

#include <array>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "integration/embedded/sql_session.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

struct KeyType {
  const char* type;
  const char* key;    ///< As PostgreSQL spells the value.
  const char* other;  ///< Another value of the type.
};

constexpr std::array<KeyType, 17> kTypes{{
    {"int2", "-32768", "7"},
    {"int4", "0", "2147483647"},
    {"int8", "9007199254740993", "-1"},
    {"numeric", "1.10", "100000000000000000000000000000.5"},
    {"float8", "0.1", "1e+300"},
    {"text", "a/b ?c=%25&\"d'", "é\tü"},
    {"varchar(9)", "", " x "},
    {"uuid", "0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-00000000000f"},
    {"bool", "true", "false"},
    {"bytea", "\\x00ff", "\\x"},
    {"date", "2026-11-29", "0044-03-15 BC"},
    {"time", "10:00:00.123456", "24:00:00"},
    {"timestamp", "2026-11-29 10:00:00.5", "infinity"},
    {"timestamptz", "2026-11-29 10:00:00.000001+00", "1900-01-01 00:00:00+00"},
    {"inet", "10.0.0.1", "fe80::1/64"},
    {"mood", "ok", "sad"},
    {"positive", "7", "8"},
}};
const std::vector<std::string> kPatterns = {"online", "optimistic", "immutable", "through-db"};

std::string table_of(std::size_t index) {
  return "key_" + std::to_string(index);
}

std::vector<std::string> tables() {
  std::vector<std::string> names;
  for (std::size_t index = 0; index < kTypes.size(); ++index) names.push_back(table_of(index));
  return names;
}

std::string setup() {
  std::string sql =
      "CREATE TYPE mood AS enum ('sad', 'ok'); CREATE DOMAIN positive AS int4 CHECK (value > 0);";
  for (std::size_t index = 0; index < kTypes.size(); ++index) {
    sql += "CREATE TABLE " + table_of(index) + " (id " + kTypes.at(index).type +
           " PRIMARY KEY, note text);";
  }
  return sql;
}

/// A key as the local API shows it.
Json shown(const KeyType& type, const char* key) {
  if (std::string(type.type) == "bool") return std::string(key) == "true";
  return key;
}

class KeyTypes : public testing::Test {
 protected:
  /// Sends one write with an operation for each table.
  template <typename Make>
  void write(const std::string& pattern, const Make& make) {
    Json operations = Json::array();
    for (std::size_t index = 0; index < kTypes.size(); ++index) {
      Json operation = make(kTypes.at(index));
      operation["table"] = table_of(index);
      operations.push_back(std::move(operation));
    }
    const Answer answer =
        api_.post("/api/patterns/" + pattern + "/writes", Json{{"operations", operations}}.dump());
    ASSERT_EQ(answer.status, 200) << pattern << answer.body;
    ASSERT_TRUE(api_.becomes("confirmed", pattern, write_id_of(answer)))
        << pattern << api_.get("/api/patterns/" + pattern + "/rejected").body;
  }
  /// Every view has one row in each table, with this key and note.
  void expect_rows(const char* KeyType::*key, const std::string& note) {
    for (const std::string& pattern : kPatterns) {
      for (std::size_t index = 0; index < kTypes.size(); ++index) {
        const KeyType& type = kTypes.at(index);
        Json rows;
        const auto is_there = [&] {
          rows = api_.get("/api/patterns/" + pattern + "/rows/" + table_of(index)).body.at("rows");
          return rows.size() == 1 &&
                 rows[0].at("values") == Json{{"id", shown(type, type.*key)}, {"note", note}};
        };
        ASSERT_TRUE(eventually(is_there)) << pattern << " " << type.type << " " << rows;
      }
    }
  }
  void expect_none() {
    for (const std::string& pattern : kPatterns) {
      for (const std::string& table : tables()) {
        EXPECT_EQ(api_.shows("", pattern, table, "note"), "") << pattern << " " << table;
      }
    }
  }

  Deployment deployment_{setup(), tables()};
  std::unique_ptr<HostProcess> host_ = deployment_.start_host(deployment_ / "host", kPatterns);
  LocalApi api_{host_->place("page")};
};

TEST_F(KeyTypes, AreKnownByEveryPatternOnEveryWay) {
  for (const std::string& table : tables()) ASSERT_TRUE(api_.is_ready(table)) << table;
  for (const std::string& pattern : kPatterns) {
    write(pattern, [](const KeyType& type) {
      return Json{{"operation", "insert"},
                  {"value", {{"id", shown(type, type.key)}, {"note", "new"}}}};
    });
    expect_rows(&KeyType::key, "new");
    write(pattern, [](const KeyType& type) {
      return Json{{"operation", "update"},
                  {"key", {{"id", shown(type, type.key)}}},
                  {"value", {{"note", "changed"}}}};
    });
    expect_rows(&KeyType::key, "changed");
    // The row moves to another key: one UPDATE, which leaves nothing at the old key.
    write(pattern, [](const KeyType& type) {
      return Json{{"operation", "update"},
                  {"key", {{"id", shown(type, type.key)}}},
                  {"value", {{"id", shown(type, type.other)}}}};
    });
    expect_rows(&KeyType::other, "changed");
    write(pattern, [](const KeyType& type) {
      return Json{{"operation", "delete"}, {"key", {{"id", shown(type, type.other)}}}};
    });
    expect_none();
  }
}

TEST_F(KeyTypes, AreSpelledByTheServerForWhatAnotherProgramWrites) {
  for (const std::string& table : tables()) ASSERT_TRUE(api_.is_ready(table)) << table;
  SqlSession sql(deployment_.database());
  for (std::size_t index = 0; index < kTypes.size(); ++index) {
    std::string key;
    for (const char c : std::string(kTypes.at(index).key))
      key += c == '\'' ? "''" : std::string(1, c);
    sql.run("INSERT INTO " + table_of(index) + " VALUES ('" + key + "', 'theirs')");
  }
  expect_rows(&KeyType::key, "theirs");
  for (const std::string& table : tables()) sql.run("DELETE FROM " + table);
  expect_none();
}

}  // namespace
}  // namespace patchbay::test
