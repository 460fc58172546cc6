// Host: what a pattern may ask of the process around it. Owned by the host; lives as long as the
// pattern. What outlives a module is made here, so that a module can really be unloaded.
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

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// A lock on a file that one owner in all processes has, held as long as one reference to it lives.
class Lease {
 public:
  virtual ~Lease() = default;
  /// True when the file's lease is this one, and still in its place. [any thread]
  [[nodiscard]] virtual bool is_of(std::string_view file) const = 0;
};
using LeaseRef = std::shared_ptr<const Lease>;  ///< Made by the host alone.

class Host {
 public:
  virtual ~Host() = default;
  /// A row of `schema` with one cell for each of its columns, in their order; cells may be absent.
  /// Never null: more than 1 GiB of text, or another number of cells, is a broken contract: the
  /// step fails. [any thread]
  [[nodiscard]] virtual RowRef make_row(const TableSchema& schema, std::span<const Cell> cells) = 0;
  /// `patch` over `base`: every column that is not absent in the patch comes from it. The result
  /// has the base's schema; when the patch has another, columns meet by name and what the base's
  /// schema lacks is left out. [any thread]
  [[nodiscard]] virtual RowRef fold(const Row& base, const Row& patch) = 0;
  /// The newest schema of a table of this instance; null until the stream has told it. [strand]
  [[nodiscard]] virtual const TableSchema* table(std::string_view name) const = 0;
  /// The one lasting schema equal to this one, for a store that makes rows of what it kept.
  /// [any thread]
  [[nodiscard]] virtual const TableSchema& keep_schema(const TableSchema& schema) = 0;
  /// A table that the pattern's store holds from an earlier run, and the position its rows stand
  /// at: readers are served from it, and a batch that would go back behind it is not delivered.
  /// Without a handle the rows are yet to come. In `adopt` too, by a pattern that opens its store
  /// there. [startup]
  virtual void resume(const TableSchema& schema, const Position& position) = 0;
  /// A new UUIDv7 for a write that starts in the pattern. [any thread]
  [[nodiscard]] virtual WriteId make_write_id() = 0;
  /// The backend's own time, in seconds since 1970; 0 while the backend does not answer.
  /// [any thread]
  [[nodiscard]] virtual std::int64_t backend_time_s() const = 0;
  /// The name of this instance in the configuration. [any thread]
  [[nodiscard]] virtual std::string_view instance() const = 0;
  /// A directory of this instance's own; made when first asked for. [any thread]
  [[nodiscard]] virtual std::string_view data_directory() = 0;
  /// A setting of this instance as text; nullopt when the configuration has none. Those that nobody
  /// has asked for by the end of `start` are warned of in the log. [any thread]
  [[nodiscard]] virtual std::optional<std::string_view> setting(std::string_view name) const = 0;
  /// Says one sentence in the host's log, under the instance's name. [any thread]
  virtual void log(LogLevel level, std::string_view message) = 0;
  /// Takes the lease of a store's file, a lock on <file>.lease, which is made where it is missing.
  /// ErrorCode::rejected: somebody has it; ErrorCode::retry: it cannot be opened now. [strand]
  [[nodiscard]] virtual Result<LeaseRef> take_lease(std::string_view file) = 0;
  /// Asks for on_local_change when another process may have changed this file. [startup]
  virtual Result<void> watch(std::string_view path) = 0;
  /// An optional interface of the host by name and revision; null when this host has none. What
  /// comes back lives as long as the host object. [any thread]
  [[nodiscard]] virtual void* extension(std::string_view name, std::uint32_t revision) = 0;
};

}  // namespace patchbay
