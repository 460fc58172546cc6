#include "e2e/sqlite_file.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace patchbay::test {
namespace {

constexpr const char* kPython = R"py(
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
for statement in json.loads(sys.argv[2]):
    db.executemany(*statement)
db.execute("COMMIT")
db.close()
)py";

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start " + command);
  std::string output;
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
  const int status = pclose(pipe);
  if (status != 0) throw std::runtime_error(command + " failed: " + output);
  return output;
}

}  // namespace

std::string SqliteFile::ask(const std::string& sql) const {
  std::string output =
      output_of("sqlite3 -bail -cmd '.timeout 10000' " + quoted(path_) + " " + quoted(sql));
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

void SqliteFile::run_in_python(const std::vector<std::string>& statements) const {
  const nlohmann::json once = nlohmann::json::array({nlohmann::json::array()});
  nlohmann::json all = nlohmann::json::array();
  for (const std::string& statement : statements) all.push_back({statement, once});
  output_of("python3 -c " + quoted(kPython) + " " + quoted(path_) + " " + quoted(all.dump()));
}

void SqliteFile::run_in_python(const std::string& statement, const nlohmann::json& values) const {
  const nlohmann::json all = nlohmann::json::array({{statement, values}});
  output_of("python3 -c " + quoted(kPython) + " " + quoted(path_) + " " + quoted(all.dump()));
}

}  // namespace patchbay::test
