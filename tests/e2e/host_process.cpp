#include "e2e/host_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/eventually.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// In the child, so it calls nothing that could wait for a lock another thread held at the fork.
[[noreturn]] void become(char* const* arguments, char* const* environment, int output, int errors) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = "/tmp/patchbay-e2e-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory under /tmp");
  chmod(name.c_str(), 0755);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TemporaryDirectory::file(const std::string& name, const std::string& text) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
  return path.string();
}

HostProcess::HostProcess(const Arguments& arguments, const Environment& environment) {
  std::vector<std::string> command = {PATCHBAY_BINARY_DIR "/bin/patchbay"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = {"PATH=/usr/bin:/bin"};
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const auto command_pointers = pointers_to(command);
  const auto variable_pointers = pointers_to(variables);
  const auto make = [this](const char* name) {
    return open((directory_ / name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  };
  const int output = make("output");
  const int errors = make("errors");
  id_ = fork();
  if (id_ == 0) become(command_pointers.data(), variable_pointers.data(), output, errors);
  close(output);
  close(errors);
}

HostProcess::~HostProcess() {
  if (exit_code_ == -1 && interrupt() == -1) kill();
}

bool HostProcess::has_ended() {
  int status = 0;
  if (!ended_ && waitpid(id_, &status, WNOHANG) == id_) {
    ended_ = true;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return ended_;
}

std::string HostProcess::place(const std::string& name) {
  const std::string label = "  " + name + ": ";
  std::string found;
  const bool printed = eventually(
      [&] {
        const bool ended = has_ended();
        const std::string text = output();
        const auto begin = text.find(label);
        const auto end = begin == std::string::npos ? begin : text.find('\n', begin);
        if (end == std::string::npos && !ended) return false;
        if (end != std::string::npos) {
          found = text.substr(begin + label.size(), end - begin - label.size());
        }
        return true;
      },
      std::chrono::seconds(30));
  if (!printed || found.empty()) {
    throw std::runtime_error("patchbay did not say its " + name + "; it said: " + output() +
                             errors());
  }
  const auto note = found.find(" (");  // where its secret is kept
  if (note == std::string::npos) return found;
  static const std::string kPassword = " (password: ";
  const std::string file = found.substr(note, found.size() - note - 1);
  found.resize(note);
  if (file.starts_with(kPassword)) found += " password=" + read_text(file.substr(kPassword.size()));
  return found;
}

std::string HostProcess::port(const std::string& name) {
  const std::string url = place(name);
  const auto begin = url.rfind(':') + 1;
  return url.substr(begin, url.find('/', begin) - begin);
}

void HostProcess::signal(int number) const {
  if (!ended_) ::kill(id_, number);
}

void HostProcess::kill() {
  signal(SIGKILL);
  exit_code();
}

int HostProcess::exit_code(std::chrono::milliseconds deadline) {
  return eventually([this] { return has_ended(); }, deadline) ? exit_code_ : -1;
}

int HostProcess::interrupt() {
  signal(SIGINT);
  return exit_code();
}

std::string HostProcess::output() const {
  return read_text(directory_ / "output");
}

std::string HostProcess::errors() const {
  return read_text(directory_ / "errors");
}

std::chrono::milliseconds HostProcess::cpu_time() const {
  // /proc/<id>/stat behind the name in brackets: state is field 3, utime and stime are 14 and 15.
  const std::string text = read_text("/proc/" + std::to_string(id_) + "/stat");
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / sysconf(_SC_CLK_TCK));
}

Ended run_to_end(const HostProcess::Arguments& arguments,
                 const HostProcess::Environment& environment) {
  HostProcess process(arguments, environment);
  const int exit_code = process.exit_code();
  return {exit_code, process.output(), process.errors()};
}

HostProcess::Arguments run_in(const std::string& directory, const HostProcess::Arguments& more) {
  HostProcess::Arguments arguments = {"run", "--directory", directory, "--port", "0"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::vector<pid_t> processes_in(const fs::path& directory) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code gone;
    const std::string place = fs::read_symlink(entry.path() / "cwd", gone);
    if (!gone && place.starts_with(directory.string())) found.push_back(std::stoi(name));
  }
  return found;
}

std::string command_line(pid_t id) {
  std::ifstream file("/proc/" + std::to_string(id) + "/cmdline");
  std::string line;
  for (std::string part; std::getline(file, part, '\0');) line += " " + part;
  return line;
}

pid_t postmaster_of(const fs::path& host_directory) {
  pid_t id = 0;
  std::ifstream(host_directory / "postgres" / "data" / "postmaster.pid") >> id;
  return id;
}

}  // namespace patchbay::test
