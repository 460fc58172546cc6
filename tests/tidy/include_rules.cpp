#include <algorithm>
#include <filesystem>
#include <optional>

#include "includes.hpp"
#include "rules.hpp"

namespace tidy {
namespace {

// A path starts with one of `homes` for the library whose headers start with `headers`. The first
// entry that fits decides. Tests look into databases and speak JSON, nothing more.
struct Library {
  std::string_view headers;
  std::vector<std::string_view> homes;
};

const std::vector<Library>& libraries() {
  static const std::vector<Library> all{
      {"boost/beast", {"core/src/net/"}},
      {"boost/dll", {"core/src/runtime/"}},
      {"boost/", {"core/src/net/", "core/src/runtime/", "core/src/time/"}},
      {"cpprest/", {"core/src/net/cpprest_client"}},
      {"pplx/", {"core/src/net/cpprest_client"}},
      {"pqxx/", {"host/database/run_sql"}},
      {"libpq-fe.h", {"host/database/", "tests/"}},
      {"simdjson",
       {"core/src/electric/json_values", "core/src/electric/message_parser",
        "core/src/electric/refusal_body", "core/src/electric/schema_header",
        "core/src/text/json_text", "core/src/write/answer_body"}},
      {"zlib.h", {"core/src/electric/cache_frames"}},
      {"spdlog/", {"core/src/log/"}},
      {"nlohmann/",
       {"host/json/", "host/backend/", "host/api/", "host/cli/", "host/embedded/", "tests/",
        "bench/"}},
      {"CLI/", {"host/cli/"}},
      {"toml++/", {"host/config"}},
      {"toml.hpp", {"host/config"}},
      {"prometheus/", {"host/api/", "host/backend/"}},
      {"SQLiteCpp/", {"core/sqlite/", "plugins/immutable/", "plugins/through-db/", "tests/"}},
      {"sqlite3.h", {"core/sqlite/", "plugins/immutable/", "plugins/through-db/", "tests/"}},
      {"gtest/", {"tests/"}},
      {"gmock/", {"tests/"}},
      {"rapidcheck", {"tests/"}},
      {"benchmark/", {"bench/"}},
  };
  return all;
}

// Who must not see whom; the arrows that are left point one way.
struct Border {
  std::string_view from;
  std::vector<std::string_view> unseen;
};

const std::vector<Border>& borders() {
  static const std::vector<Border> all{
      {"core", {"sim", "host", "plugins", "examples", "tests", "bench"}},
      {"sim", {"host", "plugins", "examples", "tests", "bench"}},
      {"host", {"plugins", "examples", "tests", "bench"}},
      {"bench", {"tests"}},
  };
  return all;
}

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// The path in the tree of a quoted include; nothing where it is none of ours.
std::optional<std::string> resolve(const SourceFile& file, const Include& include,
                                   const SourceTree& tree) {
  const std::string own = std::filesystem::path(file.path).parent_path().generic_string();
  const std::vector<std::string> folders{own,    "core/src", "core/sqlite", "core/include",
                                         "host", "tests",    "bench",       "."};
  for (const std::string& folder : folders) {
    const std::string path =
        (std::filesystem::path(folder) / include.name).lexically_normal().generic_string();
    const bool ours = std::any_of(tree.begin(), tree.end(),
                                  [&](const SourceFile& other) { return other.path == path; });
    if (ours) return path;
  }
  return std::nullopt;
}

bool is_standard(const Include& include) {
  return !include.quoted && include.name.find_first_of("./") == std::string::npos;
}

bool is_contract(const Include& include) {
  return !include.quoted && begins_with(include.name, "patchbay/");
}

std::optional<std::string> wrong_library(const SourceFile& file, const Include& include) {
  for (const Library& library : libraries()) {
    if (!begins_with(include.name, library.headers)) continue;
    const bool at_home =
        std::any_of(library.homes.begin(), library.homes.end(),
                    [&](std::string_view home) { return begins_with(file.path, home); });
    if (at_home) return std::nullopt;
    return "use the adapter of " + std::string(library.headers) + " in " +
           std::string(library.homes.front());
  }
  return std::nullopt;
}

std::optional<std::string> wrong_in_contract(const SourceFile& file, const Include& include) {
  if (!file.is_in("core/include/patchbay")) return std::nullopt;
  if (begins_with(include.name, "patchbay/kit/") && !file.is_in("core/include/patchbay/kit")) {
    return "the contract does without its toolbox";
  }
  if (is_standard(include) || is_contract(include)) return std::nullopt;
  if (include.name == "tl/expected.hpp") return std::nullopt;
  return "a contract header sees std, tl/expected.hpp and <patchbay/…> only";
}

// "plugins/online" of "plugins/online/online_pattern.cpp".
std::string home_of(const std::string& path) {
  const std::size_t first = path.find('/');
  return path.substr(0, path.find('/', first + 1) + 1);
}

std::optional<std::string> wrong_in_plugin(const SourceFile& file, const Include& include,
                                           const SourceTree& tree) {
  if (!file.is_in("plugins") && !file.is_in("examples")) return std::nullopt;
  if (is_standard(include) || is_contract(include)) return std::nullopt;
  const bool sqlite = begins_with(include.name, "SQLiteCpp/") || include.name == "sqlite3.h";
  if (sqlite) return std::nullopt;  // judged as a library
  const std::optional<std::string> path =
      include.quoted ? resolve(file, include, tree) : std::nullopt;
  if (path && begins_with(*path, home_of(file.path))) return std::nullopt;
  return "a plugin sees std, <patchbay/…> and its own folder only";
}

// The program runs in the real world: of the host, only the check of a plugin sees the simulated
// one.
bool is_simulated(const SourceFile& file, std::string_view path) {
  return begins_with(path, "sim/") && file.is_in("host") && !file.is_in("host/check");
}

std::optional<std::string> wrong_direction(const SourceFile& file, const Include& include,
                                           const SourceTree& tree) {
  if (!include.quoted) return std::nullopt;
  for (const Border& border : borders()) {
    if (!file.is_in(border.from)) continue;
    const std::optional<std::string> path = resolve(file, include, tree);
    if (!path) continue;
    if (is_simulated(file, *path)) return "only host/check runs in the simulated world";
    for (const std::string_view unseen : border.unseen) {
      if (!begins_with(*path, std::string(unseen) + "/")) continue;
      return std::string(border.from) + " must not depend on " + std::string(unseen) +
             ": pass it in through a seam";
    }
  }
  return std::nullopt;
}

}  // namespace

Findings check_includes(const SourceFile& file, const SourceTree& tree) {
  if (!file.is_cpp()) return {};
  Findings found;
  for (const Include& include : includes_of(file)) {
    std::optional<std::string> advice = wrong_library(file, include);
    if (!advice) advice = wrong_in_contract(file, include);
    if (!advice) advice = wrong_in_plugin(file, include, tree);
    if (!advice) advice = wrong_direction(file, include, tree);
    if (advice) found.push_back({file.path, include.line, "includes " + include.name, *advice});
  }
  return found;
}

}  // namespace tidy
