// PatternHost: the Host that one pattern sees: its settings, schemas, ids, time and directory.
// Pattern -> host; the runner's parts -> host, which learns tables from batches and the time from
// the queue. On the runner's strand, except as said; owned by the runner, and destroyed after the
// pattern.
#pragma once

#include <atomic>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <patchbay/host.hpp>
#include <string>
#include <utility>
#include <vector>

#include "runtime/resumed_table.hpp"
#include "time/clock.hpp"

namespace patchbay {

/// The identity of an instance, from the configuration.
struct InstanceOptions {
  std::string name;
  std::vector<std::string> tables;
  std::map<std::string, std::string> settings;
  std::filesystem::path data_directory;  ///< Of this instance alone.
};

class PatternHost final : public Host {
 public:
  PatternHost(const InstanceOptions& options, Clock& clock);

  [[nodiscard]] RowRef make_row(const TableSchema& schema, std::span<const Cell> cells) override;
  [[nodiscard]] RowRef fold(const Row& base, const Row& patch) override;
  [[nodiscard]] const TableSchema* table(std::string_view name) const override;
  [[nodiscard]] const TableSchema& keep_schema(const TableSchema& schema) override;
  void resume(const TableSchema& schema, const Position& position) override;
  [[nodiscard]] WriteId make_write_id() override;
  [[nodiscard]] std::int64_t backend_time_s() const override;
  [[nodiscard]] std::string_view instance() const override { return options_.name; }
  [[nodiscard]] std::string_view data_directory() override;
  [[nodiscard]] std::optional<std::string_view> setting(std::string_view name) const override;
  void log(LogLevel level, std::string_view message) override;
  [[nodiscard]] Result<LeaseRef> take_lease(std::string_view file) override;
  Result<void> watch(std::string_view path) override;

  /// The settings of the instance that its pattern has not asked for yet. [any thread]
  [[nodiscard]] std::vector<std::string> unasked_settings() const;
  /// The files that `start` has asked to be watched. [strand]
  [[nodiscard]] const std::vector<std::filesystem::path>& watched_files() const {
    return watched_files_;
  }
  /// The tables it has resumed and whose stream has not joined their rows yet, by name. [strand]
  [[nodiscard]] const std::map<std::string, ResumedTable>& resumed() const { return resumed_; }
  /// The part of a batch that the pattern gets; null while a resumed table waits for the server's
  /// word. [strand]
  [[nodiscard]] StreamBatchRef part_for_pattern(const StreamBatchRef& batch);
  /// Lets the stream of a resumed table that stands where `last` does continue from there. [strand]
  void join(const StreamBatch& last);

  /// The runner learns schemas from batches and the time from the queue. [strand]
  void learn(const TableSchema& schema);
  /// Drops what a start that failed has told: another start follows. [strand]
  void forget_start();
  void set_backend_time_s(std::int64_t seconds);
  /// backend_time_s, counted on while the backend is silent; 0 before the first answer of it.
  [[nodiscard]] std::int64_t last_backend_time_s() const;
  void take_time_of(const PatternHost& other);

 private:
  static constexpr auto kNeverTold = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] std::int64_t steady_s() const;

  const InstanceOptions& options_;
  Clock& clock_;
  std::atomic<std::int64_t> backend_ahead_s_{kNeverTold};  // of the steady clock
  std::atomic<bool> backend_answers_{false};
  mutable std::map<std::string, std::atomic<bool>, std::less<>> asked_;  ///< For each setting.
  std::map<std::string, const TableSchema*, std::less<>> tables_;
  std::map<std::string, ResumedTable> resumed_;
  std::vector<std::filesystem::path> watched_files_;
  std::string directory_;
};

}  // namespace patchbay
