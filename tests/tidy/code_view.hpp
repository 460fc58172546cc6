// Splits a C++ text by what its characters are, without understanding more of the language than
// that: rules look at code where they mean code. Each view has the length and the line breaks of
// the text, all else of it is blanks, so positions and line numbers agree.
// From a SourceFile's text → to the rules. Plain value.
#pragma once

#include <string>
#include <string_view>

namespace tidy {

struct CodeView {
  std::string code;        // no comments, literals reduced to their quotes, no directives
  std::string directives;  // preprocessor lines, with their strings, without comments
};

CodeView split_code(std::string_view text);

}  // namespace tidy
