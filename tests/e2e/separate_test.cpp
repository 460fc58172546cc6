// The parts as processes of their own, as in a deployment: database, sync, backend and host. Each
// may be killed; the rest continues and comes together again by itself.
#include <gtest/gtest.h>

#include "e2e/foreign_postgres.hpp"
#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

/// Every write that is applied leaves a line in `applied`, slowly enough to be killed in between.
constexpr const char* kTables = R"sql(
SET search_path = public;
CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);
CREATE TABLE applied (number serial, title text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.applied (title) VALUES (NEW.title);
  PERFORM pg_sleep(0.02);
  RETURN NEW;
END $$;
CREATE TRIGGER note BEFORE INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION note();
INSERT INTO items VALUES (1, 'first');
)sql";

std::string retitle(const std::string& title) {
  return R"("operation":"update","table":"items","key":{"id":1},"value":{"title":")" + title +
         "\"}";
}

class Separate : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    postgres_ = std::make_unique<ForeignPostgres>(kTables);
    sync_ = start_sync("0");
    sync_port_ = sync_->port("sync service");
    backend_ = start_backend("0");
    backend_port_ = backend_->port("backend");
    host_ = std::make_unique<HostProcess>(run_in(
        postgres_->directory() / "host", {"--table", "items", "--electric-url", at(sync_port_),
                                          "--backend-url", at(backend_port_)}));
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  static void TearDownTestSuite() {
    api_.reset();
    host_.reset();
    backend_.reset();
    sync_.reset();
    postgres_.reset();
  }
  void SetUp() override { ASSERT_TRUE(api_->is_ready("items")); }

  static std::unique_ptr<HostProcess> start_sync(const std::string& port) {
    return std::make_unique<HostProcess>(
        HostProcess::Arguments{"sync", "--database-url", postgres_->url(), "--port", port,
                               "--table", "items", "--directory", postgres_->directory() / "sync"});
  }
  static std::unique_ptr<HostProcess> start_backend(const std::string& port) {
    return std::make_unique<HostProcess>(
        HostProcess::Arguments{"backend", "--database-url", postgres_->url(), "--electric-url",
                               at(sync_port_), "--table", "items", "--port", port});
  }
  static std::string at(const std::string& port) { return "http://127.0.0.1:" + port; }
  static bool is_ready() { return api_->get("/ready").status == 200; }
  /// Expects that a process which stops answering is noticed, logged once, and missed no longer
  /// than it is away.
  void expect_noticed(const HostProcess& frozen, const std::string& part) {
    ASSERT_TRUE(eventually(is_ready)) << api_->get("/ready").body;
    const std::size_t before = host_->errors().size();
    frozen.signal(SIGSTOP);
    EXPECT_TRUE(eventually([] { return !is_ready(); }));
    const std::string ready = api_->get("/ready").body.dump();
    EXPECT_NE(ready.find("\"part\":\"" + part + "\""), std::string::npos) << ready;
    EXPECT_EQ(api_->get("/health").status, 200);
    const Ended status = run_to_end({"status", "--directory", postgres_->directory() / "host"});
    EXPECT_EQ(status.exit_code, 1) << status.errors;
    EXPECT_NE(status.output.find("It does not answer"), std::string::npos) << status.output;
    const Answer during = api_->write("optimistic", retitle("during " + part));
    EXPECT_EQ(during.status, 200) << during.body;

    frozen.signal(SIGCONT);
    EXPECT_TRUE(eventually(is_ready, std::chrono::seconds(60))) << api_->get("/ready").body;
    EXPECT_TRUE(api_->becomes("confirmed", "optimistic", write_id_of(during)));
    const std::string said = host_->errors().substr(before);
    EXPECT_EQ(times(said, "[" + part + "] Not ready"), 1U) << said;
    EXPECT_EQ(times(said, "[" + part + "] It is ready again"), 1U) << said;
  }
  std::string applied() {
    return sql_.value("SELECT string_agg(title, ' ' ORDER BY number) FROM applied");
  }

  inline static std::unique_ptr<ForeignPostgres> postgres_;
  inline static std::unique_ptr<HostProcess> sync_;
  inline static std::unique_ptr<HostProcess> backend_;
  inline static std::unique_ptr<HostProcess> host_;
  inline static std::unique_ptr<LocalApi> api_;
  inline static std::string sync_port_;
  inline static std::string backend_port_;
  SqlSession sql_{postgres_->url()};
};

TEST_F(Separate, MakeOneLoop) {
  const Answer answer = api_->write("online", retitle("milk"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(api_->shows("milk", "optimistic", "items", "title"), "milk");
  EXPECT_TRUE(eventually([&] { return sql_.value("SELECT title FROM items") == "milk"; }));
  EXPECT_TRUE(api_->becomes("confirmed", "online", write_id_of(answer)));
}

TEST_F(Separate, ConfirmAWriteMadeWhileTheSyncServiceWasKilled) {
  const Answer before = api_->write("online", retitle("before"));
  ASSERT_EQ(before.status, 200) << before.body;
  sync_->kill();
  const Answer during = api_->write("optimistic", retitle("during"));
  EXPECT_EQ(during.status, 200) << during.body;
  EXPECT_EQ(api_->column("optimistic", "items", "title"), "during*");
  EXPECT_TRUE(eventually([&] { return api_->stream("items") == "retrying"; }));
  EXPECT_TRUE(eventually([&] { return sql_.value("SELECT title FROM items") == "during"; }));

  sync_ = start_sync(sync_port_);
  EXPECT_TRUE(api_->becomes("confirmed", "optimistic", write_id_of(during)));
  EXPECT_EQ(api_->shows("during", "online", "items", "title"), "during");
  EXPECT_TRUE(eventually([&] { return api_->stream("items") == "live"; }));
}

TEST_F(Separate, NoticeABackendThatIsFrozenAndSaySoOnce) {
  expect_noticed(*backend_, "backend");
}

TEST_F(Separate, NoticeAnElectricThatIsFrozenAndSaySoOnce) {
  expect_noticed(*sync_, "electric");
}

TEST_F(Separate, ApplyEachWriteOnceWhenTheBackendIsKilledUnderThem) {
  sql_.run("TRUNCATE applied");
  std::string expected;
  std::vector<std::string> writes;
  for (int number = 1; number <= 20; ++number) {
    const std::string title = "title" + std::to_string(number);
    expected += (number > 1 ? " " : "") + title;
    const Answer answer = api_->write("optimistic", retitle(title));
    ASSERT_EQ(answer.status, 200) << answer.body;
    writes.push_back(write_id_of(answer));
  }
  ASSERT_TRUE(eventually([&] { return sql_.value("SELECT count(*) >= 3 FROM applied") == "t"; }));
  backend_->kill();
  EXPECT_LT(applied().size(), expected.size()) << "killed too late to prove anything";
  backend_ = start_backend(backend_port_);
  for (const std::string& write : writes) {
    EXPECT_TRUE(api_->becomes("confirmed", "optimistic", write)) << write;
  }
  EXPECT_TRUE(eventually([&] { return applied() == expected; })) << applied();
  EXPECT_EQ(api_->shows("title20", "optimistic", "items", "title"), "title20");
}

}  // namespace
}  // namespace patchbay::test
