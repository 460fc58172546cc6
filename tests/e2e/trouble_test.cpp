// A host that is killed, stopped, or loses its PostgreSQL: nothing is lost, nothing is left over.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>

#include "e2e/foreign_postgres.hpp"
#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"
#include "support/frozen_postgres.hpp"

namespace patchbay::test {
namespace {

std::string insert(int number, const std::string& title) {
  const std::string id = "0190aaaa-0000-7000-8000-00000000000" + std::to_string(number);
  return R"("operation":"insert","table":"todos","value":{"id":")" + id + R"(","title":")" + title +
         "\"}";
}

pid_t parent_of(pid_t id) {
  // Behind the name in brackets: the state, then the parent.
  std::ifstream file("/proc/" + std::to_string(id) + "/stat");
  std::string state;
  pid_t parent = 0;
  file.ignore(std::numeric_limits<std::streamsize>::max(), ')');
  file >> state >> parent;
  return parent;
}

/// The number of PostgreSQL servers. A process that a server has just forked has the server's
/// command line for a moment.
std::ptrdiff_t postmasters_in(const std::string& directory) {
  std::set<pid_t> found;
  for (const pid_t id : processes_in(directory)) {
    if (command_line(id).find(" -D ") != std::string::npos) found.insert(id);
  }
  return std::ranges::count_if(found, [&](pid_t id) { return !found.contains(parent_of(id)); });
}

class Trouble : public testing::Test {
 protected:
  void start() {
    host_ = std::make_unique<HostProcess>(run_in(directory_ / "host"));
    api_ = std::make_unique<LocalApi>(host_->place("page"));
    ASSERT_TRUE(api_->is_ready("todos"));
  }
  std::string count(const std::string& title) {
    return SqlSession(host_->place("database"))
        .value("SELECT count(*) FROM todos WHERE title = '" + title + "'");
  }
  std::string shown_by(const std::string& pattern, const std::string& expected) {
    return api_->shows(expected, pattern, "todos", "title");
  }

  TemporaryDirectory directory_;
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
};

TEST_F(Trouble, KeepsRowsWhenTheHostIsKilledAndLeavesNothingWhenItIsStopped) {
  start();
  ASSERT_EQ(api_->write("online", insert(1, "milk")).status, 200);
  host_->kill();
  start();
  EXPECT_EQ(shown_by("online", "milk"), "milk");
  EXPECT_EQ(shown_by("optimistic", "milk"), "milk");
  EXPECT_EQ(postmasters_in(directory_ / "host"), 1);
  const Answer eggs = api_->write("optimistic", insert(2, "eggs"));
  EXPECT_TRUE(api_->becomes("confirmed", "optimistic", write_id_of(eggs))) << eggs.body;
  EXPECT_EQ(shown_by("online", "eggs milk"), "eggs milk");

  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
  EXPECT_EQ(processes_in(directory_ / "host").size(), 0U);
  EXPECT_EQ(host_->errors().find(" error "), std::string::npos) << host_->errors();
}

TEST_F(Trouble, BringsAWriteThroughWhenPostgresIsKilledAndComesBack) {
  start();
  ASSERT_EQ(api_->write("online", insert(1, "milk")).status, 200);
  ASSERT_EQ(shown_by("optimistic", "milk"), "milk");
  const pid_t server = postmaster_of(directory_ / "host");
  ASSERT_GT(server, 0);
  ::kill(server, SIGKILL);
  const Answer eggs = api_->write("optimistic", insert(2, "eggs"));
  EXPECT_EQ(eggs.status, 200) << eggs.body;
  const std::string seen = api_->column("optimistic", "todos", "title");
  EXPECT_TRUE(seen == "eggs* milk" || seen == "eggs milk") << seen;

  EXPECT_TRUE(api_->becomes("confirmed", "optimistic", write_id_of(eggs)));
  EXPECT_EQ(shown_by("online", "eggs milk"), "eggs milk");
  EXPECT_EQ(shown_by("optimistic", "eggs milk"), "eggs milk");
  EXPECT_EQ(count("eggs"), "1");
  EXPECT_TRUE(eventually([&] { return api_->stream("todos") == "live"; }));
  EXPECT_NE(postmaster_of(directory_ / "host"), server);
  EXPECT_NE(host_->errors().find("PostgreSQL had ended and runs again"), std::string::npos);
  EXPECT_EQ(host_->interrupt(), 0);
}

TEST_F(Trouble, SaysSoonThatPostgresIsAwayThoughNothingIsWritten) {
  const ForeignPostgres postgres("CREATE TABLE todos (id uuid PRIMARY KEY, title text)");
  host_ = std::make_unique<HostProcess>(
      run_in(directory_ / "host", {"--database-url", postgres.url()}));
  api_ = std::make_unique<LocalApi>(host_->place("page"));
  ASSERT_TRUE(api_->is_ready("todos"));
  ::kill(postgres.server().process_id(), SIGKILL);
  EXPECT_TRUE(
      eventually([&] { return api_->stream("todos") == "retrying"; }, std::chrono::seconds(4)));
  const std::string status = api_->get("/api/status").body.dump();
  EXPECT_EQ(status.find("\\n"), std::string::npos) << status;
  EXPECT_EQ(status.find("\\t"), std::string::npos) << status;

  ASSERT_TRUE(postgres.server().ensure_running());
  EXPECT_TRUE(eventually([&] { return api_->stream("todos") == "live"; }));
  EXPECT_EQ(api_->write("online", insert(1, "milk")).status, 200);
  EXPECT_NE(host_->errors().find("PostgreSQL is followed again"), std::string::npos);
  EXPECT_EQ(host_->interrupt(), 0);
}

TEST_F(Trouble, NoticesADatabaseThatIsFrozenAndSaysSoOnce) {
  host_ = std::make_unique<HostProcess>(run_in(directory_ / "host"));
  api_ = std::make_unique<LocalApi>(host_->place("page"));
  const auto is_ready = [&] { return api_->get("/ready").status == 200; };
  ASSERT_TRUE(eventually(is_ready)) << api_->get("/ready").body;
  {
    const FrozenPostgres frozen(postmaster_of(directory_ / "host"));
    // A stream may be missed first.
    std::string said;
    const auto says_database = [&] {
      said = api_->get("/ready").body.dump();
      return said.find(R"("part":"database")") != std::string::npos;
    };
    EXPECT_TRUE(eventually(says_database, std::chrono::seconds(5))) << said;
    EXPECT_FALSE(is_ready());
    EXPECT_EQ(api_->get("/health").status, 200);
    const Ended status = run_to_end({"status", "--directory", directory_ / "host"});
    EXPECT_EQ(status.exit_code, 1);
    EXPECT_NE(status.output.find("keeps its connections open and does not answer; "),
              std::string::npos)
        << status.output;
  }
  EXPECT_TRUE(eventually(is_ready, std::chrono::seconds(30))) << api_->get("/ready").body;
  EXPECT_EQ(api_->write("online", insert(1, "milk")).status, 200);
  EXPECT_EQ(times(host_->errors(), "[database] Not ready"), 1U) << host_->errors();
  EXPECT_EQ(times(host_->errors(), "[database] It is ready again"), 1U) << host_->errors();
  EXPECT_EQ(host_->interrupt(), 0);
}

}  // namespace
}  // namespace patchbay::test
