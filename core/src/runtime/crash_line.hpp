// The line that a module leaves which ends the process: by a signal that it caused, by abort, by
// exit, by quick_exit. Kernel and C library -> here -> standard error, and the instance's crash
// file. Installed once by the program, and never removed. An end outside of a pattern's calls is
// counted against no module; its line names those that are loaded.
//
//   crash file := line*      line := <step> ' ' <cause> ' ' <module> '\n'
#pragma once

#include <cstddef>
#include <filesystem>
#include <patchbay/result.hpp>
#include <string>

namespace patchbay {

/// Installs the handlers, except those for signals under a sanitizer, which has handlers of its
/// own. [startup]
void leave_a_line_at_crashes();

/// The content of an instance's crash file: how often in a row the module that ended the process
/// last has done so, and how: "in on_write, by SIGSEGV"; 0 and "" where there is no such file.
struct CrashRecord {
  std::size_t times = 0;
  std::string last;
  std::string module;  ///< The file that was loaded then.
};
[[nodiscard]] CrashRecord read_crash_file(const std::filesystem::path& file);

}  // namespace patchbay
