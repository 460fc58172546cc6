#include "app/api_address.hpp"

#include <fstream>
#include <system_error>

#include "app/directory_lock.hpp"
#include "config/sealed_text.hpp"
#include "electric/cache_file.hpp"
#include "log/log.hpp"

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
  const std::filesystem::path file = file_in(directory);
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    if (const auto kept = electric::set_aside(file, "damaged")) {
      log::warning("app", file.string() + " was a directory, where the address of the local API " +
                              "is written; it was renamed to " + kept->string() + ".");
    }
  }
  std::filesystem::remove(file, ignored);
}

Result<void> ApiAddress::write(const std::filesystem::path& directory, const std::string& url) {
  file_ = file_in(directory);
  std::ofstream out(file_);
  out << sealed(url + "\n") << std::flush;
  if (out) return {};
  return failure(ErrorCode::retry, "The file " + file_.string() +
                                       " cannot be written, so patchbay status and the other " +
                                       "verbs find this host by --port only; make room for it " +
                                       "and start the host again.");
}

Result<std::string> read_api_address(const std::filesystem::path& directory) {
  const SealedText file = unsealed(text_in(file_in(directory)).value_or(""));
  const std::string url = file.text.substr(0, file.text.find('\n'));
  const bool is_cut_off = !url.empty() && url.size() == file.text.size();
  if (file.seal == Seal::broken || is_cut_off || url.find(' ') != std::string::npos) {
    return failure(ErrorCode::retry, "The file " + file_in(directory).string() +
                                         " is not what its host wrote; give the --port of that "
                                         "host, or start it again.");
  }
  if (url.empty() && is_locked(directory)) {
    return failure(ErrorCode::retry, "The host in the directory " + directory.string() +
                                         " is starting and has no address yet; ask again in a "
                                         "moment, or give its --port.");
  }
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
