// A change of the server's table that is undone, with writes unfinished all the while: every
// pattern shows the server's rows again, sends what it has, and takes new writes, without a
// restart.
#include <gtest/gtest.h>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

/// Longer than the longest pause between two tries.
constexpr std::chrono::seconds kWait{60};
const std::vector<std::string> kPatterns = {"online", "optimistic", "immutable", "through-db"};

struct Undone {
  std::string table;
  std::string change;
  std::string undo;
  bool has_rows = true;  ///< While it is changed, under that name.
};

const char* const kColumns =
    "(id int8 PRIMARY KEY, title text NOT NULL, note text, number int4 NOT NULL)";

std::vector<Undone> all_undone() {
  const auto alter = [](const std::string& table, const std::string& how) {
    return "ALTER TABLE " + table + " " + how;
  };
  return {
      {"retyped", alter("retyped", "ALTER number TYPE text USING number || ' pieces'"),
       alter("retyped",
             "ALTER number TYPE int4 USING regexp_replace(number, '\\D', '', 'g')::int4")},
      {"dropped", alter("dropped", "DROP COLUMN note"), alter("dropped", "ADD COLUMN note text")},
      {"renamed", alter("renamed", "RENAME COLUMN note TO remark"),
       alter("renamed", "RENAME COLUMN remark TO note")},
      {"rekeyed", alter("rekeyed", "DROP CONSTRAINT rekeyed_pkey, ADD PRIMARY KEY (number, id)"),
       alter("rekeyed", "DROP CONSTRAINT rekeyed_pkey, ADD PRIMARY KEY (id)")},
      {"keyless", alter("keyless", "DROP CONSTRAINT keyless_pkey"),
       alter("keyless", "ADD PRIMARY KEY (id)"), false},
      {"away", alter("away", "RENAME TO elsewhere"), alter("elsewhere", "RENAME TO away"), false},
      {"remade", "DROP TABLE remade", std::string("CREATE TABLE remade ") + kColumns, false},
      {"closed", alter("closed", "SET SCHEMA hidden"),
       "ALTER TABLE hidden.closed SET SCHEMA public", false}};
}

std::string setup() {
  std::string sql = "CREATE SCHEMA hidden; ";
  for (const Undone& one : all_undone()) {
    sql += "CREATE TABLE " + one.table + " " + kColumns + "; INSERT INTO " + one.table +
           " VALUES (1, 'one', 'note', 1); ";
  }
  return sql;
}

std::vector<std::string> tables() {
  std::vector<std::string> names;
  for (const Undone& one : all_undone()) names.push_back(one.table);
  return names;
}

class SchemaUndo : public testing::Test {
 protected:
  SchemaUndo() {
    for (const std::string& table : tables()) EXPECT_TRUE(api_.is_ready(table)) << table;
  }
  Answer insert(const std::string& pattern, const std::string& table) {
    const std::string id = std::to_string(++id_);
    return api_.write(pattern, R"("operation":"insert","table":")" + table + R"(","value":{"id":)" +
                                   id + R"(,"title":"own","number":)" + id + "}");
  }
  /// The server's word of a row, so that the stream moves.
  void move(const std::string& table, const std::string& title) {
    sql_.run("INSERT INTO " + table + " (id, title, number) VALUES (" + std::to_string(++id_) +
             ", '" + title + "', '7')");
  }
  void expect_shown(const std::string& table, const std::string& title) {
    for (const std::string& pattern : kPatterns) {
      EXPECT_TRUE(eventually(
          [&] { return api_.column(pattern, table, "title").find(title) < 10'000; }, kWait))
          << pattern << " " << table << api_.get("/api/status").body;
    }
  }
  void expect_the_servers_rows(const std::string& pattern, const std::string& table) {
    const std::string rows =
        sql_.value("SELECT string_agg(title, ' ' ORDER BY title) FROM " + table);
    EXPECT_EQ(api_.shows(rows, pattern, table, "title"), rows) << pattern << " " << table;
  }

  Deployment deployment_{setup(), tables()};
  std::unique_ptr<HostProcess> host_ = deployment_.start_host(deployment_ / "host", kPatterns);
  LocalApi api_{host_->place("page")};
  SqlSession sql_{deployment_.database()};
  int id_ = 10;
};

TEST_F(SchemaUndo, LetsEveryPatternContinue) {
  deployment_.stop_backend();
  std::vector<std::pair<std::string, std::string>> writes;  // pattern, id
  for (const std::string& table : tables()) {
    for (const std::string pattern : {"optimistic", "immutable", "through-db"}) {
      writes.emplace_back(pattern, write_id_of(insert(pattern, table)));
    }
  }
  for (const Undone& one : all_undone()) {
    sql_.run(one.change);
    if (one.has_rows) move(one.table, "changed");
  }
  for (const Undone& one : all_undone()) {
    if (one.has_rows) {
      expect_shown(one.table, "changed");
    } else {
      EXPECT_TRUE(eventually([&] { return api_.stream(one.table) != "live"; })) << one.table;
    }
  }
  for (const Undone& one : all_undone()) {
    sql_.run(one.undo);
    move(one.table, "undone");
  }
  for (const std::string& table : tables()) expect_shown(table, "undone");
  deployment_.start_backend();
  for (const std::string& table : tables()) {
    for (const std::string& pattern : kPatterns) {
      const Answer answer = insert(pattern, table);
      writes.emplace_back(pattern, write_id_of(answer));
      EXPECT_EQ(answer.status, 200) << pattern << " " << table << answer.body;
    }
  }
  for (const auto& [pattern, id] : writes) {
    EXPECT_TRUE(eventually([&] { return api_.state(pattern, id) == "confirmed"; }, kWait))
        << pattern << api_.get("/api/patterns/" + pattern + "/writes/" + id).body;
  }
  for (const std::string& table : tables()) {
    for (const std::string& pattern : kPatterns) expect_the_servers_rows(pattern, table);
  }
}

}  // namespace
}  // namespace patchbay::test
