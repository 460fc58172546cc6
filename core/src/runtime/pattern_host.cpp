#include "runtime/pattern_host.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "log/log.hpp"
#include "rows/row_builder.hpp"
#include "rows/schema_registry.hpp"
#include "runtime/file_lease.hpp"
#include "write/make_write_id.hpp"

namespace patchbay {

PatternHost::PatternHost(const InstanceOptions& options, Clock& clock)
    : options_(options), clock_(clock) {
  for (const auto& [name, value] : options_.settings) asked_[name] = false;
}

RowRef PatternHost::make_row(const TableSchema& schema, std::span<const Cell> cells) {
  RowRef row = rows::make_row(schema, cells);
  // Caught by the runner, which fails the step: the contract forbids such a row.
  if (!row) throw std::length_error("make_row: wrong number of cells, or more than 1 GiB of text");
  return row;
}

RowRef PatternHost::fold(const Row& base, const Row& patch) {
  return rows::fold(base, patch);
}

const TableSchema* PatternHost::table(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second;
}

const TableSchema& PatternHost::keep_schema(const TableSchema& schema) {
  return rows::intern_schema(schema);
}

void PatternHost::resume(const TableSchema& schema, const Position& position) {
  const TableSchema& kept = keep_schema(schema);
  if (std::ranges::find(options_.tables, schema.name) == options_.tables.end()) {
    log(LogLevel::info, "Its store has the table " + schema.name +
                            ", which is not among its tables any more; it is not shown.");
    return;
  }
  learn(kept);
  resumed_.insert_or_assign(
      schema.name, ResumedTable(kept, std::string(position.handle), std::string(position.offset)));
}

WriteId PatternHost::make_write_id() {
  return patchbay::make_write_id(clock_.wall_now());
}

std::int64_t PatternHost::steady_s() const {
  return std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
}

std::int64_t PatternHost::backend_time_s() const {
  return backend_answers_ ? last_backend_time_s() : 0;
}

std::int64_t PatternHost::last_backend_time_s() const {
  const std::int64_t ahead = backend_ahead_s_;
  return ahead == kNeverTold ? 0 : ahead + steady_s();
}

void PatternHost::set_backend_time_s(std::int64_t seconds) {
  if (seconds != 0) backend_ahead_s_ = seconds - steady_s();
  backend_answers_ = seconds != 0;
}

void PatternHost::take_time_of(const PatternHost& other) {
  backend_ahead_s_ = other.backend_ahead_s_.load();
  backend_answers_ = other.backend_answers_.load();
}

std::string_view PatternHost::data_directory() {
  if (directory_.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(options_.data_directory, failed);
    if (failed)
      log(LogLevel::error, "Cannot make the directory " + options_.data_directory.string() + ": " +
                               failed.message() + "; make it writable.");
    directory_ = options_.data_directory.string();
  }
  return directory_;
}

std::optional<std::string_view> PatternHost::setting(std::string_view name) const {
  const auto found = options_.settings.find(std::string(name));
  if (found == options_.settings.end()) return std::nullopt;
  asked_.find(name)->second = true;
  return found->second;
}

std::vector<std::string> PatternHost::unasked_settings() const {
  std::vector<std::string> names;
  for (const auto& [name, asked] : asked_) {
    if (!asked) names.push_back(name);
  }
  return names;
}

void PatternHost::log(LogLevel level, std::string_view message) {
  switch (level) {
    case LogLevel::debug:
      return log::debug(options_.name, message);
    case LogLevel::info:
      return log::info(options_.name, message);
    case LogLevel::warning:
      return log::warning(options_.name, message);
    case LogLevel::error:
      return log::error(options_.name, message);
  }
}

Result<void> PatternHost::watch(std::string_view path) {
  watched_files_.emplace_back(path);
  return {};
}

Result<LeaseRef> PatternHost::take_lease(std::string_view file) {
  return take_file_lease(file);
}

StreamBatchRef PatternHost::part_for_pattern(const StreamBatchRef& batch) {
  const auto found = resumed_.find(batch->table->name);
  if (found == resumed_.end()) return batch;
  StreamBatchRef part = found->second.take(batch);
  if (found->second.joined()) resumed_.erase(found);
  return part;
}

void PatternHost::join(const StreamBatch& last) {
  const auto found = resumed_.find(last.table->name);
  if (found != resumed_.end() && found->second.stands_at(last)) resumed_.erase(found);
}

void PatternHost::learn(const TableSchema& schema) {
  tables_.insert_or_assign(schema.name, &schema);
}

void PatternHost::forget_start() {
  resumed_.clear();
  tables_.clear();
  watched_files_.clear();
}

}  // namespace patchbay
