#include "web_files.hpp"

#include <fstream>
#include <iterator>

#include "tuning.hpp"

namespace patchbay::api {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPolicy =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// "" for a file that is not the page's.
std::string content_type(const fs::path& path) {
  static const std::map<std::string, std::string> kTypes = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".json", "application/json"},
      {".txt", "text/plain; charset=utf-8"}};
  const auto found = kTypes.find(path.extension().string());
  return found == kTypes.end() ? std::string() : found->second;
}

std::string joined(const std::vector<std::string>& segments) {
  std::string name;
  for (const std::string& segment : segments) {
    if (!name.empty()) name += '/';
    name += segment;
  }
  return name.empty() ? "index.html" : name;
}

}  // namespace

Result<WebFiles> WebFiles::load(const fs::path& directory) {
  WebFiles files;
  if (directory.empty()) return files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error) || content_type(at->path()).empty()) continue;
    const Result<void> added =
        files.add(at->path(), at->path().lexically_relative(directory).generic_string());
    if (!added) return tl::make_unexpected(added.error());
  }
  if (files.files_.find("index.html") == files.files_.end()) {
    return failure(ErrorCode::rejected, "The page's directory " + directory.string() +
                                            " has no index.html; name the directory host/web of "
                                            "the source, or where it is installed.");
  }
  return files;
}

Result<void> WebFiles::add(const fs::path& path, const std::string& name) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in || bytes.size() > kWebFileBytesMax) {
    return failure(ErrorCode::rejected, "The page's file " + path.string() +
                                            " cannot be read or is larger than " +
                                            std::to_string(kWebFileBytesMax) + " bytes.");
  }
  files_[name] = File{content_type(path), std::move(bytes)};
  return {};
}

void WebFiles::serve(const Exchange& exchange) const {
  const auto found = files_.find(joined(exchange.request->segments));
  if (found == files_.end()) {
    const std::string hint = files_.empty() ? " (this host serves no page)" : "";
    exchange.send_error(404, "rejected",
                        "There is nothing at " + exchange.request->path + hint +
                            "; the API is described at /api/openapi.json.");
    return;
  }
  if (!exchange.allows("GET, HEAD")) return;
  net::HttpResponse response{200, {{"Content-Type", found->second.type}}, found->second.bytes};
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("Content-Security-Policy", kPolicy);
  response.headers.add("Referrer-Policy", "no-referrer");
  add_safety_headers(response.headers);
  exchange.reply->send(std::move(response));
}

}  // namespace patchbay::api
