// A start that fails, for whatever reason, leaves the user's database as it was: no slot, no
// publication, no schema, no table's REPLICA IDENTITY changed.
#include <gtest/gtest.h>

#include "e2e/foreign_postgres.hpp"
#include "e2e/host_process.hpp"
#include "net/http_server.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

using Arguments = HostProcess::Arguments;
using Environment = HostProcess::Environment;

class FailedStart : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    postgres_ = std::make_unique<ForeignPostgres>("CREATE TABLE items (id int8 PRIMARY KEY)");
  }
  static void TearDownTestSuite() { postgres_.reset(); }
  /// All that a host makes there.
  static std::string made() {
    return SqlSession(postgres_->url()).value(R"sql(
SELECT concat_ws('; ', (SELECT string_agg(slot_name, ',') FROM pg_replication_slots),
  (SELECT string_agg(pubname, ',') FROM pg_publication),
  (SELECT string_agg(nspname, ',') FROM pg_namespace WHERE nspname = 'patchbay'),
  (SELECT string_agg(relname, ',') FROM pg_class
    WHERE relkind = 'r' AND relreplident NOT IN ('d', 'n')),
  (SELECT count(*) FROM pg_class)))sql");
  }
  static Arguments run(Arguments more) {
    more.insert(more.end(), {"--database-url", postgres_->url(), "--table", "items"});
    return run_in(postgres_->directory() / "host", more);
  }
  static void expect_untouched(const Arguments& arguments, const Environment& environment,
                               const std::string& reason) {
    const std::string before = made();
    const Ended ended = run_to_end(arguments, environment);
    EXPECT_EQ(ended.exit_code, 2) << ended.output << ended.errors;
    EXPECT_NE(ended.errors.find(reason), std::string::npos) << ended.errors;
    EXPECT_EQ(made(), before) << reason;
  }

  inline static std::unique_ptr<ForeignPostgres> postgres_;
};

TEST_F(FailedStart, ByAPortInUseLeavesNothing) {
  const auto other = net::start_http_server({}, [](const auto&, const auto&) {});
  ASSERT_TRUE(other);
  const std::string port = std::to_string((*other)->port());
  expect_untouched(run({}), {{"PATCHBAY_SYNC_PORT", port}}, port);
  expect_untouched(run({}), {{"PATCHBAY_BACKEND_PORT", port}}, port);
  Arguments taken = {"run", "--directory", postgres_->directory() / "host", "--port", port};
  taken.insert(taken.end(), {"--database-url", postgres_->url(), "--table", "items"});
  expect_untouched(taken, {}, port);
  expect_untouched({"sync", "--database-url", postgres_->url(), "--port", port}, {}, port);
  expect_untouched({"backend", "--database-url", postgres_->url(), "--port", port}, {}, port);
}

TEST_F(FailedStart, ByItsConfigurationLeavesNothing) {
  expect_untouched(run({"--pattern", "nothing"}), {}, "no plugin \"nothing\"");
  const std::string file = postgres_->directory().file(
      "patchbay.toml", "[[pattern]]\nname = \"online\"\nsettings = { retry_deadline_ms = 0 }\n");
  expect_untouched(run({"--config", file}), {}, "did not start: The setting");
  expect_untouched(run({"--table", "a.b.c"}), {}, "\"a.b.c\"");
  expect_untouched(run({"--table", "changes"}), {}, "'changes'");
  expect_untouched(run({"--electric-url", "here"}), {}, "\"here\"");
  expect_untouched(run({"--backend-url", "here"}), {}, "\"here\"");
  expect_untouched(run({"--slot", "No Slot"}), {}, "'No Slot'");
  expect_untouched(run({"--address", "here"}), {}, "\"here\"");
  expect_untouched(run({}), {{"PATCHBAY_BACKEND_ADDRESS", "here"}}, "\"here\"");
  expect_untouched(run({}), {{"PATCHBAY_SYNC_ADDRESS", "here"}}, "\"here\"");
}

TEST_F(FailedStart, IsToldApartFromOneThatSucceeds) {
  const std::string before = made();
  HostProcess host(run({}));
  EXPECT_FALSE(host.port("page").empty());
  EXPECT_TRUE(eventually([&] { return made() != before; }));
  EXPECT_EQ(host.interrupt(), 0);
}

}  // namespace
}  // namespace patchbay::test
