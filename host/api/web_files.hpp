// WebFiles: the page's files, read once when the API starts.
// Only files of this map are served, so no path leads out of the directory. Immutable.
#pragma once

#include <filesystem>
#include <map>
#include <patchbay/result.hpp>
#include <string>

#include "exchange.hpp"

namespace patchbay::api {

class WebFiles {
 public:
  /// An empty directory name: no page. ErrorCode::rejected when index.html is missing or a file is
  /// too large or unreadable. [startup]
  [[nodiscard]] static Result<WebFiles> load(const std::filesystem::path& directory);

  /// Answers GET and HEAD of a file; "/" is index.html.
  void serve(const Exchange& exchange) const;

 private:
  struct File {
    std::string type;
    std::string bytes;
  };
  Result<void> add(const std::filesystem::path& path, const std::string& name);

  std::map<std::string, File> files_;  ///< By path below the directory, "a/b.js".
};

}  // namespace patchbay::api
