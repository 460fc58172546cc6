#include "damage.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <fstream>
#include <string>

#include "checksum.hpp"
#include "store_error.hpp"
#include "store_format.hpp"
#include "tuning.hpp"
#include "wal_damage.hpp"

namespace patchbay::sqlite {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& file, std::string_view ending) {
  fs::path path = file;
  path += ending;
  return path;
}

fs::path note_of(const fs::path& file) {
  return beside(file, ".damage");
}

void sync(const fs::path& path) noexcept {
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return;
  ::fsync(opened);
  ::close(opened);
}

std::string sum_of(const std::string& why, const std::string& target) {
  return std::to_string(Checksum().add(why).add(target).sum());
}

void write_note(const fs::path& file, std::string_view why, const std::string& target) {
  std::string line(why);
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  std::ofstream(note_of(file), std::ios::trunc) << line << '\n'
                                                << target << '\n'
                                                << sum_of(line, target) << '\n';
  sync(note_of(file));
  sync(file.parent_path());
}

struct Note {
  std::string why;
  std::string target;
};

/// The last file that was set aside; "" for none.
std::string last_set_aside(const fs::path& file) {
  const std::string begin = file.filename().string() + ".damaged-";
  std::string last;
  for (const auto& entry : fs::directory_iterator(file.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(begin) || name.ends_with("-wal") || name.ends_with("-shm")) continue;
    last = std::max(last, name);
  }
  return last;
}

/// Reads the note. One that is not what was written counts as a note of a file set aside already.
Note read_note(const fs::path& file) {
  Note note;
  std::string sum;
  std::ifstream in(note_of(file));
  std::getline(in, note.why);
  std::getline(in, note.target);
  std::getline(in, sum);
  const bool is_old = sum.empty() && note.target.find('/') == std::string::npos;
  if (is_old || sum == sum_of(note.why, note.target)) return note;
  return {"the note of its damage is damaged too", fs::exists(file) ? "" : last_set_aside(file)};
}

bool is_there(const fs::path& file) {
  std::error_code failed;
  return fs::exists(fs::symlink_status(file, failed));
}

void move_away(const fs::path& file, const fs::path& target) {
  // The file itself goes last: where it is at its new name, all is.
  for (const char* ending : {"-wal", "-shm", ""}) {
    const fs::path from = beside(file, ending);
    if (is_there(from)) fs::rename(from, beside(target, ending));
  }
  sync(file.parent_path());
}

void remove_with_logs(const fs::path& file) {
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) fs::remove_all(beside(file, ending));
}

/// True when the system refused an operation, which says nothing of the content of the files.
bool is_for_now(int code) {
  constexpr std::array kErrors{SQLITE_FULL, SQLITE_NOMEM, SQLITE_IOERR, SQLITE_READONLY,
                               SQLITE_CANTOPEN};
  return std::ranges::find(kErrors, code & 0xFF) != kErrors.end();
}

bool is_for_now(const std::exception& thrown, SQLite::Database* source) {
  const auto* failed = dynamic_cast<const SQLite::Exception*>(&thrown);
  if (failed == nullptr) return false;
  const bool unread = source != nullptr && is_damage(*failed) && !is_damage(*failed, *source);
  return unread || is_for_now(failed->getErrorCode());
}

void salvage(SQLite::Database& fresh, const StoreOptions& options, const fs::path& damaged,
             Host& host) {
  std::unique_ptr<SQLite::Database> source;
  try {
    source = std::make_unique<SQLite::Database>(damaged.string(), SQLite::OPEN_READONLY);
    // Without it SQLite reads nothing of a file that is shorter than its own header says.
    source->exec("PRAGMA writable_schema = ON");
    fresh.exec("BEGIN");
    options.salvage(fresh, *source);
  } catch (const std::exception& thrown) {
    const int of_fresh = sqlite3_errcode(fresh.getHandle());
    if (is_for_now(thrown, source.get()) || is_for_now(of_fresh)) throw;
    host.log(LogLevel::warning, "Not all of " + damaged.string() + " can be read (" +
                                    thrown.what() + "); what could be read continues.");
  }
  if (sqlite3_get_autocommit(fresh.getHandle()) == 0) fresh.exec("COMMIT");
}

/// From a copy that has all of the log: SQLite would read no further than to where it is broken,
/// and change what is set aside.
void salvage_copy(SQLite::Database& fresh, const StoreOptions& options, const fs::path& damaged,
                  Host& host) {
  if (!options.salvage || !fs::is_regular_file(damaged)) return;
  const fs::path copy = beside(options.file, ".mended");
  remove_with_logs(copy);
  fs::copy_file(damaged, copy);
  apply_wal(beside(damaged, "-wal"), copy);
  salvage(fresh, options, copy, host);
  remove_with_logs(copy);
}

void make_new(const StoreOptions& options, const fs::path& damaged, Host& host) {
  const fs::path fresh = beside(options.file, ".new");
  remove_with_logs(fresh);
  try {
    SQLite::Database database(fresh.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    bring_to_version(database, options, 0);
    salvage_copy(database, options, damaged, host);
  } catch (const SQLite::Exception& thrown) {
    if (!is_damage(thrown)) throw;
    throw SQLite::Exception(thrown.what(), SQLITE_IOERR);  // it is new: the disk gives no page
  }
  fs::rename(fresh, options.file);
  sync(options.file.parent_path());
}

}  // namespace

bool is_in_the_way(const fs::path& file) noexcept {
  std::error_code failed;
  const fs::file_type type = fs::status(file, failed).type();
  if (failed.value() == ELOOP) return true;
  return type != fs::file_type::none && type != fs::file_type::not_found &&
         type != fs::file_type::regular;
}

fs::path name_aside(const fs::path& file) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> time{};
  std::strftime(time.data(), time.size(), "%Y%m%dT%H%M%SZ", &utc);
  const std::string name = file.string() + ".damaged-" + time.data();
  std::string free = name;
  for (int more = 2; is_there(free); ++more) free = name + "-" + std::to_string(more);
  return free;
}

void mark_damaged(const fs::path& file, std::string_view why) noexcept {
  try {
    if (is_marked_damaged(file)) return;
    fs::remove_all(note_of(file));  // it may be a directory
    write_note(file, why, "");
  } catch (...) {  // Without the note the next start finds the damage by itself, or later.
  }
}

bool is_marked_damaged(const fs::path& file) noexcept {
  std::error_code failed;
  return fs::is_regular_file(note_of(file), failed);
}

void replace_damaged(const StoreOptions& options, Host& host) {
  Note note = read_note(options.file);
  if (note.target.empty()) {
    note.target = name_aside(options.file).filename().string();
    write_note(options.file, note.why, note.target);
  }
  const fs::path target = options.file.parent_path() / note.target;
  if (!is_there(target)) move_away(options.file, target);
  host.log(LogLevel::error, "The store " + options.file.string() + " is damaged (" + note.why +
                                "); it was set aside as " + target.string() +
                                " and a new one takes its place.");
  if (!fs::exists(options.file)) make_new(options, target, host);
  fs::remove(note_of(options.file));
}

}  // namespace patchbay::sqlite
