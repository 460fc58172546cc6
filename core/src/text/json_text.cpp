#include "text/json_text.hpp"

#include <simdjson.h>

namespace patchbay::text {

bool is_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace patchbay::text
