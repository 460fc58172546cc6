// Messages of the command line about what answers at a port, and about what takes its output.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "e2e/host_process.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

using Arguments = HostProcess::Arguments;

/// A port that takes connections, as the kernel does for a process that is stopped by a signal.
class SilentPort {
 public:
  SilentPort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, raw, size) != 0 || listen(socket_, 8) != 0 ||
        getsockname(socket_, raw, &size) != 0) {
      throw std::runtime_error("no port to listen at");
    }
    number_ = std::to_string(ntohs(address.sin_port));
  }
  ~SilentPort() { close(socket_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  [[nodiscard]] const std::string& number() const { return number_; }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string number_;
};

const Arguments kVerbs[] = {
    {"status"}, {"rejected"}, {"swap", "online", "optimistic"}, {"add", "more"}, {"remove", "a"}};

Arguments at_port(Arguments verb, const std::string& port) {
  verb.insert(verb.end(), {"--port", port});
  return verb;
}

/// Sooner than `run_to_end` gives it up.
TEST(HostCall, GivesUpAPortThatSaysNothing) {
  const SilentPort silent;
  for (const Arguments& verb : kVerbs) {
    const Ended ended = run_to_end(at_port(verb, silent.number()));
    EXPECT_EQ(ended.exit_code, verb[0] == "status" ? 2 : 1) << verb[0];
    EXPECT_NE(ended.errors.find("No host answers at"), std::string::npos) << ended.errors;
  }
}

TEST(HostCall, SaysThatAPortIsOfABackendAlone) {
  HostProcess backend({"backend", "--database-url", "postgresql://a@127.0.0.1:1/c", "--port", "0"});
  const std::string port = backend.port("backend");
  const Ended status = run_to_end(at_port({"status"}, port));
  EXPECT_EQ(status.exit_code, 2);
  for (const Arguments& verb : kVerbs) {
    const Ended ended = run_to_end(at_port(verb, port));
    EXPECT_NE(ended.errors.find("is not a Patchbay host but a backend or a sync service"),
              std::string::npos)
        << verb[0] << ": " << ended.errors;
  }
}

TEST(HostCall, SaysThatOutputCannotBeWritten) {
  const TemporaryDirectory directory;
  for (const std::string verb :
       {"plugins", "plugins --json", "check --list", "--help", "--version"}) {
    const std::string said = directory / "said";
    const int status = std::system(
        (PATCHBAY_BINARY_DIR "/bin/patchbay " + verb + " >/dev/full 2>" + said).c_str());
    EXPECT_EQ(WEXITSTATUS(status), 1) << verb;
    EXPECT_EQ(std::system(("grep -q 'output could not be written' " + said).c_str()), 0) << verb;
  }
}

}  // namespace
}  // namespace patchbay::test
