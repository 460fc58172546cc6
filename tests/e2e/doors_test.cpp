// Access of others to a host: addresses, files, secrets in what it prints; and whom verbs ask.
// docs/security.md names these tests.
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <sstream>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "net/http_server.hpp"
#include "support/eventually.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;
using Arguments = HostProcess::Arguments;
using Environment = HostProcess::Environment;

class Doors : public testing::Test {
 protected:
  [[nodiscard]] std::string host() const { return directory_ / "host"; }
  [[nodiscard]] Arguments run(const Arguments& more = {}) const { return run_in(host(), more); }

  TemporaryDirectory directory_;
};

TEST_F(Doors, AreNotOpenedToOtherMachinesWithoutASecret) {
  const std::string database = "postgresql://a:b@127.0.0.1:1/c";
  for (const char* address :
       {"0.0.0.0", "::", "10.0.0.1", "127.evil.com", "house.example", "127.1", "::ffff:10.0.0.1"}) {
    for (const Arguments& part :
         {Arguments{"backend", "--database-url", database, "--address", address},
          Arguments{"sync", "--database-url", database, "--directory", host(), "--address",
                    address}}) {
      const Ended ended = run_to_end(part);
      EXPECT_EQ(ended.exit_code, 2) << part[0] << " " << address << ended.errors;
      EXPECT_NE(ended.errors.find("is not loopback"), std::string::npos) << ended.errors;
      EXPECT_EQ(ended.errors.find('\n'), ended.errors.size() - 1) << "one line: " << ended.errors;
      EXPECT_EQ(ended.output, "");
    }
    const Ended ended = run_to_end(run({"--allowed-origin", "http://app.example"}),
                                   {{"PATCHBAY_BACKEND_ADDRESS", address}});
    EXPECT_EQ(ended.exit_code, 2) << address;
    EXPECT_NE(ended.errors.find("backend.token"), std::string::npos) << ended.errors;
    EXPECT_FALSE(fs::exists(host() + "/postgres")) << "it is said before anything is started";
  }
  for (const char* address : {"0.0.0.0", "127.0.0.2"}) {
    HostProcess backend({"backend", "--database-url", database, "--address", address, "--port", "0",
                         "--token", "hush-hush"});
    EXPECT_NE(backend.port("backend"), "0") << address;
  }
}

/// The rights of others on a file below `top`, as "path 644"; "" where they have none.
std::string open_to_others(const fs::path& top) {
  std::string found;
  for (const auto& entry : fs::recursive_directory_iterator(top)) {
    struct stat status {};
    if (lstat(entry.path().c_str(), &status) != 0 || S_ISLNK(status.st_mode)) continue;
    const unsigned wanted = S_ISDIR(status.st_mode) ? 0700 : 0600;
    const unsigned mode = status.st_mode & 0777U;
    std::ostringstream octal;
    octal << std::oct << mode;
    if (mode != wanted) found += entry.path().string() + " " + octal.str() + "\n";
  }
  return found;
}

/// 0711 where the private PostgreSQL's own user passes it, as it does when root starts the host.
unsigned mode_of_directory() {
  return geteuid() == 0 ? 0711 : 0700;
}

unsigned mode_of(const fs::path& path) {
  return static_cast<unsigned>(fs::status(path).permissions());
}

TEST_F(Doors, KeepsItsFilesToItsUserWhateverTheUmask) {
  for (const mode_t mask : {mode_t{0}, mode_t{077}}) {
    const mode_t before = umask(mask);
    const std::string data = directory_ / ("new/of/" + std::to_string(mask));
    HostProcess host(run_in(data));
    umask(before);
    LocalApi api(host.place("page"));
    ASSERT_TRUE(api.is_ready("todos"));
    const Answer written =
        api.write("through-db", R"("operation":"insert","table":"todos","value":{)"
                                R"("id":"5b1f0c5e-96fd-4a77-a7f1-0f5f3ddc2f10","title":"milk"})");
    EXPECT_TRUE(api.becomes("confirmed", "through-db", write_id_of(written)));
    EXPECT_EQ(open_to_others(fs::path(data) / "patterns"), "") << "while it runs";
    EXPECT_TRUE(fs::exists(fs::path(data) / "patterns/through-db/through-db.db-wal"));
    EXPECT_EQ(host.interrupt(), 0) << host.errors();
    EXPECT_EQ(open_to_others(data), "") << "umask " << mask;
    EXPECT_EQ(mode_of(data), mode_of_directory());
  }
}

