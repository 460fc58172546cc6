#include "found_early.hpp"

namespace patchbay::sqlite {

FoundEarly::FoundEarly(Store& store) : store_(store) {
  store_.database().exec(
      "CREATE TABLE IF NOT EXISTS patchbay_found_early (n INTEGER PRIMARY KEY, write_id TEXT)");
}

void FoundEarly::add(const WriteId& write) {
  SQLite::Statement& insert =
      store_.statement("INSERT INTO patchbay_found_early (write_id) VALUES (?1)");
  insert.bind(1, write.text());
  insert.exec();
}

std::vector<WriteId> FoundEarly::take() {
  std::vector<WriteId> writes;
  SQLite::Statement& found =
      store_.statement("SELECT write_id FROM patchbay_found_early ORDER BY n");
  while (found.executeStep()) {
    if (const auto id = WriteId::parse(found.getColumn(0).getString())) writes.push_back(*id);
  }
  found.reset();
  if (!writes.empty()) store_.database().exec("DELETE FROM patchbay_found_early");
  return writes;
}

}  // namespace patchbay::sqlite
