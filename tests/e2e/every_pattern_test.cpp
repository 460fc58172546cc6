// Properties of any table under any pattern: every column type byte for byte in both directions
// (the values of a recording of Electric), composite keys, another schema, several tables together.
#include <gtest/gtest.h>

#include <fstream>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "e2e/sqlite_file.hpp"
#include "support/eventually.hpp"
#include "support/sample_floats.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTables = R"sql(
CREATE TYPE mood AS enum ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS int4 CHECK (value > 0);
CREATE TABLE types (id int8 PRIMARY KEY, i2 int2, i4 int4, i8 int8, num numeric,
  num2 numeric(10,2), f4 float4, f8 float8, b bool, txt text, vc varchar(20), ch char(5), by bytea,
  js json, jb jsonb, d date, tm time, tmtz timetz, ts timestamp, tstz timestamptz, iv interval,
  u uuid, ia int4[], ta text[], ia2 int4[][], ba bool[], tsa timestamptz[], en mood, dom positive,
  inet inet, pt point, tsv tsvector, rng int4range, vb bit varying(8), mac macaddr, x xml);
CREATE TABLE places (country text, number int4, name text, PRIMARY KEY (country, number));
CREATE TABLE floats (id int8 PRIMARY KEY, f4 float4, f8 float8);
CREATE SCHEMA app;
CREATE TABLE app.items (id uuid PRIMARY KEY, title text NOT NULL, "odd ""name""" text);
CREATE TABLE parents (id int8 PRIMARY KEY, name text NOT NULL);
CREATE TABLE children (id int8 PRIMARY KEY, parent_id int8 NOT NULL REFERENCES parents);
)sql";

constexpr const char* kSynced[] = {"types", "places", "floats", "parents", "children", "app.items"};
const std::vector<std::string> kPatterns = {"online", "optimistic", "immutable", "through-db"};

/// The rows of the recording, as the stream spells them.
Json recorded_rows() {
  std::ifstream file(PATCHBAY_SOURCE_DIR "/tests/data/electric/13-column-types.json");
  const Json recording = Json::parse(file);
  for (const Json& step : recording.at("steps")) {
    if (step.at("note") != "initial snapshot") continue;
    Json rows = Json::array();
    for (const Json& message : Json::parse(step.at("body").get<std::string>())) {
      if (message.contains("value")) rows.push_back(message.at("value"));
    }
    return rows;
  }
  throw std::runtime_error("the recording has no snapshot");
}

std::string literal(const Json& value) {
  if (value.is_null()) return "NULL";
  std::string text = "'";
  for (const char c : value.get<std::string>()) text += c == '\'' ? "''" : std::string(1, c);
  return text + "'";
}

std::string insertion(Json row, const std::string& id) {
  row["id"] = id;
  std::string columns;
  std::string values;
  for (const auto& [column, value] : row.items()) {
    columns += (columns.empty() ? "\"" : ", \"") + column + "\"";
    values += (values.empty() ? "" : ", ") + literal(value);
  }
  return "INSERT INTO types (" + columns + ") VALUES (" + values + ");";
}

/// The recorded row as the local API shows it: booleans are JSON's, and a char(5) has no blanks at
/// its end, which its type does not count.
Json as_shown(Json row, const std::string& id) {
  row["id"] = id;
  if (row["ch"] == "ch   ") row["ch"] = "ch";
  if (!row["b"].is_null()) row["b"] = row["b"] == "true";
  return row;
}

class EveryPattern : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(
        kTables, std::vector<std::string>(std::begin(kSynced), std::end(kSynced)));
    SqlSession sql(deployment_->database());
    for (const Json& row : recorded_rows()) sql.run(insertion(row, row.at("id")));
    host_ = deployment_->start_host(*deployment_ / "host", kPatterns);
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  static void TearDownTestSuite() {
    api_.reset();
    host_.reset();
    deployment_.reset();
  }
  void SetUp() override {
    for (const char* table : kSynced) {
      ASSERT_TRUE(api_->is_ready(table)) << table;
    }
  }

  /// The one row that a condition finds in a pattern's view; null when there is none.
  static Json row(const std::string& pattern, const std::string& table, const std::string& where) {
    const Answer answer = api_->get("/api/patterns/" + pattern + "/rows/" + table + "?" + where);
    if (answer.status != 200 || answer.body.at("rows").size() != 1) return nullptr;
    return answer.body.at("rows")[0].at("values");
  }
  static void expect_in_every_view(const std::string& table, const std::string& where,
                                   const Json& expected) {
    for (const std::string& pattern : kPatterns) {
      Json seen;
      ASSERT_TRUE(eventually([&] {
        seen = row(pattern, table, where);
        return seen == expected;
      })) << pattern
          << " differs: " << Json::diff(expected, seen);
    }
  }
  static void write(const std::string& pattern, const Json& operations) {
    const Answer answer =
        api_->post("/api/patterns/" + pattern + "/writes", Json{{"operations", operations}}.dump());
    ASSERT_EQ(answer.status, 200) << pattern << answer.body;
    ASSERT_TRUE(api_->becomes("confirmed", pattern, write_id_of(answer)))
        << pattern << api_->get("/api/patterns/" + pattern + "/rejected").body;
  }
  /// All columns but the id, as PostgreSQL spells them.
  std::string stored_types(const std::string& id) {
    return sql_.value(
        "SELECT (to_jsonb(types) - 'id')::text || (types.js, types.x)::text "
        "FROM types WHERE id = " +
        id);
  }

  inline static std::unique_ptr<Deployment> deployment_;
  inline static std::unique_ptr<HostProcess> host_;
  inline static std::unique_ptr<LocalApi> api_;
  SqlSession sql_{deployment_->database()};
};