TEST_F(Doors, ClosesWhatAnEarlierVersionLeftOpen) {
  const Arguments nowhere =
      run({"--electric-url", "http://127.0.0.1:1", "--backend-url", "http://127.0.0.1:1"});
  {
    HostProcess first(nowhere);
    EXPECT_NE(first.place("page"), "");
    first.kill();  // its -wal stays
  }
  directory_.file("host/shapes.json", "{}");
  directory_.file("host/shapes/todos.log", "");
  for (const auto& entry : fs::recursive_directory_iterator(host())) {
    fs::permissions(entry.path(), fs::perms(entry.is_directory() ? 0777 : 0666));
  }
  fs::permissions(host(), fs::perms(0777));
  {
    HostProcess again(nowhere);
    EXPECT_NE(again.place("page"), "");
    EXPECT_EQ(open_to_others(host()), "");
    EXPECT_EQ(mode_of(host()), 0700U) << "no other user's PostgreSQL is in there";
  }
  // A directory that others use too is theirs.
  const fs::path of_others = directory_.file("host/notes.txt", "mine");
  fs::permissions(of_others, fs::perms(0644));
  fs::permissions(host(), fs::perms(0755));
  HostProcess shared(nowhere);
  EXPECT_NE(shared.place("page"), "");
  EXPECT_EQ(mode_of(of_others), 0644U);
  EXPECT_EQ(mode_of(host()), 0755U);
}

const std::string kPlanted[] = {"api-s3cret",      "backend-s3cret", "electric-s3cret",
                                "database-s3cret", "query-s3cret",   "url-s3cret"};

void expect_no_secret(const std::string& text, const std::string& where) {
  for (const std::string& secret : kPlanted) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret << " in " << where << ":\n" << text;
  }
}

/// A secret in every setting that has one, and everything logged.
std::string planted_file(const TemporaryDirectory& directory) {
  return directory.file("patchbay.toml", R"(
log_level = "debug"
[api]
token = "api-s3cret"
[backend]
token = "backend-s3cret"
[electric]
secret = "electric-s3cret"
)");
}

const Arguments kDatabases[] = {
    {"--database-url", "postgresql://a:database-s3cret@127.0.0.1:1/c"},
    {"--database-url", "postgresql://a@127.0.0.1:1/c?password=database-s3cret"},
    {"--database-url", "host=127.0.0.1 port=1 user=a password='database-s3cret'"}};

TEST_F(Doors, TellsNoSecretToALog) {
  for (Arguments arguments : kDatabases) {
    arguments.insert(arguments.end(), {"--config", planted_file(directory_)});
    HostProcess host(run(arguments));
    LocalApi api(host.place("page"));
    EXPECT_TRUE(eventually([&] { return host.errors().find("127.0.0.1") != std::string::npos; }));
    for (const char* path : {"/api/status", "/metrics", "/api/patterns", "/api/plugins"}) {
      const Answer said = api.get(path);
      EXPECT_EQ(said.status, 200) << path;
      expect_no_secret(said.body.dump(), path);
    }
    (void)api.post("/api/patterns/online/swap", R"({"module":"optimistic"})");
    EXPECT_EQ(host.interrupt(), 0);
    expect_no_secret(host.output() + host.errors(), "the log");
  }
  for (const std::string part : {"backend", "sync"}) {
    HostProcess alone({part, kDatabases[0][0], kDatabases[0][1], "--port", "0", "--config",
                       planted_file(directory_)},
                      {{"PATCHBAY_DIRECTORY", host()}});
    EXPECT_NE(alone.place(part == "sync" ? "sync service" : part), "");
    EXPECT_EQ(alone.interrupt(), 0);
    expect_no_secret(alone.output() + alone.errors(), part);
  }
}

TEST_F(Doors, TellsNoSecretOfAUrlThatIsWrong) {
  const Arguments database = {"--database-url", "postgresql://a@127.0.0.1:1/c"};
  const Arguments urls[] = {
      {"--electric-url", "http://127.0.0.1:1/v1/shape?secret=query-s3cret", "--backend-url",
       "https://a:url-s3cret@127.0.0.1:1"},
      {"--electric-url", "https://a:url-s3cret@127.0.0.1:1?secret=query-s3cret"},
      {"--electric-url", "http://a:url-s3cret@127.0.0.1:1/?api_secret=query-s3cret"},
      {"--backend-url", "http://127.0.0.1:1?token=query-s3cret"},
      {"--database-url", "postgresql://a:database-s3cret/@127.0.0.1:1/c"},
      {"--database-url", "postgresql://a:p/database-s3cret@127.0.0.1:1/c"},
      {"--database-url", "postgresql://a:1/database-s3cret@127.0.0.1:1/c"},
      {"--database-url", "postgresql://a:p@database-s3cret@127.0.0.1:1/c"},
      {"--database-url", "postgresql://a:p?database-s3cret@127.0.0.1:1/c"},
      {"--database-url", "postgresql://a:%zzdatabase-s3cret@127.0.0.1:1/c"},
      {"--database-url", "host=h password=two database-s3cret"},
      {"--database-url", "database-s3cret"}};
  for (Arguments arguments : urls) {
    if (arguments[0] != database[0]) {
      arguments.insert(arguments.end(), database.begin(), database.end());
    }
    const std::string url = arguments[1];
    arguments.insert(arguments.end(), {"--config", planted_file(directory_)});
    HostProcess host(run(arguments));
    EXPECT_TRUE(eventually([&] { return host.output() + host.errors() != ""; })) << url;
    (void)host.interrupt();
    expect_no_secret(host.output() + host.errors(), url);
  }
}

