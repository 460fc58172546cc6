#include "app/pattern_record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace patchbay::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFirstLine = "patchbay 1";

bool syncs(const fs::path& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  const int failed = errno;
  if (file >= 0) ::close(file);
  errno = failed;
  return done;
}

/// Where the next one is written, to take its place.
fs::path fresh_of(const fs::path& file) {
  fs::path fresh = file;
  fresh += ".new";
  return fresh;
}

bool holds(const fs::path& file, const std::string& text) {
  std::ifstream in(file);
  return in && std::string(std::istreambuf_iterator<char>(in), {}) == text;
}

/// What is in the file and its name in the directory outlast a power cut.
bool is_kept(const fs::path& file) {
  return syncs(file, O_RDONLY) && syncs(file.parent_path(), O_RDONLY | O_DIRECTORY);
}

bool replaces(const fs::path& file, const std::string& text) {
  const fs::path fresh = fresh_of(file);
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << text << std::flush;
    if (!out) return false;
  }
  return syncs(fresh, O_RDONLY) && ::rename(fresh.c_str(), file.c_str()) == 0 &&
         syncs(file.parent_path(), O_RDONLY | O_DIRECTORY);
}

std::string text_of(const PatternRecord& record) {
  std::ostringstream out;
  out << kFirstLine << "\nconfigured " << record.configured << "\nmodule " << record.current.name
      << "\nid " << record.current.id << "\ndurable " << (record.durable ? "yes" : "no") << "\n";
  if (record.keeper) {
    out << "keeper " << record.keeper->name << "\nkeeper-id " << record.keeper->id << "\n";
  }
  if (!record.added) return out.str();
  out << "added yes\n";
  for (const std::string& table : record.added->tables) out << "table " << table << "\n";
  for (const auto& [name, value] : record.added->settings) {
    out << "setting " << name << "=" << value << "\n";
  }
  if (record.added->reject_dependents) out << "on_reject dependents\n";
  return out.str();
}

PatternConfig& added(PatternRecord& record) {
  if (!record.added) record.added.emplace();
  return *record.added;
}

/// False for a word it does not know.
bool read_line(const std::string& word, const std::string& value, PatternRecord& record) {
  const auto keeper = [&record]() -> NamedModule& {
    if (!record.keeper) record.keeper.emplace();
    return *record.keeper;
  };
  if (word == "configured") {
    record.configured = value;
  } else if (word == "module") {
    record.current.name = value;
  } else if (word == "id") {
    record.current.id = value;
  } else if (word == "durable") {
    record.durable = value == "yes";
  } else if (word == "keeper") {
    keeper().name = value;
  } else if (word == "keeper-id") {
    keeper().id = value;
  } else if (word == "added") {
    static_cast<void>(added(record));
  } else if (word == "table") {
    added(record).tables.push_back(value);
  } else if (word == "setting") {
    const std::size_t equals = std::min(value.find('='), value.size());
    added(record).settings[value.substr(0, equals)] =
        value.substr(std::min(equals + 1, value.size()));
  } else if (word == "on_reject") {
    added(record).reject_dependents = true;
  } else {
    return false;
  }
  return true;
}

tl::unexpected<Error> unreadable(const fs::path& file, const std::string& why) {
  return failure(ErrorCode::rejected,
                 "The record " + file.string() + " " + why +
                     "; it says which module has the writes of this pattern. Mend it, or remove it "
                     "to start with the configured module.");
}

}  // namespace

const NamedModule* PatternRecord::source() const noexcept {
  if (keeper) return &*keeper;
  return durable ? &current : nullptr;
}

fs::path record_file(const fs::path& directory, const std::string& instance) {
  return directory / "patterns" / instance / "module";
}

Result<std::optional<PatternRecord>> read_record(const fs::path& file) {
  std::error_code failed;
  if (!fs::exists(file, failed) && !failed) return std::nullopt;
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return unreadable(file, "cannot be read");
  if (line != kFirstLine) return unreadable(file, "is of another version");
  PatternRecord record;
  while (std::getline(in, line)) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string value = line.substr(std::min(space + 1, line.size()));
    if (!read_line(line.substr(0, space), value, record)) {
      return unreadable(file, "has a line that means nothing: \"" + line + "\"");
    }
  }
  if (record.current.name.empty() || record.current.id.empty()) {
    return unreadable(file, "names no module");
  }
  if (record.added) {
    record.added->name = file.parent_path().filename().string();
    record.added->module = record.configured;
  }
  return record;
}

Result<void> write_record(const fs::path& file, const PatternRecord& record) {
  const std::string text = text_of(record);
  if (holds(file, text) && is_kept(file)) return {};
  if (replaces(file, text)) return {};
  const std::string why = std::error_code(errno, std::generic_category()).message();
  return failure(ErrorCode::retry, "The record " + file.string() + " cannot be written: " + why +
                                       "; make room, and its directory writable.");
}

bool is_alone(const fs::path& file) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(file.parent_path(), failed)) {
    if (entry.path() != file && entry.path() != fresh_of(file)) return false;
  }
  return !failed;
}

Result<std::vector<PatternConfig>> added_patterns(const fs::path& directory) {
  std::vector<PatternConfig> patterns;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory / "patterns", failed)) {
    auto record = read_record(entry.path() / "module");
    if (!record) return tl::unexpected(record.error());
    if (*record && (*record)->added) patterns.push_back(*(*record)->added);
  }
  std::ranges::sort(patterns, {}, &PatternConfig::name);
  return patterns;
}

}  // namespace patchbay::app
