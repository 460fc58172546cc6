// A child process that is waited for, up to a limit. It dies with its parent, has the default
// signals, writes into a file, and leaves no core. run_check -> this -> ChildProcess. No
// state between calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace patchbay::check {

/// The program to start.
struct ChildCommand {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::filesystem::path output;  ///< Standard output and error.
};

/// How a child ended.
struct ChildEnd {
  enum class How : std::uint8_t { exited, died, too_long, stopped, not_started };
  How how = How::exited;
  /// "died by SIGSEGV (Segmentation fault)", "ended with exit code 3"; of a child that was not
  /// started, the reason as a sentence.
  std::string words;
};

/// Starts the child and waits for its end. Kills it, and all that it started, after the limit or
/// when `stop_descriptor` (-1: none) is readable.
[[nodiscard]] ChildEnd run_child(const ChildCommand& command, std::chrono::milliseconds limit,
                                 int stop_descriptor);

}  // namespace patchbay::check
