#include "patterns/crash_files.hpp"

#include <chrono>
#include <system_error>

#include "patterns/tuning.hpp"
#include "runtime/crash_line.hpp"

namespace patchbay::patterns {

CrashFiles::CrashFiles(const std::filesystem::path& host_directory, Clock& clock, Executor& thread)
    : directory_(std::filesystem::absolute(host_directory) / "crashes"),
      clock_(clock),
      thread_(thread) {}

std::filesystem::path CrashFiles::file_of(const std::string& instance) const {
  return directory_ / instance;
}

std::string CrashFiles::why_held_back(const std::string& instance, const std::string& module,
                                      const std::filesystem::path& file) const {
  const CrashRecord crashes = read_crash_file(file_of(instance));
  std::error_code failed;
  if (crashes.times < kCrashesMax ||
      crashes.module != std::filesystem::weakly_canonical(file, failed).string()) {
    return "";
  }
  return "Its module " + crashes.module + " ended the process " + std::to_string(crashes.times) +
         " times in a row, the last time " + crashes.last + "; try it again with `patchbay swap " +
         instance + " " + module + "`, or give another module there.";
}

void CrashFiles::forget(const std::string& instance) const {
  std::error_code failed;
  std::filesystem::remove(file_of(instance), failed);
}

void CrashFiles::forget_later(const std::string& instance) {
  clock_.after(kCrashesForgottenAfter, thread_, [this, instance] { forget(instance); });
}

}  // namespace patchbay::patterns
