#include "text/json_text.hpp"

namespace patchbay::text {

bool is_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) continue;
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - at < static_cast<std::size_t>(more)) {
      return false;
    }
    // The second byte rules out overlong forms, surrogates and what is beyond Unicode.
    const auto second = static_cast<unsigned char>(text[at]);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    for (int index = 0; index < more; ++index) {
      if ((static_cast<unsigned char>(text[at++]) & 0xC0U) != 0x80U) return false;
    }
  }
  return true;
}

}  // namespace patchbay::text
