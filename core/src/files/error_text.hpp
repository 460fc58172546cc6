// error_text: a number of errno in words. [any thread]
#pragma once

#include <string>
#include <system_error>

namespace patchbay::files {

/// "No such file or directory" for ENOENT.
[[nodiscard]] inline std::string error_text(int number) {
  return std::generic_category().message(number);
}

}  // namespace patchbay::files
