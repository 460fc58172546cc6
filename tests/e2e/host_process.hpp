// HostProcess: the built `patchbay` as a process of its own, and a directory for its data.
// End-to-end tests -> this -> the kernel. The process dies with the test that owns it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace patchbay::test {

/// A directory under /tmp that PostgreSQL's user may pass; removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }
  /// Writes a file there and returns its path.
  std::string file(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

class HostProcess {
 public:
  using Arguments = std::vector<std::string>;
  using Environment = std::map<std::string, std::string>;

  /// Starts `patchbay <arguments>` with an environment of PATH and what is given.
  explicit HostProcess(const Arguments& arguments, const Environment& environment = {});
  /// Asks it to stop and waits; kills it when that takes too long.
  ~HostProcess();
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  /// The text printed behind "  <name>: ", waited for, with the password of a private database.
  /// Throws, with its words, when it ends first.
  [[nodiscard]] std::string place(const std::string& name);
  /// The port in that place.
  [[nodiscard]] std::string port(const std::string& name);
  void signal(int number) const;
  /// kill -9, waited for.
  void kill();
  /// The exit code, waited for: 128 + n when signal n ended it, -1 when it does not end in time.
  int exit_code(std::chrono::milliseconds deadline = std::chrono::seconds(15));
  /// SIGINT, and its exit code.
  int interrupt();

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string errors() const;
  /// CPU time it has used so far.
  [[nodiscard]] std::chrono::milliseconds cpu_time() const;

 private:
  bool has_ended();

  TemporaryDirectory directory_;
  pid_t id_ = -1;
  bool ended_ = false;
  int exit_code_ = -1;
};

/// How a short command ended.
struct Ended {
  int exit_code = -1;
  std::string output;
  std::string errors;
};
[[nodiscard]] Ended run_to_end(const HostProcess::Arguments& arguments,
                               const HostProcess::Environment& environment = {});

/// `patchbay run` on any free port with its data in `directory`, and more arguments.
[[nodiscard]] HostProcess::Arguments run_in(const std::string& directory,
                                            const HostProcess::Arguments& more = {});

/// How often the one stands in the other.
[[nodiscard]] std::size_t times(const std::string& text, const std::string& part);

/// The processes that work in a directory or below it, as the servers of a PostgreSQL cluster do.
[[nodiscard]] std::vector<pid_t> processes_in(const std::filesystem::path& directory);
/// The program and arguments of a process, each with a blank before it.
[[nodiscard]] std::string command_line(pid_t id);
/// The process in a cluster's postmaster.pid; 0 when there is none.
[[nodiscard]] pid_t postmaster_of(const std::filesystem::path& host_directory);

}  // namespace patchbay::test
