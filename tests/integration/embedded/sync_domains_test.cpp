// Domains through the sync service: a column of a domain, or of a domain of one, reads as a column
// of the type they are made of, in the schema, the snapshot and the log, for every type.
#include <map>

#include "rows/value_text.hpp"
#include "sync_fixture.hpp"

namespace patchbay::test {
namespace {

/// Type, and a value whose spellings differ wherever they can.
const std::map<std::string, std::string> kValues{{"boolean", "true"},
                                                 {"smallint", "-7"},
                                                 {"integer", "7"},
                                                 {"bigint", "9007199254740993"},
                                                 {"numeric(12,3)", "1.10"},
                                                 {"real", "0.1"},
                                                 {"double precision", "1e-300"},
                                                 {"text", "t"},
                                                 {"char(5)", "ab"},
                                                 {"varchar(5)", "ab"},
                                                 {"uuid", "0190AAAA-0000-7000-8000-000000000001"},
                                                 {"inet", "10.0.0.1"},
                                                 {"json", "{\"a\" : 1}"},
                                                 {"jsonb", "{\"a\" : 1}"},
                                                 {"bytea", "\\x00ff"},
                                                 {"date", "2026-01-02"},
                                                 {"timestamptz", "2026-01-02 03:04:05+06"},
                                                 {"interval", "1 day 02:00"},
                                                 {"bit(3)", "101"},
                                                 {"integer[]", "{1,2}"},
                                                 {"boolean[]", "{t,f}"}};

class SyncDomains : public SyncTest {
 protected:
  /// A table with columns of the type, a domain of it, a domain of that, and arrays of all three.
  void make_table(const std::string& type) {
    table_ = "t" + std::to_string(++tables_);
    sql_.run("create domain one as " + type + "; create domain two as one;" + "create table " +
             table_ + " (id int primary key, plain " + type + ", one one, two two, list " + type +
             "[], list_one one[], list_two two[])");
    insert(1, type);
  }
  void insert(int id, const std::string& type) {
    const std::string value = "'" + kValues.at(type) + "'::" + type;
    const std::string list = type.ends_with("]") ? "null" : "array[" + value + "]";
    sql_.run("insert into " + table_ + " values (" + std::to_string(id) + "," + value + "," +
             value + "," + value + "," + list + "," + list + "::one[]," + list + "::one[]::two[])");
  }
  static Json row(const net::HttpResponse& answer) {
    for (const Json& message : Json::parse(answer.body)) {
      if (message.contains("value")) return message["value"];
    }
    return {};
  }
  /// The value as the parser of the stream stores it.
  static std::string stored(const Json& schema, const std::string& column, const Json& row) {
    const Column described{column, schema[column]["type"].get<std::string>(),
                           schema[column].value("dims", 0U), false};
    if (row[column].is_null()) return "null";
    return std::string(
        rows::canonical_text(rows::spelling_of(described), row[column].get<std::string>()));
  }

  std::string table_;
  int tables_ = 0;
};

TEST_F(SyncDomains, ReadAsTheTypeTheyAreMadeOf) {
  start();
  for (const auto& [type, value] : kValues) {
    SCOPED_TRACE(type);
    make_table(type);
    const auto snapshot = get("/v1/shape?table=" + table_ + "&offset=-1");
    ASSERT_EQ(snapshot.status, 200) << snapshot.body;
    insert(2, type);
    settle();
    const auto log = get(next(table_, snapshot));
    const Json schema = Json::parse(snapshot.headers.get("electric-schema"));
    const Json first = row(snapshot);
    const Json second = row(log);
    for (const char* kind : {"", "list_"}) {
      const bool is_list = *kind != '\0';
      if (is_list && type.ends_with("]")) continue;  // arrays of arrays: another type than T[][]
      const std::string plain = is_list ? "list" : "plain";
      for (const char* domain : {"one", "two"}) {
        const std::string name = std::string(kind) + domain;
        EXPECT_EQ(schema[name]["type"], schema[plain]["type"]) << name;
        EXPECT_EQ(schema[name].value("dims", 0), schema[plain].value("dims", 0)) << name;
        EXPECT_EQ(first[name], first[plain]) << name;
        EXPECT_EQ(second[name], second[plain]) << name;
      }
    }
    for (const auto& [name, cell] : first.items()) {
      if (name == "id") continue;
      EXPECT_EQ(stored(schema, name, first), stored(schema, name, second)) << name;
    }
    sql_.run("drop table " + table_ + "; drop domain two; drop domain one");
  }
}

}  // namespace
}  // namespace patchbay::test
