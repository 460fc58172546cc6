#include "check/run.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

#include "check/child.hpp"
#include "check/one_check.hpp"
#include "check/trial.hpp"

namespace patchbay::check {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kOutputBytesMax = 4'000;

/// A temporary directory, removed with everything in it at the end.
class TrialDirectory {
 public:
  TrialDirectory() {
    std::string name = (fs::temp_directory_path() / "patchbay-check-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TrialDirectory() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TrialDirectory(const TrialDirectory&) = delete;
  TrialDirectory& operator=(const TrialDirectory&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string end_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (text.size() <= kOutputBytesMax) return text;
  text.erase(0, text.size() - kOutputBytesMax);
  return text.substr(text.find('\n') + 1);
}

std::string place_in(const fs::path& directory) {
  const std::string step = last_step_in(directory);
  return step.empty() ? " before the first script started." : " in " + step + ".";
}

void judge(const ChildEnd& end, const fs::path& directory, CheckResult& result) {
  result.findings = findings_in(directory);
  result.notes = notes_in(directory);
  result.output = end_of(directory / "output");
  if (end.how == ChildEnd::How::stopped) {
    result.ending = Ending::stopped;
  } else if (end.how == ChildEnd::How::not_started) {
    result.ending = Ending::crashed;
    result.findings.push_back("The process of the check could not be started: " + end.words);
  } else if (end.how == ChildEnd::How::too_long) {
    result.ending = Ending::hung;
    result.findings.push_back("It did not come to an end within the time limit; it was" +
                              place_in(directory));
  } else if (end.how == ChildEnd::How::died || !is_through(directory)) {
    result.ending = Ending::crashed;
    result.findings.push_back("The process " + end.words + place_in(directory));
  } else {
    result.ending = result.findings.empty() ? Ending::passed : Ending::failed;
  }
}

}  // namespace

const char* to_string(Ending ending) noexcept {
  static constexpr const char* kWords[] = {"passed", "failed",      "crashed",
                                           "hung",   "not claimed", "stopped"};
  return kWords[static_cast<int>(ending)];
}

CheckResult run_check(const RunOptions& options, const Law& law) {
  CheckResult result;
  result.law = &law;
  if ((options.traits & law.traits) != law.traits) {
    result.ending = Ending::not_claimed;
    return result;
  }
  const TrialDirectory directory;
  if (directory.path().empty()) {
    result.ending = Ending::crashed;
    result.findings.push_back("No directory can be made in " + fs::temp_directory_path().string() +
                              "; free some room, or set TMPDIR.");
    return result;
  }
  const auto begin = std::chrono::steady_clock::now();
  ChildCommand command{options.program, options.arguments, directory.path() / "output"};
  for (std::string& one :
       arguments_of({options.module, law.id, directory.path(), options.settings})) {
    command.arguments.push_back(std::move(one));
  }
  const ChildEnd end = run_child(command, options.time_limit, options.stop_descriptor);
  result.time = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  judge(end, directory.path(), result);
  return result;
}

}  // namespace patchbay::check
