// CrashFiles: how often in a row the module of each instance has ended the process. The crash
// handler (runtime/crash_line.hpp) -> <directory>/crashes/<instance> -> PatternLoader. Each method
// touches one small file; on threads that may wait.
#pragma once

#include <filesystem>
#include <string>

#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::patterns {

class CrashFiles {
 public:
  /// `thread` may wait for a disk; it is where forget_later does its work.
  CrashFiles(const std::filesystem::path& host_directory, Clock& clock, Executor& thread);

  [[nodiscard]] std::filesystem::path file_of(const std::string& instance) const;
  /// Why a module, named so in the configuration and in this file, is loaded again only when
  /// somebody asks for it; "" if nothing speaks against it.
  [[nodiscard]] std::string why_held_back(const std::string& instance, const std::string& module,
                                          const std::filesystem::path& file) const;
  /// The module has come to a regular end: crashes are counted from zero again.
  void forget(const std::string& instance) const;
  /// Forgets once the module has run for a minute.
  void forget_later(const std::string& instance);

 private:
  const std::filesystem::path directory_;
  Clock& clock_;
  Executor& thread_;
};

}  // namespace patchbay::patterns
