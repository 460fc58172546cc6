// Trial: the record of one check: the steps of its scripts and what was found, written down when it
// happens, so that a process that crashes or hangs has told where. Law -> this -> files -> the
// process that waits for the result. A forked process may continue the record.
//
//   <directory>/steps      one step a line; the last is the current one
//   <directory>/findings   one finding a line
//   <directory>/notes      one note a line
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace patchbay::check {

class Trial {
 public:
  /// The directory exists, and only this trial uses it.
  explicit Trial(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Starts another script, whose steps count from 1.
  void begin(const std::string& script);
  /// Notes the next step of the script.
  void step(const std::string& what);
  /// Notes a finding for each line that is not empty: what was seen and what was expected. The
  /// place is added. Takes at most a dozen.
  void fail(const std::string& sentences);
  /// Adds a sentence that a reader of the result needs, though nothing is wrong.
  void note(const std::string& sentence);
  /// Whether this process or another has noted a finding.
  [[nodiscard]] bool failed() const;
  /// Makes an empty directory.
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

/// The findings and the notes of a trial that have been written into its directory.
[[nodiscard]] std::vector<std::string> findings_in(const std::filesystem::path& directory);
[[nodiscard]] std::vector<std::string> notes_in(const std::filesystem::path& directory);
/// The step in which a trial ended; "" before the first.
[[nodiscard]] std::string last_step_in(const std::filesystem::path& directory);

}  // namespace patchbay::check
