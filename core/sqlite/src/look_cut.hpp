// look_cut: where the writes of one look end and begin. LocalLog -> here. Pure.
//
// A mark opens a write and the next one closes it, as does a change of another connection: that is
// seen where a connection's count of changes goes back. What is not marked is one write, if it is
// one transaction, and else as many as are within the bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/sqlite/local_log.hpp>
#include <vector>

namespace patchbay::sqlite {

/// Follows the marks of a log, entry by entry.
class MarkReader {
 public:
  /// Takes a mark; `changes` as below.
  void mark(std::optional<std::int64_t> changes);
  /// Takes a change: true when it begins a write. `changes`: the rows its connection had changed
  /// before; nullopt when that was not logged.
  [[nodiscard]] bool begins_write(std::optional<std::int64_t> changes);
  /// Whether the change that was taken last is part of a marked write.
  [[nodiscard]] bool is_marked() const noexcept { return open_; }

 private:
  [[nodiscard]] bool is_other_connection(std::optional<std::int64_t> changes);

  bool open_ = false;
  bool begins_ = true;  ///< The next change begins a write.
  std::optional<std::int64_t> changes_;
};

/// About the bytes that an operation takes in a request; rarely too few.
[[nodiscard]] std::size_t request_bytes(const Operation& operation);

/// Cuts writes that are several transactions at the bounds of one part, and one transaction where
/// it is more than a request may be: its parts may then be refused one by one.
[[nodiscard]] std::vector<LocalWrite> cut_by_size(std::vector<LocalWrite> found);

}  // namespace patchbay::sqlite
