#include "wal_damage.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace patchbay::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kCheckedHeaderBytes = 24;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::size_t kCheckedFrameBytes = 8;
constexpr std::uint32_t kMagic = 0x377F0682;   // its last bit: checksums of big-endian words
constexpr std::size_t kIndexHeaderBytes = 48;  // the wal-index has it twice
constexpr std::size_t kIndexIsInit = 12;
constexpr std::size_t kIndexFrames = 16;
constexpr std::size_t kIndexSalts = 32;
constexpr std::array<std::uint32_t, 8> kPageSizes{4096, 512, 1024, 2048, 8192, 16384, 32768, 65536};

using Salts = std::pair<std::uint32_t, std::uint32_t>;

std::uint32_t word(std::string_view bytes, std::size_t at, bool big_endian = true) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  const bool is_native = big_endian == (std::endian::native == std::endian::big);
  return is_native ? value : __builtin_bswap32(value);
}

/// SQLite's: two sums over pairs of words.
struct RunningSum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  void add(std::string_view bytes, bool big_endian) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += word(bytes, at, big_endian) + second;
      second += word(bytes, at + 4, big_endian) + first;
    }
  }
  friend bool operator==(const RunningSum&, const RunningSum&) = default;
};

RunningSum sum_at(std::string_view bytes, std::size_t at) {
  return {word(bytes, at), word(bytes, at + 4)};
}

struct Frame {
  std::uint32_t page = 0;
  std::uint32_t pages_after = 0;  ///< 0: no commit.
  bool whole = false;             ///< Fits the frame before it.
};

/// The bytes of a file; none where it is not a plain file, as a read of a pipe would wait.
std::ifstream opened(const fs::path& file) {
  std::error_code failed;
  return fs::is_regular_file(file, failed) ? std::ifstream(file, std::ios::binary)
                                           : std::ifstream();
}

/// Reads a log front to back.
class WalReader {
 public:
  explicit WalReader(const fs::path& wal) : in_(opened(wal)) {
    std::array<char, kHeaderBytes> bytes{};
    if (!in_.read(bytes.data(), kHeaderBytes)) return;
    header_.assign(bytes.data(), bytes.size());
    big_endian_ = (word(header_, 0) & 1U) != 0;
    page_size_ = word(header_, 8);
    salts_ = {word(header_, 16), word(header_, 20)};
    computed_.add(std::string_view(header_).substr(0, kCheckedHeaderBytes), big_endian_);
    stored_ = sum_at(header_, kCheckedHeaderBytes);
    header_is_whole_ = (word(header_, 0) & ~1U) == kMagic && computed_ == stored_;
  }

  [[nodiscard]] bool is_empty() const { return header_.empty(); }
  [[nodiscard]] bool header_is_whole() const { return header_is_whole_; }
  /// Whether the header is zero, as after a power failure.
  [[nodiscard]] bool header_is_zero() const {
    return header_.find_first_not_of('\0') == std::string::npos;
  }
  /// Bytes of the header.
  [[nodiscard]] std::string_view salts() const { return std::string_view(header_).substr(16, 8); }
  [[nodiscard]] std::uint32_t page_size() const { return page_size_; }
  [[nodiscard]] std::string_view page() const {
    return std::string_view(frame_).substr(kFrameHeaderBytes);
  }

  /// Takes this size of pages, this order of bytes and the salts of the first frame in place of
  /// those in a damaged header.
  void assume(std::uint32_t page_size, bool big_endian) {
    page_size_ = page_size;
    big_endian_ = big_endian;
    computed_ = {};
    computed_.add(std::string_view(header_).substr(0, kCheckedHeaderBytes), big_endian);
    salts_.reset();
  }

  /// The next frame; nothing at the end.
  std::optional<Frame> next() {
    frame_.resize(kFrameHeaderBytes + page_size_);
    if (!in_.read(frame_.data(), static_cast<std::streamsize>(frame_.size()))) return std::nullopt;
    const Salts salts{word(frame_, 8), word(frame_, 12)};
    if (!salts_) salts_ = salts;
    Frame frame{word(frame_, 0), word(frame_, 4), false};
    const RunningSum own = sum_at(frame_, 16);
    if (salts != *salts_) {  // damage, or an earlier log's
      stored_ = own;
      return frame;
    }
    // The checksum that stands before it, or what that should be: either may be what was written.
    const RunningSum behind_stored = sum_behind(stored_);
    frame.whole = own == behind_stored || own == sum_behind(computed_);
    stored_ = own;
    computed_ = behind_stored;
    return frame;
  }

 private:
  [[nodiscard]] RunningSum sum_behind(RunningSum sum) const {
    sum.add(std::string_view(frame_).substr(0, kCheckedFrameBytes), big_endian_);
    sum.add(page(), big_endian_);
    return sum;
  }