TEST_F(EveryPattern, ShowsEveryTypeAsTheServerHasIt) {
  for (const Json& recorded : recorded_rows()) {
    const std::string id = recorded.at("id");
    expect_in_every_view("types", "id=eq." + id, as_shown(recorded, id));
    sql_.run(insertion(recorded, "1" + id));  // those came in a snapshot, this comes as a change
    expect_in_every_view("types", "id=eq.1" + id, as_shown(recorded, "1" + id));
  }
}

TEST_F(EveryPattern, WritesEveryTypeAsItWasGiven) {
  int number = 100;
  for (const Json& recorded : recorded_rows()) {
    for (const std::string& pattern : kPatterns) {
      const std::string id = std::to_string(++number);
      Json value = as_shown(recorded, id);
      write(pattern, {{{"operation", "insert"}, {"table", "types"}, {"value", value}}});
      EXPECT_EQ(stored_types(id), stored_types(recorded.at("id"))) << pattern;
      expect_in_every_view("types", "id=eq." + id, value);
    }
  }
}

TEST_F(EveryPattern, ChangesEveryTypeToNullAndBack) {
  const Json full = recorded_rows().at(0);
  int number = 200;
  for (const std::string& pattern : kPatterns) {
    const std::string id = std::to_string(++number);
    Json value = as_shown(full, id);
    write(pattern, {{{"operation", "insert"}, {"table", "types"}, {"value", value}}});
    Json set = value;
    set.erase("id");
    Json empty = set;
    for (auto& [column, cell] : empty.items()) cell = nullptr;
    write(pattern,
          {{{"operation", "update"}, {"table", "types"}, {"key", {{"id", id}}}, {"value", empty}}});
    Json shown = empty;
    shown["id"] = id;
    expect_in_every_view("types", "id=eq." + id, shown);
    write(pattern,
          {{{"operation", "update"}, {"table", "types"}, {"key", {{"id", id}}}, {"value", set}}});
    expect_in_every_view("types", "id=eq." + id, value);
    EXPECT_EQ(stored_types(id), stored_types("1")) << pattern;
  }
}

/// The number of samples that a test of whole processes has time for.
struct SomeFloats {
  std::vector<float> fours;
  std::vector<double> eights;

  SomeFloats() {
    const std::vector<float> all_fours = sample_singles(100);
    const std::vector<double> all_eights = sample_doubles(100);
    constexpr std::size_t kStep = 67;
    for (std::size_t at = 0; at < all_eights.size(); at += kStep) {
      eights.push_back(all_eights[at]);
      fours.push_back(all_fours[at % all_fours.size()]);
    }
  }
};

/// The numbers that the server and each pattern have, from one id on.
class FloatsArrived {
 public:
  FloatsArrived(LocalApi& api, SqlSession& sql, const SomeFloats& sent)
      : api_(api), sql_(sql), sent_(sent) {}

  void expect(std::size_t first, const std::string& by) {
    const std::string last = std::to_string(first + sent_.eights.size());
    const std::string range = "id >= " + std::to_string(first) + " AND id < " + last;
    const std::string count = std::to_string(sent_.eights.size());
    ASSERT_TRUE(eventually([&] {
      return sql_.value("SELECT count(*) FROM floats WHERE " + range) == count;
    })) << by;
    const Json stored = Json::parse(
        sql_.value("SELECT json_agg(json_build_object('id', id::text, 'f4', f4::text, 'f8', "
                   "f8::text) ORDER BY id) FROM floats WHERE " +
                   range));
    for (std::size_t at = 0; at < sent_.eights.size(); ++at) {
      EXPECT_EQ(number_of<double>(stored[at]["f8"].get<std::string>()), sent_.eights[at]) << by;
      EXPECT_EQ(number_of<float>(stored[at]["f4"].get<std::string>()), sent_.fours[at]) << by;
    }
    const std::string where = "id=ge." + std::to_string(first) + "&id=lt." + last;
    for (const std::string& pattern : kPatterns) {
      Json seen;
      EXPECT_TRUE(eventually([&] {
        seen = rows(pattern, where);
        return seen == stored;
      })) << by
          << " in " << pattern << Json::diff(stored, seen);
    }
  }

