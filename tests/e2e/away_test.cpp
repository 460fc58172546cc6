// Backend and Electric that answer nothing of use: the log says so once, however many tables are
// followed and however long it lasts.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "net/http_server.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

/// Answers every request with that status; never where it is 0.
class PlayedServer {
 public:
  explicit PlayedServer(int status) : status_(status) {
    auto started = net::start_http_server({}, [this](const auto&, const auto& reply) {
      ++asked_;
      if (status_ != 0) return reply->send({status_, {}, "no"});
      const std::lock_guard lock(mutex_);
      silent_.push_back(reply);
    });
    if (!started) throw std::runtime_error(started.error().message);
    server_ = *std::move(started);
  }
  ~PlayedServer() { server_->stop(); }
  PlayedServer(const PlayedServer&) = delete;
  PlayedServer& operator=(const PlayedServer&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }
  /// Waits for so many more requests.
  [[nodiscard]] bool is_asked(int times) const {
    const int before = asked_;
    return eventually([&] { return asked_ >= before + times; }, std::chrono::seconds(60));
  }

 private:
  const int status_;
  std::atomic<int> asked_{0};
  std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<net::ServerReply>> silent_;
  std::unique_ptr<net::HttpServer> server_;
};

/// A host that follows so many tables of that server.
HostProcess::Arguments run_on(const PlayedServer& server, const std::string& directory,
                              int tables) {
  HostProcess::Arguments more = {"--electric-url", server.url(), "--backend-url",
                                 server.url(),     "--pattern",  "optimistic"};
  for (int table = 0; table < tables; ++table) {
    more.insert(more.end(), {"--table", "t" + std::to_string(table)});
  }
  return run_in(directory, more);
}

void expect_both_missed(HostProcess& host) {
  LocalApi api(host.place("page"));
  const auto knows = [&](const char* part) {
    return api.get("/ready").body.dump().find(part) != std::string::npos;
  };
  EXPECT_TRUE(eventually([&] { return knows("\"backend\"") && knows("\"electric\""); }))
      << api.get("/ready").body;
}

/// The log up to the fourth time that each table is asked for; nothing more is said up to the
/// eighth.
std::string log_of(int tables) {
  const TemporaryDirectory directory;
  const PlayedServer server(503);
  HostProcess host(run_on(server, directory / "host", tables));
  expect_both_missed(host);
  EXPECT_TRUE(server.is_asked(4 * tables));
  const std::string first = host.errors();
  EXPECT_TRUE(server.is_asked(4 * tables));
  EXPECT_EQ(host.errors().substr(first.size()), "");
  EXPECT_EQ(host.interrupt(), 0);
  return first;
}

TEST(Away, IsSaidOnceForAllTablesAndNotAgain) {
  const std::string few = log_of(3);
  const std::string many = log_of(6);
  EXPECT_EQ(times(few, "\n"), times(many, "\n")) << few << "\n" << many;
  for (const char* part : {"[backend] Not ready", "[electric] Not ready"}) {
    EXPECT_EQ(times(many, part), 1U) << many;
  }
}

/// A host is there, and says what is wrong, before the first question has got no answer.
TEST(Away, HoldsUpNoStartWhereNothingIsAnswered) {
  const TemporaryDirectory directory;
  const PlayedServer server(0);
  HostProcess host(run_on(server, directory / "host", 1));
  expect_both_missed(host);
  EXPECT_EQ(host.interrupt(), 0) << host.errors();
}

}  // namespace
}  // namespace patchbay::test
