// ShapeStore: all shapes there are, by table and by handle, fed by the stream. Owned by
// ShapeRegistry, on its strand. In memory, except what a restart needs: see KeptShapes.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "embedded/sync/shape.hpp"

namespace patchbay::embedded {

/// The shape that a request names: equal requests share a shape.
struct ShapeKey {
  TableName table;
  Replica replica = Replica::only_changes;
  std::vector<std::string> columns{};  ///< In ascending order; empty: all.

  friend auto operator<=>(const ShapeKey&, const ShapeKey&) = default;
};

class ShapeStore {
 public:
  explicit ShapeStore(ShapeLimits limits) : limits_(limits) {}

  /// Null when there is none. Valid until the shape is removed.
  [[nodiscard]] Shape* find(const ShapeKey& key);
  [[nodiscard]] Shape* find(const std::string& handle);
  [[nodiscard]] std::size_t size() const noexcept { return shapes_.size(); }
  [[nodiscard]] std::vector<const Shape*> all() const;

  /// Makes a new shape that waits for its snapshot, fed by `apply` from now on. `now_us` makes its
  /// handle unique.
  Shape& add(const ShapeKey& key, TableDefinition table, std::int64_t now_us);
  /// Adds a shape of the predecessor of this service, or another handle of such a one; see Shape.
  void add_kept(const KeptShape& kept);
  /// Gives a shape that is ready a new handle, which waits for its snapshot. See Shape::renew.
  Shape& renew(const ShapeKey& key, std::int64_t now_us);

  struct Ended {
    ShapeKey key;
    std::vector<std::string> handles;  ///< All of the shape.
    std::optional<ShapeEnd> why;       ///< Unless the caller ended it.
  };
  /// Removes the shape of that handle with all its handles; nothing when there is none.
  std::optional<Ended> remove(const std::string& handle);
  /// Drops a handle whose snapshot could not be read, and the shape if that has no other.
  void abandon(const std::string& handle);

  struct Applied {
    std::vector<ShapeKey> changed;
    std::vector<Ended> ended;  ///< The shapes that are gone.
  };
  /// Takes the next transaction of the stream. One seen before (the stream repeats itself after a
  /// reconnect) is ignored.
  Applied apply(const TransactionPtr& transaction);

  struct Completed {
    /// The snapshot lacks a transaction that the stream had already passed, and was not taken: load
    /// again.
    bool too_early = false;
    std::optional<ShapeEnd> end;  ///< The shape is over: remove it.
  };
  /// Takes the snapshot of a handle that is the newest of its shape, and loading.
  [[nodiscard]] Completed complete(const std::string& handle, LoadedSnapshot snapshot);

  /// Returns how many bytes shapes have dropped since the last call.
  [[nodiscard]] std::size_t take_freed() { return std::exchange(freed_bytes_, 0); }

  /// The newest LSN up to which all changes are known to be here.
  [[nodiscard]] std::uint64_t last_lsn() const noexcept { return last_lsn_; }
  /// Notes that the stream starts, for the first time or again: everything before `lsn` is in the
  /// database. With the history lost, positions seen so far have no meaning any more.
  void start_at(std::uint64_t lsn, bool history_lost);

 private:
  struct Member {
    std::unique_ptr<Shape> shape;
    std::uint64_t added_after = 0;  ///< Transactions passed when its newest handle was added.
  };

  [[nodiscard]] std::string new_handle(const ShapeKey& key, const TableDefinition& table,
                                       std::int64_t now_us);
  Ended remove(std::map<ShapeKey, Member>::iterator member);

  ShapeLimits limits_;
  std::map<ShapeKey, Member> shapes_;
  std::map<std::string, ShapeKey> handles_;  ///< Of all shapes.
  std::size_t freed_bytes_ = 0;
  std::uint64_t last_lsn_ = 0;
  std::uint64_t applied_lsn_ = 0;  ///< Of the last transaction applied.
  std::uint64_t passed_ = 0;
  std::int64_t last_stamp_ = 0;
  /// Ids of the transactions passed last, the newest at the end. A commit is in the log, and here,
  /// a moment before other sessions see it: a snapshot taken in that moment lacks it.
  std::deque<std::uint32_t> recent_txids_;
};

}  // namespace patchbay::embedded