 private:
  Json rows(const std::string& pattern, const std::string& where) {
    const Answer answer =
        api_.get("/api/patterns/" + pattern + "/rows/floats?order=id&limit=1000&" + where);
    if (answer.status != 200) return answer.body;
    Json all = Json::array();
    for (const Json& row : answer.body.at("rows")) all.push_back(row.at("values"));
    return all;
  }

  LocalApi& api_;
  SqlSession& sql_;
  const SomeFloats& sent_;
};

TEST_F(EveryPattern, BringsEveryDigitOfAFloatByEveryWayOfWriting) {
  const SomeFloats sent;
  FloatsArrived arrived(*api_, sql_, sent);
  std::size_t first = 0;
  for (const std::string& pattern : kPatterns) {
    Json operations = Json::array();
    Json values = Json::array();
    for (std::size_t at = 0; at < sent.eights.size(); ++at) {
      const Json value = {{"id", std::to_string(first + at)},
                          {"f4", shortest_text(sent.fours[at])},
                          {"f8", shortest_text(sent.eights[at])}};
      operations.push_back({{"operation", "insert"}, {"table", "floats"}, {"value", value}});
      values.push_back({1'000'000 + first + at, text_as_double(sent.fours[at]), sent.eights[at]});
    }
    write(pattern, operations);
    arrived.expect(first, "the API of " + pattern);
    if (pattern == "immutable" || pattern == "through-db") {
      SqliteFile(host_->place(pattern + " file"))
          .run_in_python("INSERT INTO floats (id, f4, f8) VALUES (?, ?, ?)", values);
      arrived.expect(1'000'000 + first, "SQL in " + pattern);
    }
    first += sent.eights.size();
  }
}

TEST_F(EveryPattern, TellsARefusedValueAsItWasSent) {
  const std::vector<std::pair<std::string, std::string>> sent{{"b", "\"yes\""},
                                                              {"b", "\"maybe\""},
                                                              {"b", "\"1\""},
                                                              {"i2", "\"7.0\""},
                                                              {"i2", "\"x\""},
                                                              {"i8", "\"9223372036854775808\""},
                                                              {"i8", "\"12345678901234567890123\""},
                                                              {"f4", "\"1e39\""},
                                                              {"f8", "\"1e400\""},
                                                              {"num2", "\"99999999999\""},
                                                              {"ch", "\"toolong\""},
                                                              {"by", "\"\\\\xzz\""},
                                                              {"js", "\"{ bad\""},
                                                              {"d", "\"2023-02-29\""},
                                                              {"u", "\"{AAAAAAAA}\""},
                                                              {"ia", "\"{1,02,x}\""},
                                                              {"tstz", "\"no time\""}};
  int number = 5'000;
  for (const std::string& pattern : kPatterns) {
    for (const auto& [column, text] : sent) {
      const Json value = {{"id", std::to_string(++number)}, {column, Json::parse(text)}};
      const Json operation = {{"operation", "insert"}, {"table", "types"}, {"value", value}};
      const Answer answer = api_->post("/api/patterns/" + pattern + "/writes",
                                       Json{{"operations", {operation}}}.dump());
      const std::string write = write_id_of(answer);
      ASSERT_TRUE(api_->becomes("rejected", pattern, write)) << pattern << answer.body;
      const std::string place = "/api/patterns/" + pattern;
      const Json told = api_->get(place + "/writes/" + write).body;
      EXPECT_EQ(told.at("operations")[0].at("value"), value) << pattern;
      const Json kept = api_->get(place + "/rejected").body;
      EXPECT_NE(kept.dump().find(value.dump()), std::string::npos) << pattern << kept;
      EXPECT_EQ(api_->remove(place + "/rejected/" + write).status, 200) << pattern;
    }
  }
}

