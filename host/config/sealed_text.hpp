// The small text files that a host writes for a later one: their last line is a checksum of all
// before it, so that one a disk has changed or cut off is told from one that was written. Files of
// 0.1.0 have none. Pure, except `text_in`.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace patchbay {

/// 16 hexadecimal digits: FNV-1a, so that each change of one byte gives another.
[[nodiscard]] inline std::string text_checksum(std::string_view text) {
  std::uint64_t sum = 14'695'981'039'346'656'037U;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(sum));
  return digits.data();
}

/// `text` is whole lines.
[[nodiscard]] inline std::string sealed(const std::string& text) {
  return text + "checksum " + text_checksum(text) + "\n";
}

enum class Seal { fits, none, broken };

struct SealedText {
  std::string text;  ///< Without the checksum.
  Seal seal = Seal::none;
};

[[nodiscard]] inline SealedText unsealed(std::string bytes) {
  const std::size_t line = bytes.rfind("\nchecksum ");
  if (line == std::string::npos) return {std::move(bytes), Seal::none};
  std::string text = bytes.substr(0, line + 1);
  const Seal seal = bytes == sealed(text) ? Seal::fits : Seal::broken;
  return {std::move(text), seal};
}

/// The contents of a file; nullopt if there is none, or if it is not a plain file or unreadable.
[[nodiscard]] inline std::optional<std::string> text_in(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace patchbay
