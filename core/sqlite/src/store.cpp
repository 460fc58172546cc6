#include <sqlite3.h>
#include <sys/stat.h>

#include <patchbay/sqlite/store.hpp>
#include <utility>

#include "damage.hpp"
#include "store_error.hpp"
#include "store_format.hpp"
#include "store_open.hpp"
#include "tuning.hpp"

namespace patchbay::sqlite {
namespace {

/// 0 where there is no such file.
std::uint64_t inode_of(const char* file) noexcept {
  struct stat status {};
  return ::stat(file, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

Store::Store(StoreOptions options, LeaseRef lease, std::unique_ptr<SQLite::Database> database,
             std::uint32_t version)
    : options_(std::move(options)),
      version_(version),
      lease_(std::move(lease)),
      database_(std::move(database)),
      inode_(inode_of(options_.file.c_str())) {}

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, Host& host) {
  const bool used_before = make_way_for_lease(options.file);
  Result<LeaseRef> lease = host.take_lease(options.file.string());
  if (!lease) return tl::unexpected(lease.error());
  Result<OpenedFile> file = open_checked(options, used_before, host);
  if (!file) return tl::unexpected(file.error());
  return std::unique_ptr<Store>(
      new Store(std::move(options), std::move(*lease), std::move(file->database), file->version));
}

Result<std::unique_ptr<Store>> Store::open_beside(StoreOptions options, LeaseRef lease) {
  if (!lease->is_of(options.file.string())) {
    return failure(ErrorCode::rejected, "The lease that was passed on is not that of the store " +
                                            options.file.string() + "; nothing was opened.");
  }
  Result<OpenedFile> file = open_as_it_is(options);
  if (!file) return tl::unexpected(file.error());
  return std::unique_ptr<Store>(
      new Store(std::move(options), std::move(lease), std::move(file->database), file->version));
}

Store::~Store() {
  statements_.clear();
}

Result<void> Store::write(const std::function<void()>& work) {
  Result<void> done = run("BEGIN IMMEDIATE", [&] {
    foreign_commits_.begin(database_->getHandle());
    expect_place();
    const std::int64_t before = objects_number();
    work();
    // Sealing reads all definitions, so not in each of many transactions that make tables.
    if (objects_number() == before) return seal_objects();
    unsealed_ = true;
    quiet_looks_ = 0;
  });
  foreign_commits_.end(database_->getHandle(), done.has_value());
  if (!done) kept_objects_ = -1;
  return done;
}

void Store::expect_place() {
  // The transaction that has begun has opened the log.
  const char* log = sqlite3_filename_wal(sqlite3_db_filename(database_->getHandle(), "main"));
  const std::uint64_t log_inode = inode_of(log);
  if (log_inode_ == 0) log_inode_ = log_inode;
  const bool in_place = log_inode != 0 && log_inode == log_inode_;
  if (in_place && inode_of(options_.file.c_str()) == inode_) return;
  throw Refused{{ErrorCode::retry,
                 "The store " + options_.file.string() +
                     " or its -wal was moved, removed or replaced while it was in use; put it "
                     "back, then this "
                     "continues by itself, or start the host again to use what is there now."}};
}

std::int64_t Store::objects_number() const {
  SQLite::Statement& number = statement("PRAGMA schema_version");
  number.executeStep();
  const std::int64_t found = number.getColumn(0).getInt64();
  number.reset();
  return found;
}

void Store::seal_objects() {
  unsealed_ = false;
  const std::int64_t objects = objects_number();
  if (objects == kept_objects_) return;
  keep_objects(*database_);
  kept_objects_ = objects;
}

void Store::seal_when_quiet() {
  if (unsealed_ && ++quiet_looks_ >= tuning::kQuietLooks) static_cast<void>(write([] {}));
}

void Store::migrate() {
  if (version_ < options_.version) set_version(*database_, options_, version_);
}

Result<void> Store::read(const std::function<void()>& work) const {
  return run("BEGIN", work);
}

Result<void> Store::run(const char* begin, const std::function<void()>& work) const {
  try {
    statement(begin).exec();
    work();
    // A statement that still stands on a row would keep the transaction open.
    reset_statements();
    statement("COMMIT").exec();
    tell_end(true);
    return {};
  } catch (const SQLite::Exception& thrown) {
    undo();
    const bool damaged = is_damage(thrown, *database_);
    if (damaged) mark_damaged(options_.file, thrown.what());
    const bool unread = !damaged && is_damage(thrown);
    return tl::unexpected(
        error_of(unread ? SQLite::Exception(thrown.what(), SQLITE_IOERR) : thrown, options_.file));
  } catch (const Refused& refused) {
    undo();
    if (refused.error.code == ErrorCode::corrupt) {
      mark_damaged(options_.file, refused.error.message);
    }
    return tl::unexpected(refused.error);
  } catch (...) {
    undo();
    throw;
  }
}

void Store::undo() const noexcept {
  ++undone_;
  reset_statements();
  // After some errors (a full disk, say) SQLite has already rolled back.
  if (sqlite3_get_autocommit(database_->getHandle()) == 0) database_->tryExec("ROLLBACK");
  // After an error of syntax SQLite compares with the tables it remembers, not those there are.
  database_->tryExec("SELECT count(*) FROM sqlite_schema");
  tell_end(false);
}

void Store::tell_end(bool committed) const {
  for (const auto& end : std::exchange(at_end_, {})) end(committed);
}

void Store::reset_statements() const noexcept {
  for (const auto& [sql, prepared] : statements_) prepared->tryReset();
}

SQLite::Statement& Store::statement(std::string_view sql) const {
  const auto known = statements_.find(sql);
  if (known == statements_.end()) {
    auto prepared = std::make_unique<SQLite::Statement>(*database_, std::string(sql));
    return *statements_.emplace(sql, std::move(prepared)).first->second;
  }
  // How the last run ended makes no difference to this one, so the result is ignored.
  known->second->tryReset();
  known->second->clearBindings();
  return *known->second;
}

void Store::forget_statements() {
  statements_.clear();
}

std::int64_t Store::data_version() const {
  SQLite::Statement& version = statement("PRAGMA data_version");
  version.executeStep();
  const std::int64_t found = version.getColumn(0).getInt64();
  version.reset();
  return found;
}

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

}  // namespace patchbay::sqlite
