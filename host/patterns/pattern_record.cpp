#include "patterns/pattern_record.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <system_error>

#include "config/sealed_text.hpp"
#include "electric/cache_file.hpp"
#include "files/file_replacement.hpp"
#include "log/log.hpp"

namespace patchbay::patterns {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgram = "patchbay ";
constexpr int kVersion = 2;  // 1, of 0.1.0, has no checksum

/// The file that is read if the record itself is damaged.
fs::path copy_of(const fs::path& file) {
  fs::path copy = file;
  copy += ".copy";
  return copy;
}

bool holds(const fs::path& file, const std::string& text) {
  return text_in(file) == text;
}

/// Makes sure that the file and its name in the directory outlast a power cut.
bool is_kept(const fs::path& file) {
  return !files::sync_to_disk(file) && !files::sync_to_disk(file.parent_path());
}

std::error_code replace(const fs::path& file, const std::string& text) {
  return files::replace_file(file, text, files::Durability::disk);
}

std::string text_of(const PatternRecord& record) {
  std::ostringstream out;
  out << kProgram << kVersion << "\nconfigured " << record.configured << "\nmodule "
      << record.current.name << "\nid " << record.current.id << "\ndurable "
      << (record.durable ? "yes" : "no") << "\n";
  if (record.remaining_source) {
    out << "keeper " << record.remaining_source->name << "\nkeeper-id "
        << record.remaining_source->id << "\n";
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

/// False for an unknown word.
bool read_line(const std::string& word, const std::string& value, PatternRecord& record) {
  const auto earlier = [&record]() -> NamedModule& {
    if (!record.remaining_source) record.remaining_source.emplace();
    return *record.remaining_source;
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
    earlier().name = value;
  } else if (word == "keeper-id") {
    earlier().id = value;
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

/// The record in these bytes, or why they are not a record.
struct Reading {
  std::optional<PatternRecord> record;
  std::string flaw;
  bool is_newer = false;
};

Reading reading_of(const fs::path& file) {
  const auto bytes = text_in(file);
  if (!bytes) return {{}, "cannot be read", false};
  const SealedText sealed = unsealed(*bytes);
  if (sealed.seal == Seal::broken) return {{}, "is not what was written", false};
  std::istringstream in(sealed.text);
  std::string line;
  std::getline(in, line);
  const int version = line.starts_with(kProgram) ? std::atoi(line.c_str() + kProgram.size()) : 0;
  if (version > kVersion && sealed.seal == Seal::fits) return {{}, "is of a newer version", true};
  if (version != (sealed.seal == Seal::fits ? kVersion : 1)) return {{}, "is cut off", false};
  PatternRecord record;
  while (std::getline(in, line)) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string value = line.substr(std::min(space + 1, line.size()));
    if (!read_line(line.substr(0, space), value, record)) {
      return {{}, "has a line without a meaning: \"" + line + "\"", false};
    }
  }
  if (record.current.name.empty() || record.current.id.empty()) {
    return {{}, "names no module", false};
  }
  return {std::move(record), "", false};
}

/// The record to use instead of a damaged one: the copy, or none, and the configured module starts.
std::optional<PatternRecord> instead_of(const fs::path& file, const std::string& flaw) {
  const auto aside = electric::set_aside(file, "damaged");
  Reading copy = reading_of(copy_of(file));
  // Put in its place immediately: a start reads it more than once.
  if (copy.record) static_cast<void>(replace(file, *text_in(copy_of(file))));
  const std::string fate = aside ? "it was set aside as " + aside->string()
                                 : "it cannot be set aside: " + aside.error().message;
  log::warning(file.parent_path().filename().string(),
               "The record " + file.string() +
                   ", which says which module has the writes of this "
                   "pattern, " +
                   flaw + "; " + fate + ". " +
                   (copy.record ? "Its copy is used."
                                : "The configured module starts; writes in the store of another "
                                  "one stay there."));
  return std::move(copy.record);
}

}  // namespace

const NamedModule* PatternRecord::source() const noexcept {
  if (remaining_source) return &*remaining_source;
  return durable ? &current : nullptr;
}

fs::path record_file(const fs::path& directory, const std::string& instance) {
  return directory / "patterns" / instance / "module";
}

Result<std::optional<PatternRecord>> read_record(const fs::path& file) {
  std::error_code failed;
  if (!fs::exists(fs::symlink_status(file, failed))) return std::nullopt;
  Reading reading = reading_of(file);
  if (reading.is_newer) {
    return failure(ErrorCode::rejected,
                   "The record " + file.string() +
                       " is of a newer version; it says which module has the writes of this "
                       "pattern. Use that program, or remove it to start with the configured "
                       "module.");
  }
  if (!reading.record) reading.record = instead_of(file, reading.flaw);
  if (reading.record && reading.record->added) {
    reading.record->added->name = file.parent_path().filename().string();
    reading.record->added->module = reading.record->configured;
  }
  return std::move(reading.record);
}

Result<void> write_record(const fs::path& file, const PatternRecord& record) {
  const std::string text = sealed(text_of(record));
  const fs::path copy = copy_of(file);
  if (holds(file, text) && is_kept(file)) {
    if (!holds(copy, text)) static_cast<void>(replace(copy, text));
    return {};
  }
  // Nothing depends on the copy while the record is whole.
  const std::error_code failed = replace(file, text);
  if (!failed) {
    static_cast<void>(replace(copy, text));
    return {};
  }
  return failure(ErrorCode::retry, "The record " + file.string() +
                                       " cannot be written: " + failed.message() +
                                       "; make room, and its directory writable.");
}

bool is_alone(const fs::path& file) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(file.parent_path(), failed)) {
    const fs::path& path = entry.path();
    const bool is_record = path == file || path.string().starts_with(file.string() + ".");
    if (!is_record) return false;
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

}  // namespace patchbay::patterns
