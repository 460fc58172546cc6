#include <algorithm>
#include <map>
#include <set>

#include "includes.hpp"
#include "rules.hpp"

namespace tidy {
namespace {

using Folders = std::set<std::string, std::less<>>;

// A folder of core/src stands on these, and on what they stand on.
const std::map<std::string, Folders, std::less<>>& floors() {
  static const Folders ground{"files", "text", "rows", "log", "strand"};
  static const std::map<std::string, Folders, std::less<>> all{
      {"files", {}},
      {"text", {}},
      {"rows", {}},
      {"log", {}},
      {"strand", {}},
      {"time", ground},
      {"net", ground},
      {"stream", {"time", "net"}},
      {"electric", {"stream"}},
      {"hub", {"electric"}},
      {"port", {"time", "net"}},
      {"write", {"stream", "port"}},
      {"runtime", {"hub", "write"}},
  };
  return all;
}

bool stands_on(const std::string& upper, const std::string& lower) {
  const auto found = floors().find(upper);
  if (found == floors().end()) return false;
  const Folders& below = found->second;
  return below.contains(lower) || std::ranges::any_of(below, [&](const std::string& folder) {
           return stands_on(folder, lower);
         });
}

constexpr std::string_view kCore = "core/src/";

// "net" of "core/src/net/http.hpp"; "" of a file that is in no folder of core/src.
std::string floor_of(std::string_view path) {
  if (path.substr(0, kCore.size()) != kCore) return "";
  const std::string_view rest = path.substr(kCore.size());
  return std::string(rest.substr(0, std::min(rest.find('/'), rest.size())));
}

}  // namespace

Findings check_floors(const SourceFile& file) {
  const std::string own = floor_of(file.path);
  if (own.empty() || !file.is_cpp()) return {};
  if (!floors().contains(own)) {
    return {{file.path, 1, "is on no floor of core/src", "add its folder to the table of floors"}};
  }
  Findings found;
  for (const Include& include : includes_of(file)) {
    const std::size_t slash = include.name.find('/');
    if (!include.quoted || slash == std::string::npos) continue;
    const std::string other = include.name.substr(0, slash);
    if (other == own || stands_on(own, other)) continue;
    found.push_back({file.path, include.line, "includes " + include.name,
                     "core/src/" + own + " does not stand on core/src/" + other +
                         ": move what both need to a lower floor"});
  }
  return found;
}

}  // namespace tidy
