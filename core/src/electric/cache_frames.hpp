// The frames of a shape's cache file: a checksum around every piece, so that a piece that was torn
// by a kill, or damaged, is told from a whole one. Shape log <-> frames <-> file. Plain values; the
// only place that knows zlib.
//
//   frame = head payload[size]
//   head  = kind u8 | size u32 | crc32(payload) u32 | crc32(the 9 bytes before) u32
//
// Numbers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::electric {

enum class FrameKind : std::uint8_t { shape = 1, rows = 2, position = 3 };

/// Appends one frame to `bytes`.
void append_frame(std::string& bytes, FrameKind kind, std::string_view payload);

struct Frame {
  FrameKind kind = FrameKind::shape;
  std::string_view payload;  ///< Valid until the next `next`.
};

/// How reading ended.
enum class FrameEnd : std::uint8_t {
  clean,    ///< Behind a whole frame.
  torn,     ///< In a frame that the end of the file cuts off, or that is the last and not whole.
  damaged,  ///< In a frame that is not what was written, with more behind it.
};

/// Reads a file's frames front to back, through a buffer of its own.
class FrameReader {
 public:
  /// `descriptor` stays the caller's; reading starts at `begin`, the file is `file_size` long.
  FrameReader(int descriptor, std::uint64_t begin, std::uint64_t file_size);
  /// The next whole frame; nothing at the end, which `end` then names.
  [[nodiscard]] std::optional<Frame> next();
  [[nodiscard]] FrameEnd end() const noexcept { return end_; }
  /// Where the file's next frame starts: behind the last one that was given.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  [[nodiscard]] bool fill(std::size_t wanted);
  [[nodiscard]] bool only_zeros_follow();
  std::optional<Frame> stop(FrameEnd end);

  int descriptor_;
  std::uint64_t file_size_;
  std::uint64_t position_;   // of the next frame, in the file
  std::uint64_t read_from_;  // where the next read starts, in the file
  std::string buffer_;
  std::size_t taken_ = 0;  // bytes of the buffer that were given
  FrameEnd end_ = FrameEnd::clean;
};

}  // namespace patchbay::electric
