#include "config/installation.hpp"

namespace patchbay {

std::filesystem::path prefix() {
  std::error_code failed;
  const auto binary = std::filesystem::read_symlink("/proc/self/exe", failed);
  return binary.parent_path().parent_path();
}

std::filesystem::path shared_directory(const std::string& name,
                                       const std::filesystem::path& in_the_sources) {
  std::error_code failed;
  const auto installed = prefix() / "share" / "patchbay" / name;
  return std::filesystem::exists(installed, failed) ? installed : in_the_sources;
}

}  // namespace patchbay