TEST_F(EveryPattern, TellsTheKeyOfARefusedWriteAsItWasSentOrAsTheServerSpellsIt) {
  struct Key {
    const char* table;
    const char* set;
    Json sent;
    Json told;
  };
  const Json odd = "a/b,\"c\"%.d'\xC3\xA9\n";
  const std::vector<Key> keys{
      {"app.items",
       "title",
       {{"id", "{0190AAAA00007000800000000000FFFF}"}},
       {{"id", "0190aaaa-0000-7000-8000-00000000ffff"}}},
      {"places",
       "name",
       {{"country", odd}, {"number", "+007"}},
       {{"country", odd}, {"number", "7"}}},
      {"places",
       "name",
       {{"country", ""}, {"number", "9223372036854775808"}},
       {{"country", ""}, {"number", "9223372036854775808"}}},
      {"floats", "f4", {{"id", 9007199254740993}}, {{"id", "9007199254740993"}}},
      {"types", "txt", {{"id", "x"}}, {{"id", "x"}}}};
  for (const std::string& pattern : kPatterns) {
    for (const Key& key : keys) {
      const Json operation = {{"operation", "update"},
                              {"table", key.table},
                              {"key", key.sent},
                              {"value", {{key.set, "1"}}}};
      const std::string place = "/api/patterns/" + pattern;
      const Answer answer = api_->post(place + "/writes", Json{{"operations", {operation}}}.dump());
      const std::string write = write_id_of(answer);
      ASSERT_TRUE(api_->becomes("rejected", pattern, write)) << pattern << answer.body;
      const Json told = api_->get(place + "/writes/" + write).body;
      EXPECT_EQ(told.at("operations")[0].at("key"), key.told) << pattern;
      EXPECT_EQ(api_->remove(place + "/rejected/" + write).status, 200) << pattern;
    }
  }
}

TEST_F(EveryPattern, KnowsARowByAKeyOfSeveralColumns) {
  for (const std::string& pattern : kPatterns) {
    const std::string country = pattern + "/x, \"y\"";
    const Json key = {{"country", country}, {"number", "007"}};
    write(pattern, {{{"operation", "insert"},
                     {"table", "places"},
                     {"value", {{"country", country}, {"number", 7}, {"name", "first"}}}}});
    write(pattern, {{{"operation", "update"},
                     {"table", "places"},
                     {"key", key},
                     {"value", {{"name", "second"}}}}});
    const std::string where = "number=eq.7&name=eq.second";
    expect_in_every_view("places", where,
                         {{"country", country}, {"number", "7"}, {"name", "second"}});
    // The key itself is changed: one UPDATE, which leaves nothing at the old key.
    write(
        pattern,
        {{{"operation", "update"}, {"table", "places"}, {"key", key}, {"value", {{"number", 8}}}}});
    EXPECT_EQ(sql_.value("SELECT number || name FROM places"), "8second") << pattern;
    expect_in_every_view("places", where, nullptr);
    write(pattern, {{{"operation", "delete"},
                     {"table", "places"},
                     {"key", {{"country", country}, {"number", 8}}}}});
    for (const std::string& reader : kPatterns) {
      EXPECT_EQ(api_->shows("", reader, "places", "name"), "") << reader;
    }
    EXPECT_EQ(sql_.value("SELECT count(*) FROM places"), "0");
  }
}

TEST_F(EveryPattern, WritesATableOfAnotherSchema) {
  int number = 0;
  for (const std::string& pattern : kPatterns) {
    const std::string id = "0190aaaa-0000-7000-8000-00000000000" + std::to_string(++number);
    const Json value = {{"id", id}, {"title", pattern}, {"odd \"name\"", "x"}};
    write(pattern, {{{"operation", "insert"}, {"table", "app.items"}, {"value", value}}});
    expect_in_every_view("app.items", "id=eq." + id, value);
    EXPECT_EQ(sql_.value("SELECT title FROM app.items WHERE id = '" + id + "'"), pattern);
  }
}

TEST_F(EveryPattern, WritesSeveralTablesAllOrNothing) {
  int number = 0;
  for (const std::string& pattern : kPatterns) {
    const std::string id = std::to_string(++number);
    const Json parent = {
        {"operation", "insert"}, {"table", "parents"}, {"value", {{"id", id}, {"name", pattern}}}};
    const Json child = {
        {"operation", "insert"}, {"table", "children"}, {"value", {{"id", id}, {"parent_id", id}}}};
    write(pattern, {parent, child});
    expect_in_every_view("parents", "id=eq." + id, {{"id", id}, {"name", pattern}});
    expect_in_every_view("children", "id=eq." + id, {{"id", id}, {"parent_id", id}});

    const std::string other = std::to_string(++number);
    const Json lost = {{"operation", "insert"},
                       {"table", "parents"},
                       {"value", {{"id", other}, {"name", nullptr}}}};
    const Json with_it = {{"operation", "delete"}, {"table", "children"}, {"key", {{"id", id}}}};
    const Answer refused = api_->post("/api/patterns/" + pattern + "/writes",
                                      Json{{"operations", {with_it, lost}}}.dump());
    EXPECT_TRUE(api_->becomes("rejected", pattern, write_id_of(refused))) << refused.body;
    expect_in_every_view("children", "id=eq." + id, {{"id", id}, {"parent_id", id}});
    EXPECT_EQ(sql_.value("SELECT count(*) FROM children WHERE id = " + id), "1") << pattern;
  }
}

}  // namespace
}  // namespace patchbay::test
