// Other processes that write the file: the sqlite3 shell, Python, and the programs of
// examples/sidecar. None of them knows anything but SQL.
#include "test_paths.hpp"
#include "through_db_fixture.hpp"

namespace patchbay::test {
namespace {

class ThroughDbProcesses : public ThroughDbFixture {
 protected:
  std::string shell(const std::string& text) {
    return run_program("sqlite3 -bail -cmd '.timeout 5000' '" + file() + "' \"" + text + "\"");
  }
  std::string python(const std::string& body) {
    const std::string script = host_.directory + "/program.py";
    std::ofstream(script) << "import sqlite3, sys\n"
                             "c = sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None)\n"
                          << body;
    return run_program("python3 '" + script + "' '" + file() + "'");
  }
};

TEST_F(ThroughDbProcesses, TheShellReadsAndWrites) {
  sync({item("1", "milk"), item("2", "eggs")});
  EXPECT_EQ(shell("SELECT * FROM items"), "1|milk\n2|eggs\n");
  EXPECT_EQ(shell("BEGIN; INSERT INTO patchbay_boundary DEFAULT VALUES; UPDATE items SET title = "
                  "'oat milk' WHERE id = 1; REPLACE INTO items VALUES (2, 'bread'); "
                  "INSERT INTO items VALUES (3, 'tea'); COMMIT"),
            "");
  EXPECT_EQ(look(), "update 1:oat milk; update 2:bread; insert 3:tea");
  driver_->rejected(found(0));
  EXPECT_EQ(shell("SELECT * FROM items"), "1|milk\n2|eggs\n");
}

TEST_F(ThroughDbProcesses, PythonReadsAndWrites) {
  sync({item("1", "milk"), item("2", "eggs")});
  EXPECT_EQ(python("c.execute('PRAGMA recursive_triggers = 1')\n"
                   "c.execute('BEGIN')\n"
                   "c.execute('REPLACE INTO items VALUES (?, ?)', (1, 'it\\'s'))\n"
                   "n = c.execute('UPDATE items SET id = id + 10').rowcount\n"
                   "c.execute('COMMIT')\n"
                   "print(n, c.execute('SELECT * FROM items').fetchall())\n"),
            "2 [(11, \"it's\"), (12, 'eggs')]\n");
  EXPECT_EQ(look(), "update 1:it's; move 1:- to 11; move 2:- to 12");
}

TEST_F(ThroughDbProcesses, NothingIsLostWhileThePatternIsAway) {
  sync({item("1", "milk"), item("2", "eggs")});
  close();
  other_.reset();
  EXPECT_EQ(shell("DELETE FROM items WHERE id = 1"), "");
  EXPECT_EQ(python("c.execute('UPDATE items SET title = upper(title)')\n"), "");
  open();
  ASSERT_EQ(driver_->effects.sent.size(), 1U);
  EXPECT_EQ(print(driver_->effects.sent[0]), "delete 1; update 2:EGGS");
}

TEST_F(ThroughDbProcesses, AnOpenTransactionOfAnotherProgramIsWaitedFor) {
  sync({item("1", "milk")});
  sql("BEGIN IMMEDIATE; UPDATE items SET title = 'a' WHERE id = 1");
  BatchSource others;
  others.now(item("1", "theirs"));
  EXPECT_EQ(driver_->batch(others).substr(0, 12), "error retry:") << "the step is repeated later";
  sql("COMMIT");
  driver_->batch(others);
  EXPECT_EQ(rows(), "1:a");
  EXPECT_EQ(print(driver_->effects.sent.at(0)), "update 1:a");
}

class ThroughDbSidecar : public ThroughDbProcesses {
 protected:
  static constexpr std::string_view kId = "0000000a-0000-4000-8000-00000000000b";
  const TableSchema& todos_ = rows::intern_schema({"todos",
                                                   {{"completed", "bool", 0, true},
                                                    {"created_at", "timestamptz", 0, true},
                                                    {"id", "uuid", 0, true},
                                                    {"title", "text", 0, true}},
                                                   {2}});

  void SetUp() override {
    knows(todos_);
    open();
    BatchSource first;
    first.table = &todos_;
    first.reset = true;
    driver_->batch(
        first.now(make_row(todos_, {Cell::of("false"), Cell::of("2024-01-01 00:00:00+00"),
                                    Cell::of(kId), Cell::of("milk")})));
  }
  std::string program(const std::string& name, const std::string& arguments) {
    return run_program(PATCHBAY_SOURCE_DIR "/examples/sidecar/" + name + " '" + file() + "' " +
                       arguments);
  }
  /// Every new id as "new".
  std::string look_at_todos() {
    std::string all = look();
    const std::string insert = "insert ";
    for (std::size_t at = all.find(insert); at != std::string::npos;
         at = all.find(insert, at + insert.size())) {
      all.replace(at + insert.size(), kId.size(), "new");
    }
    return all;
  }
};

TEST_F(ThroughDbSidecar, PythonAddsSeveralTodosAsOneWrite) {
  const std::string id(kId);
  EXPECT_EQ(program("todos.py", "list"), id + " - milk\n");
  program("todos.py", "add 'Buy \"milk\"' \"It's time\"");
  program("todos.py", "done " + id);
  EXPECT_EQ(
      look_at_todos(),
      "insert new:false,-,Buy \"milk\"; insert new:false,-,It's time | update " + id + ":true,-,-");
  program("todos.py", "clear");
  EXPECT_EQ(look(), "delete " + id);
  EXPECT_NE(program("todos.py", "done " + id).find("[exit 1]"), std::string::npos);
}

TEST_F(ThroughDbSidecar, TheShellScriptWrites) {
  const std::string id(kId);
  program("todos.sh", "add \"It's time\"");
  program("todos.sh", "done " + id);
  EXPECT_EQ(look_at_todos(), "insert new:false,-,It's time; update " + id + ":true,-,-");
  program("todos.sh", "clear");
  EXPECT_EQ(look(), "delete " + id);
  EXPECT_NE(program("todos.sh", "").find("[exit 2]"), std::string::npos);
}

TEST_F(ThroughDbSidecar, AMistypedNameMakesNoFile) {
  EXPECT_NE(run_program(PATCHBAY_SOURCE_DIR "/examples/sidecar/todos.py /nowhere/a.db list")
                .find("[exit 1]"),
            std::string::npos);
  EXPECT_NE(run_program(PATCHBAY_SOURCE_DIR "/examples/sidecar/todos.sh /nowhere/a.db list")
                .find("[exit 1]"),
            std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
