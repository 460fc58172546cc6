// Numbers and texts as the bytes of a shape's cache file. Used by its frames and records only.
// Pure.
//
//   u32    = four bytes, little-endian
//   number = seven bits a byte, the lowest first, the eighth bit set where another byte follows
//   text   = number of its bytes, its bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::electric {

inline void put_u32(std::string& bytes, std::uint32_t value) {
  for (std::uint32_t shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<char>((value >> shift) & 0xFFU));
  }
}

/// The caller has checked that four bytes stand there.
[[nodiscard]] inline std::uint32_t get_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::uint32_t index = 4; index-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + index]);
  }
  return value;
}

inline void put_number(std::string& bytes, std::uint32_t value) {
  for (; value >= 0x80U; value >>= 7U) bytes.push_back(static_cast<char>(value | 0x80U));
  bytes.push_back(static_cast<char>(value));
}

inline void put_text(std::string& bytes, std::string_view text) {
  put_number(bytes, static_cast<std::uint32_t>(text.size()));
  bytes.append(text);
}

/// Takes values off the front of some bytes. Once something does not fit, `is_whole` stays false
/// and all further values are empty.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] std::uint32_t number() noexcept {
    std::uint64_t value = 0;
    for (std::uint32_t shift = 0; shift < 35 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0 && value <= UINT32_MAX) return static_cast<std::uint32_t>(value);
    }
    fail();
    return 0;
  }
  [[nodiscard]] std::string_view bytes(std::size_t count) noexcept {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  [[nodiscard]] std::string_view text() noexcept { return bytes(number()); }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] bool is_whole() const noexcept { return whole_; }

 private:
  void fail() noexcept {
    whole_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool whole_ = true;
};

}  // namespace patchbay::electric
