// Host: what a pattern may ask of the process around it. Pattern -> Host -> the process. Owned by
// the host; outlives the pattern. Makes whatever outlives a module (rows, schemas, leases), so that
// the module can really be unloaded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <patchbay/batch.hpp>
#include <patchbay/result.hpp>
#include <patchbay/row.hpp>
#include <patchbay/write.hpp>
#include <span>
#include <string_view>

namespace patchbay {

/// How urgent a line of the log is.
enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// A lock on a file that at most one owner among all processes has. Held as long as a reference to
/// it lives.
class Lease {
 public:
  virtual ~Lease() = default;
  /// Says whether this is the lease of that file, and its lock file is still in place. [any thread]
  [[nodiscard]] virtual bool is_of(std::string_view file) const = 0;
};
using LeaseRef = std::shared_ptr<const Lease>;  ///< Made by the host alone.

/// The process around one instance of a pattern.
class Host {
 public:
  virtual ~Host() = default;
  /// Makes a row of `schema` out of one cell for each of its columns, in their order; cells may be
  /// absent. Never null. Another number of cells, or more than 1 GiB of text, breaks the contract:
  /// the step fails. [any thread]
  [[nodiscard]] virtual RowRef make_row(const TableSchema& schema, std::span<const Cell> cells) = 0;
  /// Makes a row of `base` and a patch over it: a column comes from `patch` unless it is absent
  /// there. The row has the schema of the base; columns of a patch with another schema are found by
  /// name, and those that the base does not have are left out. [any thread]
  [[nodiscard]] virtual RowRef fold(const Row& base, const Row& patch) = 0;
  /// The newest schema of a table of this instance; null until the stream has brought one. [strand]
  [[nodiscard]] virtual const TableSchema* table(std::string_view name) const = 0;
  /// The schema equal to this one that lives as long as the process, for a store that makes rows of
  /// what it has kept. [any thread]
  [[nodiscard]] virtual const TableSchema& keep_schema(const TableSchema& schema) = 0;
  /// Declares a table that the pattern's store holds from an earlier run, and the position of its
  /// rows: readers get the rows immediately, and a batch from before that position is not
  /// delivered. A position without a handle says that the rows are still missing. Called in
  /// `start`, or in `adopt` by a pattern that opens its store there. [startup]
  virtual void resume(const TableSchema& schema, const Position& position) = 0;
  /// Makes a UUIDv7 for a write that starts in the pattern. [any thread]
  [[nodiscard]] virtual WriteId make_write_id() = 0;
  /// The backend's own time, in seconds since 1970; 0 while the backend does not answer.
  /// [any thread]
  [[nodiscard]] virtual std::int64_t backend_time_s() const = 0;
  /// The name of this instance in the configuration. [any thread]
  [[nodiscard]] virtual std::string_view instance() const = 0;
  /// The directory of this instance's own, made by the first call. [any thread]
  [[nodiscard]] virtual std::string_view data_directory() = 0;
  /// A setting of this instance, as text; nullopt when the configuration does not have it. The log
  /// warns of configured settings that `start` has not asked for. [any thread]
  [[nodiscard]] virtual std::optional<std::string_view> setting(std::string_view name) const = 0;
  /// Writes one sentence to the host's log, under the instance's name. [any thread]
  virtual void log(LogLevel level, std::string_view message) = 0;
  /// Takes the lease of a store's file: a lock on <file>.lease, which is made if it is missing.
  /// ErrorCode::rejected: another owner has the lease; ErrorCode::retry: the lock file cannot be
  /// opened now. [strand]
  [[nodiscard]] virtual Result<LeaseRef> take_lease(std::string_view file) = 0;
  /// Asks for Pattern::on_local_change whenever another process may have changed this file.
  /// [startup]
  virtual Result<void> watch(std::string_view path) = 0;
};

}  // namespace patchbay
