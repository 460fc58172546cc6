// Checksum: tells a value that was written from one that a disk made of it. FNV-1a of 64 bits:
// every change of one byte gives another sum. No protection against an attacker. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::sqlite {

class Checksum {
 public:
  Checksum& add(std::string_view text) noexcept {
    add(static_cast<std::int64_t>(text.size()));  // "ab", "c" is not "a", "bc"
    for (const char c : text) take(static_cast<unsigned char>(c));
    return *this;
  }
  Checksum& add(std::int64_t number) noexcept {
    for (int byte = 0; byte < 8; ++byte) {
      take(static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> (8 * byte)));
    }
    return *this;
  }
  /// The checksum as an integer of SQLite.
  [[nodiscard]] std::int64_t sum() const noexcept { return static_cast<std::int64_t>(sum_); }

 private:
  void take(unsigned char byte) noexcept { sum_ = (sum_ ^ byte) * 0x100000001B3U; }

  std::uint64_t sum_ = 0xCBF29CE484222325U;
};

}  // namespace patchbay::sqlite
