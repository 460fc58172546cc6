#include "app/api_address.hpp"

#include <fstream>
#include <system_error>

#include "app/directory_lock.hpp"

namespace patchbay::app {
namespace {

std::filesystem::path file_in(const std::filesystem::path& directory) {
  return directory / "api-address";
}

}  // namespace

ApiAddress::~ApiAddress() {
  std::error_code ignored;
  if (!file_.empty()) std::filesystem::remove(file_, ignored);
}

void ApiAddress::forget(const std::filesystem::path& directory) {
  std::error_code ignored;
  std::filesystem::remove(file_in(directory), ignored);
}

Result<void> ApiAddress::write(const std::filesystem::path& directory, const std::string& url) {
  file_ = file_in(directory);
  std::ofstream out(file_);
  out << url << std::endl;
  if (out) return {};
  return failure(ErrorCode::retry, "The file " + file_.string() +
                                       " cannot be written, so patchbay status and the other " +
                                       "verbs find this host by --port only; make room for it " +
                                       "and start the host again.");
}

Result<std::string> read_api_address(const std::filesystem::path& directory) {
  std::string url;
  std::ifstream(file_in(directory)) >> url;
  if (url.empty()) {
    return failure(ErrorCode::retry,
                   "No host runs in the directory " +
                       std::filesystem::absolute(directory).lexically_normal().string() +
                       "; start one with patchbay run, or give the --directory or the --port of "
                       "one that runs.");
  }
  if (is_locked(directory)) return url;
  return failure(ErrorCode::retry, "No host runs in the directory " + directory.string() +
                                       " any more; the one at " + url +
                                       " was killed. Start it again with patchbay run, or give "
                                       "the --port of another one.");
}

}  // namespace patchbay::app
