// SIGTERM ends the host in time, whatever hangs: a pattern, the database, a start, a slow client.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <string_view>

#include "e2e/foreign_postgres.hpp"
#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "integration/backend/cutting_proxy.hpp"
#include "integration/embedded/sql_session.hpp"
#include "support/eventually.hpp"
#include "support/frozen_postgres.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

/// The bound that is promised, from the signal to the end.
constexpr std::chrono::seconds kInTime{10};

/// A connection to a host that stays open while this lives.
class OpenConnection {
 public:
  explicit OpenConnection(const std::string& port)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no connection to the host");
    }
  }
  ~OpenConnection() { close(socket_); }
  OpenConnection(const OpenConnection&) = delete;
  OpenConnection& operator=(const OpenConnection&) = delete;

  void send(std::string_view bytes) const {
    if (write(socket_, bytes.data(), bytes.size()) < 0) throw std::runtime_error("not sent");
  }
  /// Waits for some bytes.
  void receive() const {
    char byte = 0;
    if (read(socket_, &byte, 1) != 1) throw std::runtime_error("nothing received");
  }

 private:
  int socket_;
};

class Stop : public testing::Test {
 protected:
  /// With the pattern `bad`, whose module `crash` hangs in that step.
  [[nodiscard]] HostProcess host(const std::string& hangs_in,
                                 const std::string& module = "crash") const {
    const std::string config = directory_.file(
        "host.toml",
        "[[pattern]]\nname = \"immutable\"\n[[pattern]]\nname = \"bad\"\n"
        "module = \"" +
            module + "\"\nsettings = { crash_in = \"" + hangs_in + "\", how = \"hang\" }\n");
    return HostProcess(run_in(directory_ / "host", {"--config", config, "--plugin-path",
                                                    PATCHBAY_BINARY_DIR "/tests/plugins/modules"}));
  }
  static std::string write_of(int number) {
    return R"("operation":"insert","table":"todos","value":{"id":"0190aaaa-0000-7000-8000-)"
           R"(00000000000)" +
           std::to_string(number) + R"(","title":"milk","completed":false})";
  }

  /// Expects that the process did not end by force, and in time.
  static void expect_orderly(HostProcess& process, const std::string& where) {
    EXPECT_EQ(process.exit_code(kInTime), 0) << where << process.errors();
    EXPECT_EQ(process.errors().find("It ends as it is"), std::string::npos) << process.errors();
  }

  TemporaryDirectory directory_;
};

TEST_F(Stop, EndsInTimeWhileAPatternHangsInAnyStep) {
  int number = 0;
  for (const std::string step : {"start", "on_batch", "on_write"}) {
    HostProcess process = host(step);
    LocalApi api(process.place("page"));
    EXPECT_EQ(api.write("immutable", write_of(++number)).status, 200);
    if (step == "on_write") {
      const OpenConnection waiting(process.port("page"));
      const std::string body = R"({"operations":[{)" + write_of(9) + "}]}";
      waiting.send(
          "POST /api/patterns/bad/writes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
          "application/json\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
      EXPECT_TRUE(eventually(
          [&] { return process.errors().find("has been in on_write") != std::string::npos; }));
    }
    EXPECT_TRUE(eventually([&] {
      return api.get("/ready").body.dump().find("has been in " + step + " for") !=
             std::string::npos;
    })) << api.get("/ready").body;
    process.signal(SIGTERM);
    expect_orderly(process, step);
    EXPECT_NE(process.errors().find("The step " + step + " of the pattern does not return"),
              std::string::npos)
        << process.errors();
  }
  HostProcess next = host("none");
  LocalApi api(next.place("page"));
  EXPECT_EQ(api.shows("milk milk milk", "immutable", "todos", "title"), "milk milk milk");
}

TEST_F(Stop, EndsInTimeWhileAPatternHangsInARead) {
  HostProcess process = host("read");
  LocalApi api(process.place("page"));
  ASSERT_TRUE(eventually([&] { return api.get("/ready").status == 200; })) << process.errors();
  const OpenConnection waiting(process.port("page"));
  waiting.send("GET /api/patterns/bad/rows/todos HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  ASSERT_TRUE(eventually(
      [&] { return process.errors().find("has been in read for") != std::string::npos; }));
  process.signal(SIGTERM);
  expect_orderly(process, "read");
  EXPECT_NE(process.errors().find("The step read of the pattern does not return"),
            std::string::npos)
      << process.errors();
}

