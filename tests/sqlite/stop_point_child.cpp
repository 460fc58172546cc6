// A pattern that is used as an app and a host would, in the directory that is the first argument,
// and that ends where PATCHBAY_STOP_AT says. Run by stop_point_test.
#include "sqlite/plain_rows.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

void other_program_writes(const std::string& directory) {
  SQLite::Database(directory + "/test.db", SQLite::OPEN_READWRITE)
      .exec(
          "INSERT INTO patchbay_log (tbl, kind, new) VALUES"
          " ('items', 'insert', '[\"4\",\"''jam''\"]'),"
          " ('items', 'insert', '[\"5\",\"''tea''\"]')");
}

void run(const std::string& directory) {
  PlainRowsLog calls;
  FakeHost host;
  host.directory = directory;
  host.tables["items"] = &items_schema();
  sqlite::SqlitePattern pattern(plain_parts(calls));
  PatternDriver driver(pattern, host);
  static_cast<void>(driver.start());
  static_cast<void>(driver.reset({item("1", "milk")}));
  static_cast<void>(driver.write(1, {insert_item("2", "eggs"), update_item("1", "oat")}));
  static_cast<void>(pattern.before_send(std::vector{sim::write_id(1)}, 100));
  other_program_writes(directory);
  static_cast<void>(driver.local_change());
  static_cast<void>(driver.rejected(1, "no eggs"));
  static_cast<void>(driver.divided(driver.effects.sent.back(), 11));
  BatchSource echo;
  echo.offset = "9_0";
  echo.now(item("4", "jam")).now(item("5", "tea"));
  static_cast<void>(driver.batch(echo.settles(11).settles(12)));
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(7), 7, {insert_item("7", "x")}}, {}}};
  Handover handover;
  handover.unfinished = unfinished;
  static_cast<void>(driver.adopt(handover));
}

}  // namespace
}  // namespace patchbay::test

int main(int count, char** arguments) {
  if (count != 2) return 2;
  patchbay::test::run(arguments[1]);
  return 0;
}
