// JsonNumbers: the numbers of a JSON text as they are written there. Parsers read them into binary
// and refuse, round or lose the sign of what does not fit: 1e400, 0.1000000000000000055, -0.
// Request body -> this -> a SAX parser, which asks here for the text of each number it meets. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::text {

class JsonNumbers {
 public:
  /// `json` may be malformed, and outlives this object.
  explicit JsonNumbers(std::string_view json);

  /// The same JSON for the parser, with 0 for each number beyond a double. All else keeps place.
  [[nodiscard]] const std::string& parsable() const noexcept { return parsable_; }
  /// The text of the next number in the order of the document; "" behind the last.
  [[nodiscard]] std::string_view next() noexcept;

 private:
  std::string parsable_;
  std::vector<std::string_view> texts_;
  std::size_t next_ = 0;
};

}  // namespace patchbay::text
