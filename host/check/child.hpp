// A child process that is waited for with a limit: it dies with us, gets the default signals,
// writes into a file, and leaves no core. run_check -> the kernel.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace patchbay::check {

struct ChildCommand {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::filesystem::path output;  ///< Standard output and error.
};

struct ChildEnd {
  enum class How : std::uint8_t { exited, died, too_long, stopped, not_started };
  How how = How::exited;
  std::string words;  ///< "died by SIGSEGV (Segmentation fault)", "ended with exit code 3".
};

/// Waits for its end; kills it, and all that it started, after the limit or when `stop_descriptor`
/// (-1: none) is readable.
[[nodiscard]] ChildEnd run_child(const ChildCommand& command, std::chrono::milliseconds limit,
                                 int stop_descriptor);

}  // namespace patchbay::check
