#include "found_early.hpp"

namespace patchbay::sqlite {

void FoundEarly::found(const WriteId& write) {
  if (phase_ == Phase::keeping) add(write);
}

void FoundEarly::add(const WriteId& write) {
  make_table();
  SQLite::Statement& insert =
      store_.statement("INSERT INTO patchbay_found_early (write_id) VALUES (?1)");
  insert.bind(1, write.text());
  insert.exec();
}

std::vector<WriteId> FoundEarly::take() {
  make_table();
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

void FoundEarly::forget_when_adopted() {
  if (phase_ != Phase::forgetting) return;
  static_cast<void>(take());
  store_.at_end([this](bool committed) {
    if (committed) phase_ = Phase::off;
  });
}

/// Files of older modules have none.
void FoundEarly::make_table() {
  store_.database().exec(
      "CREATE TABLE IF NOT EXISTS patchbay_found_early (n INTEGER PRIMARY KEY, write_id TEXT)");
}

}  // namespace patchbay::sqlite
