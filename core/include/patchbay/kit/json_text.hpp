// JSON strings for text that is assembled once and sent or stored as it is: writes, messages of the
// sync service, columns of a durable store. Pure, header-only. [any thread]
#pragma once

#include <cstddef>
#include <patchbay/kit/ascii.hpp>
#include <string>
#include <string_view>

namespace patchbay::text {

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 pass as they are.
inline void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  out.push_back('"');
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20U && byte != '"' && byte != '\\') continue;
    out.append(text, copied, at - copied);
    copied = at + 1;
    const std::size_t known = kEscaped.find(text[at]);
    if (known != std::string_view::npos) {
      out.push_back('\\');
      out.push_back(kLetters[known]);
    } else {
      out.append("\\u00");
      append_hex(out, byte);
    }
  }
  out.append(text, copied);
  out.push_back('"');
}

[[nodiscard]] inline std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace patchbay::text
