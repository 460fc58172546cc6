// SqliteFile: what another program does with a pattern's file, in processes of their own: the
// `sqlite3` shell and Python's sqlite3. End-to-end tests -> this -> the file. Each call throws with
// the program's words when it fails.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {

class SqliteFile {
 public:
  explicit SqliteFile(std::string path) : path_(std::move(path)) {}

  /// Runs SQL in the `sqlite3` shell and returns what it prints, without the last line end.
  [[nodiscard]] std::string ask(const std::string& sql) const;
  void run(const std::string& sql) const { static_cast<void>(ask(sql)); }
  /// Runs each statement in one transaction of Python's sqlite3.
  void run_in_python(const std::vector<std::string>& statements) const;
  /// Runs one statement for each list of values, which Python binds.
  void run_in_python(const std::string& statement, const nlohmann::json& values) const;

 private:
  std::string path_;
};

}  // namespace patchbay::test
