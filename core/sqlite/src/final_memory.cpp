#include <algorithm>
#include <patchbay/sqlite/final_memory.hpp>
#include <string>

#include "tuning.hpp"

namespace patchbay::sqlite {
namespace {

// The time is SQLite's, a second ahead: a write of this second may have ended before.
constexpr const char* kCreate = R"(
CREATE TABLE IF NOT EXISTS patchbay_final (
  n INTEGER PRIMARY KEY, write_id BLOB NOT NULL UNIQUE, discarded INTEGER NOT NULL,
  digest INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS patchbay_final_since (
  one INTEGER PRIMARY KEY CHECK (one = 1), ms INTEGER NOT NULL);
INSERT OR IGNORE INTO patchbay_final_since
  VALUES (1, (CAST(strftime('%s', 'now') AS INTEGER) + 1) * 1000);
)";
constexpr const char* kStartAgain =
    "UPDATE patchbay_final_since SET ms = (CAST(strftime('%s', 'now') AS INTEGER) + 1) * 1000";
constexpr const char* kAdd =
    "INSERT INTO patchbay_final (write_id, discarded, digest) VALUES (?1, ?2, ?3)"
    " ON CONFLICT (write_id) DO UPDATE SET discarded = ?2, digest = ?3";
constexpr const char* kCount =  // none is missing between the first and the last
    "SELECT (SELECT max(n) FROM patchbay_final) - (SELECT min(n) FROM patchbay_final) + 1";
constexpr const char* kFirst = "SELECT n, write_id FROM patchbay_final ORDER BY n LIMIT 1";
constexpr const char* kForget = "DELETE FROM patchbay_final WHERE n = ?1";
constexpr const char* kSince = "UPDATE patchbay_final_since SET ms = max(ms, ?1)";
constexpr const char* kRecall =
    "SELECT s.ms, f.discarded, f.digest FROM patchbay_final_since AS s"
    " LEFT JOIN patchbay_final AS f ON f.write_id = ?1";

void bind_id(SQLite::Statement& statement, const WriteId& id) {
  statement.bind(1, id.bytes.data(), static_cast<int>(id.bytes.size()));
}

}  // namespace

FinalMemory::FinalMemory(Store& store, std::size_t ids_max) : store_(store), ids_max_(ids_max) {}

FinalMemory::FinalMemory(Store& store) : FinalMemory(store, tuning::kFinalIdsMax) {}

void FinalMemory::prepare() {
  store_.database().exec(kCreate);
}

void FinalMemory::start_again() {
  store_.database().exec(kStartAgain);
}

void FinalMemory::add(const WriteId& write, const FinalWrite& end) {
  SQLite::Statement& add = store_.statement(kAdd);
  bind_id(add, write);
  add.bind(2, end.discarded ? 1 : 0);
  add.bind(3, static_cast<std::int64_t>(end.digest));
  add.exec();
  SQLite::Statement& count = store_.statement(kCount);
  count.executeStep();
  const auto ids = static_cast<std::size_t>(count.getColumn(0).getInt64());
  count.reset();
  if (ids > ids_max_) forget_first();
}

void FinalMemory::forget_first() {
  SQLite::Statement& first = store_.statement(kFirst);
  first.executeStep();
  const std::int64_t n = first.getColumn(0).getInt64();
  const SQLite::Column bytes = first.getColumn(1);
  WriteId id;
  const std::string text = bytes.getString();
  std::copy_n(text.begin(), std::min(text.size(), id.bytes.size()), id.bytes.begin());
  first.reset();
  SQLite::Statement& forget = store_.statement(kForget);
  forget.bind(1, n);
  forget.exec();
  if (const auto made_ms = made_at_ms(id)) remember_since(*made_ms + 1);
}

void FinalMemory::remember_since(std::int64_t since_ms) {
  SQLite::Statement& since = store_.statement(kSince);
  since.bind(1, since_ms);
  since.exec();
}

FinalRecall FinalMemory::recall(const WriteId& write) {
  FinalRecall found;
  SQLite::Statement& recall = store_.statement(kRecall);
  bind_id(recall, write);
  if (recall.executeStep()) {
    found.since_ms = recall.getColumn(0).getInt64();
    if (!recall.getColumn(1).isNull()) {
      found.write = FinalWrite{recall.getColumn(1).getInt() != 0,
                               static_cast<std::uint64_t>(recall.getColumn(2).getInt64())};
    }
  }
  recall.reset();
  return found;
}

}  // namespace patchbay::sqlite
