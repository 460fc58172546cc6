// LoggedLines: what the process's log says while this lives, a line for each message, without the
// time: "[warning] [items] No space is left." For tests of what people are told.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace patchbay::test {

class LoggedLines {
 public:
  LoggedLines() { testing::internal::CaptureStderr(); }
  ~LoggedLines() { static_cast<void>(testing::internal::GetCapturedStderr()); }
  LoggedLines(const LoggedLines&) = delete;
  LoggedLines& operator=(const LoggedLines&) = delete;

  /// Since the last call.
  [[nodiscard]] std::string take() {
    static constexpr std::string_view kName = "[patchbay] ";
    std::istringstream said(testing::internal::GetCapturedStderr());
    testing::internal::CaptureStderr();
    std::string lines;
    for (std::string line; std::getline(said, line);) {
      const std::size_t name = line.find(kName);
      lines += (name == line.npos ? line : line.substr(name + kName.size())) + "\n";
    }
    return lines;
  }
};

}  // namespace patchbay::test
