// Reads the JSON texts that the store keeps: strings, nulls, whole numbers, arrays and objects.
// The texts are written by kit/json_text.hpp for people who look into the file, and read back as
// written, also where bytes are not UTF-8, which host/json would refuse. On the pattern's thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::sqlite {

/// Steps through a JSON text. What it does not expect throws Refused with ErrorCode::corrupt.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  /// Takes this character when it is next.
  [[nodiscard]] bool take(char what);
  void expect(char what);
  /// Between the elements of an array or object: true when there is one more before `close`, which
  /// is taken too when there is none. `first` is the caller's, true at the start.
  [[nodiscard]] bool next_element(char close, bool& first);
  [[nodiscard]] bool take_null();
  /// A string; valid until the next call with the same `into`, or as long as the text.
  [[nodiscard]] std::string_view string(std::string& into);
  [[nodiscard]] std::int64_t integer();
  void expect_end();

 private:
  void skip_blanks();
  void unescape(std::string& into);
  [[nodiscard]] std::uint32_t hex4();
  [[noreturn]] void fail() const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace patchbay::sqlite
