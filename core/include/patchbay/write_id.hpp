// WriteId: the UUIDv7 that names one write in the app, in every store and at the server, and is
// never used again. A plain value.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

/// The 16 bytes of a UUID, in network order. All zero means no write.
struct WriteId {
  std::array<std::uint8_t, 16> bytes{};

  /// Reads the usual 36-character form, upper or lower case; nullopt for anything else.
  [[nodiscard]] static std::optional<WriteId> parse(std::string_view text) noexcept {
    if (text.size() != 36) return std::nullopt;
    WriteId id;
    std::size_t digits = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      if (at == 8 || at == 13 || at == 18 || at == 23) {
        if (c != '-') return std::nullopt;
        continue;
      }
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return std::nullopt;
      auto& byte = id.bytes[digits / 2];
      byte = static_cast<std::uint8_t>((byte << 4U) | static_cast<std::uint8_t>(digit));
      ++digits;
    }
    return id;
  }

  /// The 36-character form in lower case.
  [[nodiscard]] std::string text() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      if (at == 4 || at == 6 || at == 8 || at == 10) text.push_back('-');
      text.push_back(kDigits[bytes[at] >> 4U]);
      text.push_back(kDigits[bytes[at] & 15U]);
    }
    return text;
  }

  /// Says whether this id stands for no write.
  [[nodiscard]] bool is_nil() const noexcept { return *this == WriteId{}; }
  friend auto operator<=>(const WriteId&, const WriteId&) = default;
};

}  // namespace patchbay

template <>
struct std::hash<patchbay::WriteId> {
  std::size_t operator()(const patchbay::WriteId& id) const noexcept {
    std::size_t value = 0;
    for (std::size_t at = 8; at < 16; ++at) value = (value << 8U) | id.bytes[at];
    return value;
  }
};
