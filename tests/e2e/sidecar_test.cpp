// Other programs on a pattern's file, while `patchbay run` runs and while it does not: what they
// write in SQL arrives in PostgreSQL, exactly once.
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "e2e/sqlite_file.hpp"
#include "integration/embedded/sql_session.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

/// Each change of a row that PostgreSQL commits leaves a line.
constexpr const char* kSetup = R"sql(
CREATE TABLE IF NOT EXISTS todos (id uuid PRIMARY KEY, title text NOT NULL,
  completed boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS notes (id int PRIMARY KEY, todo uuid REFERENCES todos,
  stars int CHECK (stars < 6));
CREATE TABLE IF NOT EXISTS applied (number serial, what text);
CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.applied (what) VALUES (lower(left(TG_OP, 3)) || ':' ||
    CASE WHEN TG_OP = 'DELETE' THEN OLD.title ELSE NEW.title END);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON todos
  FOR EACH ROW EXECUTE FUNCTION note();
)sql";

std::string id(int number) {
  return "'0190aaaa-0000-7000-8000-00000000000" + std::to_string(number) + "'";
}
std::string insert(int number, const std::string& title) {
  return "INSERT INTO todos (id, title, completed) VALUES (" + id(number) + ", '" + title + "', 0)";
}
std::string retitle(int number, const std::string& title) {
  return "UPDATE todos SET title = '" + title + "' WHERE id = " + id(number);
}
std::string removal(int number) {
  return "DELETE FROM todos WHERE id = " + id(number);
}

class Sidecar : public testing::Test {
 protected:
  void SetUp() override {
    setup_ = directory_.file("setup.sql", kSetup);
    config_ = directory_.file(
        "patchbay.toml",
        "tables = [\"todos\", \"notes\"]\n[database]\nsetup_sql = \"" + setup_ + "\"\n");
    start();
  }
  void start() {
    host_ = std::make_unique<HostProcess>(run_in(directory_ / "host", {"--config", config_}));
    api_ = std::make_unique<LocalApi>(host_->place("page"));
    ASSERT_TRUE(api_->is_ready("todos"));
  }
  [[nodiscard]] SqliteFile file(const std::string& pattern) const {
    return SqliteFile(directory_ / ("host/patterns/" + pattern + "/" + pattern + ".db"));
  }
  /// All that PostgreSQL has applied, waited for until it is that.
  std::string applied(const std::string& expected) {
    SqlSession sql(host_->place("database"));
    std::string seen;
    eventually([&] {
      seen = sql.value("SELECT string_agg(what, ' ' ORDER BY what) FROM applied");
      return seen == expected;
    });
    return seen;
  }
  void expect_in_every_view(const std::string& titles) {
    for (const char* pattern : {"online", "optimistic", "immutable", "through-db"}) {
      EXPECT_EQ(api_->shows(titles, pattern, "todos", "title"), titles) << pattern;
    }
  }

  TemporaryDirectory directory_;
  std::string setup_;
  std::string config_;
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
};

TEST_F(Sidecar, WritesArriveOnceWhileTheHostRuns) {
  ASSERT_EQ(host_->place("through-db file"), directory_ / "host/patterns/through-db/through-db.db");
  file("through-db").run(insert(1, "shell"));
  file("through-db").run_in_python({insert(2, "python"), insert(3, "both")});
  file("immutable").run(insert(4, "view"));
  file("immutable").run_in_python({insert(5, "pyview"), insert(6, "gone")});
  expect_in_every_view("both gone python pyview shell view");

  file("through-db").run(retitle(4, "changed") + ";" + removal(6));
  file("immutable").run_in_python({retitle(1, "mended"), removal(3)});
  expect_in_every_view("changed mended python pyview");
  const std::string all =
      "del:both del:gone ins:both ins:gone ins:python ins:pyview ins:shell ins:view upd:changed "
      "upd:mended";
  EXPECT_EQ(applied(all), all);
  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
}

TEST_F(Sidecar, WritesArriveOnceThatWereMadeWhileTheHostWasAway) {
  file("through-db").run(insert(1, "old") + ";" + insert(2, "former"));
  expect_in_every_view("former old");
  ASSERT_EQ(host_->interrupt(), 0) << host_->errors();
  file("through-db").run(insert(3, "shell") + ";" + retitle(1, "new"));
  file("through-db")
      .run_in_python({insert(4, "python"), "UPDATE todos SET completed = 1 WHERE id = " + id(4)});
  file("immutable").run(insert(5, "view"));
  file("immutable").run_in_python({insert(6, "pyview"), removal(2)});
  EXPECT_EQ(file("immutable")
                .ask("SELECT group_concat(title, ' ') FROM (SELECT title FROM todos "
                     "ORDER BY title)"),
            "old pyview view");
  start();
  expect_in_every_view("new python pyview shell view");
  const std::string all =
      "del:former ins:former ins:old ins:python ins:pyview ins:shell ins:view upd:new upd:python";
  EXPECT_EQ(applied(all), all);
  EXPECT_EQ(SqlSession(host_->place("database"))
                .value("SELECT string_agg(title, ' ') FROM todos WHERE completed"),
            "python");

  host_->kill();  // and once more, without any warning
  file("through-db").run(retitle(3, "again"));
  start();
  expect_in_every_view("again new python pyview view");
  const std::string more =
      "del:former ins:former ins:old ins:python ins:pyview ins:shell ins:view upd:again upd:new "
      "upd:python";
  EXPECT_EQ(applied(more), more);
  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
}

/// Two transactions that nothing marks are found in one look; of the second a part is refused.
TEST_F(Sidecar, WhatIsRefusedOfTransactionsFoundTogetherCostsNothingElse) {
  for (const std::string pattern : {"through-db", "immutable"}) {
    ASSERT_EQ(host_->interrupt(), 0) << host_->errors();
    const int base = pattern == "immutable" ? 4 : 0;
    const auto note = [&](int number, const std::string& more) {
      return "INSERT INTO notes (id, todo, stars) VALUES (" + std::to_string(base + number) + more;
    };
    file(pattern).run(insert(base + 1, pattern));
    file(pattern).run(note(1, ", NULL, 9)"));  // too many stars
    file(pattern).run("BEGIN IMMEDIATE; INSERT INTO patchbay_boundary DEFAULT VALUES;" +
                      retitle(base + 1, pattern + " again") + ";" +
                      note(2, ", " + id(base + 1) + ", 5)") + "; COMMIT");
    start();
    EXPECT_TRUE(eventually([&] {
      return SqlSession(host_->place("database"))
                 .value(
                     "SELECT string_agg(title || ' ' || stars, ',') FROM notes JOIN todos ON "
                     "todo = todos.id WHERE title LIKE '" +
                     pattern + "%'") == pattern + " again 5";
    }));
    const auto rejected = api_->get("/api/patterns/" + pattern + "/rejected").body.at("rejected");
    EXPECT_EQ(rejected.size(), 1U) << rejected.dump();
    EXPECT_NE(rejected.dump().find("notes_stars_check"), std::string::npos) << rejected.dump();
  }
  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
}

}  // namespace
}  // namespace patchbay::test
