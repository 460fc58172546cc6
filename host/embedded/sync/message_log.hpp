// MessageLog: the changes of one shape, encoded, in pieces of contiguous bytes: the text costs
// little more than its own length, is appended at the end, and goes piece by piece from the front.
// Owned by Shape, on its strand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "embedded/sync/shape_offset.hpp"

namespace patchbay::embedded {

class MessageLog {
 public:
  /// `piece_bytes`: size at which a piece is closed.
  explicit MessageLog(std::size_t piece_bytes) : piece_bytes_(piece_bytes) {}

  /// Appends a message, whose place is behind all others.
  void append(std::uint64_t lsn, std::uint64_t position, std::string_view message);
  /// Drops the oldest piece. There is one.
  void drop_front();

  struct Part {
    std::string messages;                ///< Joined by commas.
    std::optional<ShapeOffset> reached;  ///< The last message looked at, if there was any.
    bool at_end = true;                  ///< Nothing follows.
  };
  /// Returns the messages behind `after`, without those of the transactions `left_out` (LSNs in
  /// ascending order), up to the message that fills `bytes_max`.
  [[nodiscard]] Part read(const ShapeOffset& after, const std::vector<std::uint64_t>& left_out,
                          std::size_t bytes_max) const;

  /// The place of the last message; nothing when there is none.
  [[nodiscard]] std::optional<ShapeOffset> end() const;
  /// The place of the last message of the oldest piece. There is one.
  [[nodiscard]] ShapeOffset front_end() const { return pieces_.front().end(); }
  /// The place of the last message of a transaction before `lsn`; nothing when there is none.
  [[nodiscard]] std::optional<ShapeOffset> last_before(std::uint64_t lsn) const;
  [[nodiscard]] std::size_t pieces() const noexcept { return pieces_.size(); }
  /// Of messages and their places.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Place {
    std::uint64_t lsn = 0;
    std::uint32_t position = 0;
    std::uint32_t text_end = 0;  ///< Of the message, in its piece.

    [[nodiscard]] ShapeOffset offset() const { return {ShapeOffset::Kind::log, lsn, position}; }
  };
  struct Piece {
    /// Messages joined by commas. No string, whose room at least doubles when it grows.
    std::vector<char> text;
    std::vector<Place> places;

    [[nodiscard]] ShapeOffset end() const { return places.back().offset(); }
    [[nodiscard]] std::string_view message(std::size_t index) const;
  };

  std::size_t piece_bytes_;
  std::deque<Piece> pieces_;  ///< None is empty.
  std::size_t bytes_ = 0;
};

}  // namespace patchbay::embedded