  std::ifstream in_;
  std::string header_;
  std::string frame_;
  RunningSum stored_;    // what stands before the next frame
  RunningSum computed_;  // what should
  std::optional<Salts> salts_;
  std::uint32_t page_size_ = 0;
  bool big_endian_ = false;
  bool header_is_whole_ = false;
};

struct Layout {
  std::uint32_t page_size = 0;
  bool big_endian = false;
};

struct Verdict {
  bool damaged = false;
  std::uint32_t first_broken = 0;  ///< The number of the frame, from 1; 0 for none or the header.
  std::uint32_t last_commit = 0;   ///< The same.
  std::optional<Layout> assumed;   ///< The layout that the damaged header should have.
};

/// How many frames count by the wal-index; all where it is gone or not this log's. No connection of
/// this process is open, so that closing the file drops no lock.
std::uint32_t counted_frames(const fs::path& wal, std::string_view salts) {
  constexpr std::uint32_t kAll = std::numeric_limits<std::uint32_t>::max();
  constexpr std::string_view kLogEnding = "-wal";
  const std::string name = wal.filename().string();
  fs::path index = wal;
  index.replace_filename(name.substr(0, name.size() - kLogEnding.size()) + "-shm");
  std::array<char, 2 * kIndexHeaderBytes> bytes{};
  if (!opened(index).read(bytes.data(), bytes.size())) return kAll;
  const std::string_view header(bytes.data(), kIndexHeaderBytes);
  const std::string_view again(bytes.data() + kIndexHeaderBytes, kIndexHeaderBytes);
  const bool fits = header == again && header[kIndexIsInit] != 0 &&
                    header.substr(kIndexSalts, salts.size()) == salts;
  return fits ? word(header, kIndexFrames, std::endian::native == std::endian::big) : kAll;
}

Verdict read_through(WalReader& reader, bool broken, std::uint32_t counted) {
  Verdict verdict;
  for (std::uint32_t number = 1; const auto frame = reader.next(); ++number) {
    if (!frame->whole && !std::exchange(broken, true)) {
      if (number > counted) break;
      verdict.first_broken = number;
    }
    if (!frame->whole || frame->pages_after == 0) continue;
    if (number <= counted) verdict.last_commit = number;
    verdict.damaged |= broken;
  }
  return verdict;
}

Verdict judge_once(const fs::path& wal) {
  WalReader reader(wal);
  if (reader.is_empty()) return {};
  const std::uint32_t counted = counted_frames(wal, reader.salts());
  if (reader.header_is_whole()) return read_through(reader, false, counted);
  for (const std::uint32_t page_size : kPageSizes) {
    for (const bool big_endian : {false, true}) {
      WalReader assuming(wal);
      assuming.assume(page_size, big_endian);
      Verdict verdict = read_through(assuming, true, counted);
      verdict.assumed = Layout{page_size, big_endian};
      if (verdict.damaged) return verdict;
    }
  }
  Verdict unreadable;
  unreadable.damaged = !reader.header_is_zero();
  return unreadable;
}

/// A frame that another program was just writing is whole the second time.
Verdict judge(const fs::path& wal) {
  const Verdict first = judge_once(wal);
  if (!first.damaged) return first;
  Verdict second = judge_once(wal);
  second.damaged &= second.first_broken == first.first_broken;
  return second;
}

[[noreturn]] void cannot_write(const fs::path& file) {
  throw fs::filesystem_error("cannot write", file, std::error_code(errno, std::generic_category()));
}

}  // namespace

bool is_wal_damaged(const fs::path& wal) {
  return judge(wal).damaged;
}

void apply_wal(const fs::path& wal, const fs::path& copy) {
  const Verdict verdict = judge(wal);
  if (verdict.last_commit == 0) return;
  WalReader reader(wal);
  if (verdict.assumed) reader.assume(verdict.assumed->page_size, verdict.assumed->big_endian);
  std::uint64_t pages = 0;
  // A broken frame may name any page.
  const std::uint64_t page_max = fs::file_size(copy) / reader.page_size() + verdict.last_commit;
  std::fstream out(copy, std::ios::binary | std::ios::in | std::ios::out);
  for (std::uint32_t number = 1; number <= verdict.last_commit; ++number) {
    const auto frame = reader.next();
    if (!frame) break;
    if (frame->whole && frame->pages_after > 0) pages = frame->pages_after;
    if (frame->page == 0 || frame->page > page_max) continue;
    out.seekp(static_cast<std::streamoff>(frame->page - 1) * reader.page_size());
    out << reader.page();
  }
  out.flush();
  if (!out) cannot_write(copy);
  if (pages > 0) fs::resize_file(copy, pages * reader.page_size());
}

}  // namespace patchbay::sqlite