TEST_F(Stop, EndsInTimeWhileASuccessorHangsInItsAdoption) {
  HostProcess process = host("adopt", "online");
  LocalApi api(process.place("page"));
  ASSERT_TRUE(eventually([&] { return api.get("/ready").status == 200; })) << process.errors();
  auto swapped = std::async(std::launch::async, [this] {
    return run_to_end({"swap", "bad", "crash", "--directory", directory_ / "host"});
  });
  ASSERT_TRUE(eventually(
      [&] { return process.errors().find("has been in adopt for") != std::string::npos; }));
  process.signal(SIGTERM);
  expect_orderly(process, "adopt");
  EXPECT_NE(swapped.get().exit_code, 0);
  HostProcess next = host("adopt", "online");
  LocalApi after(next.place("page"));
  EXPECT_TRUE(eventually([&] { return after.get("/ready").status == 200; })) << next.errors();
}

/// Connections are open and nobody answers; or they break, and nobody answers a new one either.
TEST_F(Stop, EndsInOrderWhileADatabaseDoesNotAnswer) {
  const ForeignPostgres postgres("CREATE TABLE todos (id uuid PRIMARY KEY, title text)");
  const std::string url = postgres.url();
  const auto colon = url.rfind(':');
  const auto slash = url.rfind('/');
  CuttingProxy proxy(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1, slash))));
  for (const bool breaks : {false, true}) {
    HostProcess process(
        run_in(directory_ / "host",
               {"--database-url",
                url.substr(0, colon + 1) + std::to_string(proxy.port()) + url.substr(slash)}));
    LocalApi api(process.place("page"));
    ASSERT_TRUE(api.is_ready("todos"));
    std::unique_ptr<FrozenPostgres> frozen;
    if (breaks) {
      proxy.lose_the_server();
      EXPECT_EQ(api.write("immutable", R"("operation":"insert","table":"todos","value":{"id":)"
                                       R"("0190aaaa-0000-7000-8000-000000000001","title":"a"})")
                    .status,
                200);
      // Stream, catalogue, probe and a worker connect by now.
      ASSERT_TRUE(eventually([&] { return proxy.unanswered() >= 4; }));
    } else {
      frozen = std::make_unique<FrozenPostgres>(postgres.server().process_id());
    }
    process.signal(SIGTERM);
    expect_orderly(process, breaks ? "breaks" : "is frozen");
  }
}

TEST_F(Stop, EndsInTimeWhileTheDiskOfTheCacheHangs) {
  HostProcess process(run_in(directory_ / "host"),
                      {{"LD_PRELOAD", PATCHBAY_BINARY_DIR "/tests/e2e/hanging_disk.so"}});
  LocalApi api(process.place("page"));
  ASSERT_TRUE(api.is_ready("todos"));
  ASSERT_TRUE(eventually(
      [&] { return std::filesystem::exists(directory_ / "host/shapes/todos.log.new"); }));
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(kInTime), 1) << process.errors();
  EXPECT_NE(process.errors().find("while it waited for its last threads"), std::string::npos)
      << process.errors();
}

TEST_F(Stop, EndsInTimeWhileTheDatabaseIsFrozen) {
  for (int time = 0; time < 2; ++time) {
    HostProcess process(run_in(directory_ / "host"));
    LocalApi api(process.place("page"));
    ASSERT_TRUE(api.is_ready("todos"));
    EXPECT_EQ(api.write("immutable", write_of(time + 1)).status, 200);
    const FrozenPostgres frozen(postmaster_of(directory_ / "host"));
    if (time == 1) {
      EXPECT_TRUE(eventually([&] { return api.get("/ready").status == 503; }));
    }
    process.signal(SIGTERM);
    EXPECT_NE(process.exit_code(kInTime), -1) << process.errors();
  }
  HostProcess next(run_in(directory_ / "host"));
  LocalApi api(next.place("page"));
  EXPECT_EQ(api.shows("milk milk", "immutable", "todos", "title"), "milk milk");
  EXPECT_EQ(SqlSession(next.place("database")).value("SELECT count(*) FROM todos"), "2");
}

TEST_F(Stop, EndsInTimeWhileAClientHoldsItsConnection) {
  HostProcess process(run_in(directory_ / "host"));
  const OpenConnection half(process.port("page"));
  half.send(
      "POST /api/patterns/online/writes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
      "application/json\r\nContent-Length: 9\r\n\r\n{");
  const OpenConnection events(process.port("page"));
  events.send("GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  events.receive();
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(kInTime), 0) << process.errors();
}

TEST_F(Stop, EndsImmediatelyAtTheSecondSignal) {
  HostProcess process = host("on_batch");
  EXPECT_NE(process.place("page"), "");
  process.signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return process.output().find("Stopping.") != std::string::npos; }));
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(), 1);
  EXPECT_NE(process.errors().find("A second signal came, while it waited for"), std::string::npos)
      << process.errors();
}

}  // namespace
}  // namespace patchbay::test
