#include "rows/value_text.hpp"

namespace patchbay::rows {

Spelling spelling_of(const Column& column) noexcept {
  if (column.dimensions != 0) return Spelling::as_is;
  if (column.type == "bool") return Spelling::boolean;
  if (column.type == "bpchar") return Spelling::padded;
  if (column.type == "inet") return Spelling::host_address;
  return Spelling::as_is;
}

std::string_view canonical_text(Spelling spelling, std::string_view text) noexcept {
  switch (spelling) {
    case Spelling::as_is:
      return text;
    case Spelling::boolean:
      if (text == "t") return "true";
      if (text == "f") return "false";
      return text;
    case Spelling::padded:
      while (text.ends_with(' ')) text.remove_suffix(1);
      return text;
    case Spelling::host_address: {
      const std::string_view mask = text.find(':') == std::string_view::npos ? "/32" : "/128";
      if (text.ends_with(mask)) text.remove_suffix(mask.size());
      return text;
    }
  }
  return text;
}

}  // namespace patchbay::rows
