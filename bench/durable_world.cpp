#include "durable_world.hpp"

#include <stdlib.h>  // NOLINT: mkdtemp is POSIX

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "immutable/immutable_pattern.hpp"
#include "through_db_pattern.hpp"
#include "write/make_write_id.hpp"

namespace patchbay::bench {
namespace {

void need(const Result<void>& result) {
  if (result) return;
  std::cerr << result.error().message << "\n";
  std::exit(1);
}

std::uint64_t mixed(std::uint64_t number) {
  number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9U;
  number = (number ^ (number >> 27U)) * 0x94D049BB133111EBU;
  return number ^ (number >> 31U);
}

Write write_of(Operation operation) {
  return {make_write_id(std::chrono::system_clock::now()), 0, {std::move(operation)}};
}

std::string temporary_directory() {
  const char* place = std::getenv("TMPDIR");
  std::string path = std::string(place == nullptr ? "/tmp" : place) + "/patchbay-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) std::exit(1);
  return path;
}

class CountedRows final : public RowSink {
 public:
  bool row(const RowRef&) override {
    ++count;
    return true;
  }
  std::size_t count = 0;
};

std::unique_ptr<SQLite::Database> open_file(const std::filesystem::path& file) {
  auto database = std::make_unique<SQLite::Database>(
      file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5'000);
  database->exec("PRAGMA journal_mode = WAL");
  database->exec("PRAGMA synchronous = FULL");
  database->exec("PRAGMA cache_size = -16384");  // as the patterns have it
  return database;
}

void insert(SQLite::Statement& statement, std::size_t number) {
  statement.reset();
  statement.bind(1, kCreatedAt);
  statement.bind(2, 0);
  statement.bind(3, random_id(number));
  statement.bind(4, item_title(number));
  statement.exec();
}

constexpr const char* kInsert =
    "INSERT INTO items (created_at, done, id, title, write_id) VALUES (?, ?, ?, ?, NULL)";

}  // namespace

OwnDirectory::OwnDirectory() : path_(temporary_directory()) {}

OwnDirectory::~OwnDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string random_id(std::size_t number) {
  const std::uint64_t high = mixed(2 * number + 1);
  const std::uint64_t low = mixed(2 * number + 2);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-8%03x-%012llx",
                static_cast<unsigned>(high >> 32U), static_cast<unsigned>(high >> 16U & 0xFFFFU),
                static_cast<unsigned>(high & 0xFFFU), static_cast<unsigned>(low >> 52U),
                static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFU));
  return text.data();
}

RowRef random_item(std::size_t number) {
  const std::string id = random_id(number);
  const std::string title = item_title(number);
  const std::array<Cell, 5> cells{Cell::of(kCreatedAt), Cell::of("false"), Cell::of(id),
                                  Cell::of(title), Cell::null()};
  return rows::make_row(items_schema(), cells);
}

Write insertion(std::size_t number) {
  const std::string id = random_id(number);
  const std::string title = item_title(number);
  std::vector<Cell> key(5);
  key[kId] = Cell::of(id);
  std::vector<Cell> set(key);
  set[0] = Cell::of(kCreatedAt);
  set[kDone] = Cell::of("false");
  set[kTitle] = Cell::of(title);
  return write_of({OperationKind::insert, rows::make_row(items_schema(), key),
                   rows::make_row(items_schema(), set)});
}

Write completion(std::size_t number) {
  const std::string id = random_id(number);
  std::vector<Cell> key(5);
  std::vector<Cell> set(5);
  key[kId] = Cell::of(id);
  set[kDone] = Cell::of("true");
  return write_of({OperationKind::update, rows::make_row(items_schema(), key),
                   rows::make_row(items_schema(), set)});
}

std::unique_ptr<Pattern> make_durable(const std::string& name) {
  if (name == "immutable") return std::make_unique<immutable::ImmutablePattern>();
  return std::make_unique<through_db::ThroughDbPattern>();
}

DurableWorld::DurableWorld(const std::string& pattern, std::size_t rows)
    : options_{"bench", {"items"}, {}, directory_.path()},
      rows_(rows),
      next_(rows),
      host_(options_, pool_.clock()),
      pattern_(make_durable(pattern)) {
  host_.learn(items_schema());
  need(pattern_->start(host_, nullptr, effects_));
  load();
  load_bare();
  other_ = open_file(directory_.path() / (pattern + ".db"));
  insert_other_ = std::make_unique<SQLite::Statement>(*other_, kInsert);
}

DurableWorld::~DurableWorld() = default;

void DurableWorld::load() {
  std::vector<Change> all;
  all.reserve(rows_);
  for (std::size_t row = 0; row < rows_; ++row) all.push_back({random_item(row), false});
  load_s = seconds_of([&] {
    need(pattern_->on_batch({items_schema(), true, all, {}, {"h", "1_0"}}, effects_));
  });
}

void DurableWorld::load_bare() {
  bare_ = open_file(directory_.path() / "bare.db");
  bare_->exec(
      "CREATE TABLE items (created_at TEXT, done INTEGER, id TEXT, title TEXT, write_id TEXT, "
      "PRIMARY KEY (id)) WITHOUT ROWID");
  insert_bare_ = std::make_unique<SQLite::Statement>(*bare_, kInsert);
  bare_load_s = seconds_of([&] {
    bare_->exec("BEGIN IMMEDIATE");
    for (std::size_t row = 0; row < rows_; ++row) insert(*insert_bare_, row);
    bare_->exec("COMMIT");
  });
}

void DurableWorld::fill(std::size_t count) {
  std::vector<UnfinishedWrite> writes;
  for (; unfinished_ < count; ++unfinished_) {
    const bool synced = unfinished_ < rows_;
    writes.push_back({synced ? completion(unfinished_) : insertion(next()), {}});
  }
  if (!writes.empty()) need(pattern_->adopt({writes, {}, nullptr}, effects_));
}

void DurableWorld::close() {
  insert_other_.reset();
  other_.reset();
  pattern_.reset();
}

void DurableWorld::write(const Write& write) {
  need(pattern_->on_write(write, effects_));
}

void DurableWorld::write_by_sql(std::size_t number) {
  insert(*insert_other_, number);
}

void DurableWorld::write_many_by_sql(std::size_t count) {
  SQLite::Statement boundary(*other_, "INSERT INTO patchbay_boundary DEFAULT VALUES");
  other_->exec("BEGIN IMMEDIATE");
  for (std::size_t one = 0; one < count; ++one) {
    boundary.exec();
    boundary.reset();
    insert(*insert_other_, next());
  }
  other_->exec("COMMIT");
}

void DurableWorld::write_bare(std::size_t number) {
  insert(*insert_bare_, number);
}

void DurableWorld::take() {
  if (!pattern_->on_local_change(effects_)) std::exit(1);
}

std::size_t DurableWorld::read(const Query& query) {
  CountedRows rows;
  need(pattern_->read(query, rows));
  return rows.count;
}

std::size_t DurableWorld::read_bare(std::size_t limit) {
  SQLite::Statement select(
      *bare_, "SELECT created_at, done, id, title, write_id FROM items ORDER BY id LIMIT ?");
  select.bind(1, static_cast<std::int64_t>(limit));
  std::size_t count = 0;
  while (select.executeStep()) {
    for (int column = 0; column < 5; ++column) {
      static_cast<void>(select.getColumn(column).getText());
    }
    ++count;
  }
  return count;
}

}  // namespace patchbay::bench
