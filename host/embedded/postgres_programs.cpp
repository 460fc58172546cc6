#include "postgres_programs.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "process/child_process.hpp"

namespace patchbay::embedded {
namespace {

namespace fs = std::filesystem;

bool has_programs(const fs::path& directory) {
  return access((directory / "postgres").c_str(), X_OK) == 0 &&
         access((directory / "initdb").c_str(), X_OK) == 0;
}

/// "postgres (PostgreSQL) 15.8 (Debian …)" → 15; 0 when it says something else.
int major_of(const fs::path& directory) {
  process::Command command;
  command.program = directory / "postgres";
  command.arguments = {"--version"};
  const auto output = process::run_command(command);
  if (!output) return 0;
  const auto start = output->find(") ");
  return start == std::string::npos ? 0 : std::atoi(output->c_str() + start + 2);
}

std::vector<fs::path> candidates() {
  std::vector<fs::path> found;
  const char* path = std::getenv("PATH");
  std::istringstream entries(path == nullptr ? "" : path);
  for (std::string entry; std::getline(entries, entry, ':');) {
    // The programs are started in another directory.
    if (entry.starts_with('/') && has_programs(entry)) found.emplace_back(entry);
  }
  std::error_code ignored;
  std::vector<std::pair<int, fs::path>> packaged;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const fs::path directory = version.path() / "bin";
    if (has_programs(directory)) {
      packaged.emplace_back(std::atoi(version.path().filename().c_str()), directory);
    }
  }
  std::sort(packaged.rbegin(), packaged.rend());
  for (auto& [major, directory] : packaged) found.push_back(std::move(directory));
  return found;
}

}  // namespace

Result<fs::path> find_postgres_programs(const fs::path& wanted, int major, const fs::path& data) {
  if (!wanted.empty() && !has_programs(wanted)) {
    return failure(ErrorCode::unsupported, "There is no postgres and initdb to execute in " +
                                               wanted.string() +
                                               ": name the bin directory of a PostgreSQL server.");
  }
  const auto directories = wanted.empty() ? candidates() : std::vector<fs::path>{wanted};
  if (directories.empty()) {
    return failure(ErrorCode::unsupported,
                   "No PostgreSQL server is installed (looked for postgres and initdb in PATH and "
                   "in /usr/lib/postgresql/*/bin): install the package postgresql, or give the "
                   "URL of a database.");
  }
  if (major == 0) return directories.front();
  std::string seen;
  for (const auto& directory : directories) {
    const int found = major_of(directory);
    if (found == major) return directory;
    seen += (seen.empty() ? "" : ", ") + std::to_string(found) + " in " + directory.string();
  }
  return failure(ErrorCode::unsupported,
                 "The data in " + data.string() + " belong to PostgreSQL " + std::to_string(major) +
                     ", but the programs found are of version " + seen + ": install postgresql-" +
                     std::to_string(major) + ", or choose another directory.");
}

}  // namespace patchbay::embedded
