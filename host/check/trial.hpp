// Trial: what becomes of one check: the steps of its scripts and what was found, written down as it
// happens, so that a process that crashes or hangs has said where. Law -> this -> files -> the
// process that waits for the result. A forked process may go on with it.
//
//   <directory>/steps      the last line is the step under way
//   <directory>/findings   one finding a line
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace patchbay::check {

class Trial {
 public:
  /// The directory exists and is this trial's alone.
  explicit Trial(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Another script begins; its steps count from 1.
  void begin(const std::string& script);
  void step(const std::string& what);
  /// Each line is a finding, "" is none: what was seen and what was expected; where is added. After
  /// a dozen no more are taken.
  void fail(const std::string& sentences);
  /// Whether anything was found, by this process or another.
  [[nodiscard]] bool failed() const;
  /// A new empty directory.
  [[nodiscard]] std::filesystem::path new_directory();

 private:
  [[nodiscard]] std::string place() const;

  std::filesystem::path directory_;
  std::string script_;
  std::string step_;
  std::size_t steps_ = 0;
  std::size_t findings_ = 0;
  std::size_t directories_ = 0;
};

/// What a trial left in its directory.
[[nodiscard]] std::vector<std::string> findings_in(const std::filesystem::path& directory);
/// The step under way when it ended; "" before the first.
[[nodiscard]] std::string last_step_in(const std::filesystem::path& directory);

}  // namespace patchbay::check
