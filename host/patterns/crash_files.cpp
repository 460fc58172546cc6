#include "patterns/crash_files.hpp"

#include <chrono>
#include <system_error>

#include "runtime/crash_line.hpp"

namespace patchbay::patterns {
namespace {

/// A module that has ended the process this often in a row is not loaded without being asked for.
constexpr std::size_t kCrashesMax = 2;
/// After this time without a crash the count starts from zero again.
constexpr std::chrono::minutes kCrashesForgottenAfter{1};

}  // namespace

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