TEST_F(Doors, PrintsTheSecretsItMadeToNoFile) {
  HostProcess process(run());
  LocalApi api(process.place("page"));
  std::string token;
  std::ifstream(host() + "/token") >> token;
  std::string password;
  std::ifstream(host() + "/postgres/password") >> password;
  ASSERT_FALSE(token.empty());
  ASSERT_FALSE(password.empty());
  EXPECT_NE(process.output().find(" (token: " + host() + "/token)"), std::string::npos);
  EXPECT_EQ(process.interrupt(), 0);
  const std::string said = process.output() + process.errors();
  for (const std::string& secret : {token, password, std::string("secret=")}) {
    EXPECT_EQ(said.find(secret), std::string::npos) << said;
  }
}

/// The output of `patchbay <arguments>` on a terminal until "Press Ctrl-C"; then it is ended.
std::string printed_to_a_terminal(const Arguments& arguments) {
  int terminal = -1;
  const pid_t id = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (id == 0) {
    std::vector<std::string> command = {PATCHBAY_BINARY_DIR "/bin/patchbay"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& text : command) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  std::string text;
  char buffer[4096];
  while (text.find("Press Ctrl-C") == std::string::npos) {
    const ssize_t count = read(terminal, buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  kill(id, SIGINT);
  while (read(terminal, buffer, sizeof buffer) > 0) {
  }
  close(terminal);
  waitpid(id, nullptr, 0);
  return text;
}

TEST_F(Doors, PrintsAWholeLinkToATerminal) {
  const std::string text = printed_to_a_terminal(run());
  std::string token;
  std::ifstream(host() + "/token") >> token;
  EXPECT_NE(text.find("/#token=" + token), std::string::npos) << text;
  EXPECT_NE(text.find("/v1/shape?secret="), std::string::npos) << text;
}

TEST_F(Doors, OfADirectoryWithoutAHostLeadToNoOther) {
  HostProcess stranger(
      run_in(directory_ / "stranger", {"--electric-url", "http://127.0.0.1:1", "--backend-url",
                                       "http://127.0.0.1:1", "--pattern", "online"}));
  const std::string port = stranger.port("page");
  const std::string id = "0190aaaa-0000-7000-8000-000000000001";
  const Arguments verbs[] = {{"status"},
                             {"rejected"},
                             {"rejected", "retry", "online", id},
                             {"rejected", "discard", "online", id},
                             {"swap", "online", "optimistic"},
                             {"add", "more", "optimistic"},
                             {"remove", "online"}};
  for (const Arguments& verb : verbs) {
    for (const bool by_default : {false, true}) {
      Arguments arguments = verb;
      Environment environment = {{"PATCHBAY_API_PORT", port}};
      if (by_default) {
        environment["PATCHBAY_DIRECTORY"] = host();
      } else {
        arguments.insert(arguments.end(), {"--directory", host()});
      }
      const Ended ended = run_to_end(arguments, environment);
      EXPECT_NE(ended.exit_code, 0) << verb[0] << ended.output;
      EXPECT_NE(ended.errors.find("No host runs in the directory " + host()), std::string::npos)
          << verb[0] << ": " << ended.errors;
      EXPECT_EQ(ended.errors.find('\n'), ended.errors.size() - 1) << ended.errors;
    }
  }
  EXPECT_EQ(run_to_end({"status", "--directory", host(), "--port", port}).exit_code, 1)
      << "a port that is given counts, and that host can follow nothing";
  EXPECT_EQ(stranger.interrupt(), 0);
}

TEST_F(Doors, TellNoStrangerTheTokenOfADirectory) {
  directory_.file("host/token", "token-s3cret");
  std::mutex mutex;  // the stranger's thread notes, the test reads
  std::string told = "nothing";
  auto stranger = net::start_http_server({}, [&](auto request, auto reply) {
    const std::lock_guard lock(mutex);
    told = "authorization: " + std::string(request->headers.get("authorization"));
    reply->send({200, {}, "{}"});
  });
  ASSERT_TRUE(stranger);
  (void)run_to_end(
      {"status", "--directory", host(), "--port", std::to_string((*stranger)->port())});
  const std::lock_guard lock(mutex);
  EXPECT_EQ(told, "authorization: ");
}

}  // namespace
}  // namespace patchbay::test
