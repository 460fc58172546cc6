#include "electric/cache_frames.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>

#include "electric/cache_bytes.hpp"
#include "electric/tuning.hpp"

namespace patchbay::electric {
namespace {

constexpr std::size_t kCheckedHeadBytes = 9;
constexpr std::size_t kHeadBytes = kCheckedHeadBytes + 4;

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

void append_frame(std::string& bytes, FrameKind kind, std::string_view payload) {
  const std::size_t head = bytes.size();
  bytes.push_back(static_cast<char>(kind));
  put_u32(bytes, static_cast<std::uint32_t>(payload.size()));
  put_u32(bytes, checksum(payload));
  put_u32(bytes, checksum(std::string_view(bytes).substr(head)));
  bytes.append(payload);
}

FrameReader::FrameReader(int descriptor, std::uint64_t begin, std::uint64_t file_size)
    : descriptor_(descriptor), file_size_(file_size), position_(begin), read_from_(begin) {}

std::optional<Frame> FrameReader::next() {
  const std::uint64_t left = file_size_ - std::min(position_, file_size_);
  if (left == 0) return stop(FrameEnd::clean);
  if (left < kHeadBytes || !fill(kHeadBytes)) return stop(FrameEnd::torn);
  const std::string_view head = std::string_view(buffer_).substr(taken_, kHeadBytes);
  if (get_u32(head, kCheckedHeadBytes) != checksum(head.substr(0, kCheckedHeadBytes))) {
    return stop(only_zeros_follow() ? FrameEnd::torn : FrameEnd::damaged);
  }
  const auto kind = static_cast<FrameKind>(head[0]);
  const std::size_t size = get_u32(head, 1);
  const std::uint32_t expected = get_u32(head, 5);
  if (left < kHeadBytes + size || !fill(kHeadBytes + size)) return stop(FrameEnd::torn);
  const auto payload = std::string_view(buffer_).substr(taken_ + kHeadBytes, size);
  if (checksum(payload) != expected) {
    return stop(left == kHeadBytes + size ? FrameEnd::torn : FrameEnd::damaged);
  }
  taken_ += kHeadBytes + size;
  position_ += kHeadBytes + size;
  return Frame{kind, payload};
}

/// Makes at least so many bytes stand in the buffer behind what was taken.
bool FrameReader::fill(std::size_t wanted) {
  if (buffer_.size() - taken_ >= wanted) return true;
  buffer_.erase(0, taken_);
  taken_ = 0;
  std::size_t held = buffer_.size();
  buffer_.resize(std::max(wanted, tuning::kCacheFrameBytes * 2));
  while (held < wanted) {
    const ssize_t count = pread(descriptor_, buffer_.data() + held, buffer_.size() - held,
                                static_cast<off_t>(read_from_));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    held += static_cast<std::size_t>(count);
    read_from_ += static_cast<std::uint64_t>(count);
  }
  buffer_.resize(held);
  return held >= wanted;
}

/// A file that grew before its bytes reached the disk reads as zeros after a power cut.
bool FrameReader::only_zeros_follow() {
  while (true) {
    const auto rest = std::string_view(buffer_).substr(taken_);
    if (rest.find_first_not_of('\0') != std::string_view::npos) return false;
    taken_ = buffer_.size();
    if (!fill(1)) return true;
  }
}

std::optional<Frame> FrameReader::stop(FrameEnd end) {
  end_ = end;
  return std::nullopt;
}

}  // namespace patchbay::electric
