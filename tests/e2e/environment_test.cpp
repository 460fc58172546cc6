// Variables that libpq reads, as a user of psql has them: they lead nobody away from the private
// database, fill in what a database URL leaves out, and change no value.
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "embedded/private_postgres.hpp"
#include "integration/embedded/sql_session.hpp"

namespace patchbay::test {
namespace {

using Environment = HostProcess::Environment;

TEST(LibpqEnvironment, MeansNothingToThePrivateDatabase) {
  const TemporaryDirectory directory;
  const Environment astray = {
      {"PGHOST", "/nowhere"},
      {"PGHOSTADDR", "192.0.2.1"},
      {"PGPORT", "1"},
      {"PGDATABASE", "none"},
      {"PGUSER", "nobody"},
      {"PGPASSWORD", "wrong"},
      {"PGSERVICE", "none"},
      {"PGSERVICEFILE", "/none"},
      {"PGSSLMODE", "require"},
      {"PGCHANNELBINDING", "require"},
      {"PGGSSENCMODE", "require"},
      {"PGTARGETSESSIONATTRS", "standby"},
      {"PGOPTIONS", "-c no=1"},
      {"PGTZ", "Mars"},
      {"PGDATESTYLE", "no style"},
      {"PGCLIENTENCODING", "KLINGON"},
      {"PGDATA", "/nowhere"},
      {"PGGEQO", "no"},
      {"LC_ALL", "no_WHERE.UTF-8"},
      {"LANG", "tr_TR.UTF-8"},
      {"TMPDIR", "/nowhere"},
  };
  HostProcess host(run_in(directory / "host", {"--pattern", "online"}), astray);
  LocalApi api(host.place("page"));
  const Answer written = api.write("online", R"("operation":"insert","table":"todos","value":{)"
                                             R"("id":"0190aaaa-0000-7000-8000-000000000001",)"
                                             R"("title":"milk","completed":false})");
  EXPECT_TRUE(api.becomes("confirmed", "online", write_id_of(written)));
}

/// Named by the environment except for the port; a session that would write everything otherwise.
class NamedByEnvironment : public testing::Test {
 protected:
  NamedByEnvironment() {
    const std::string& url =
        postgres_->url();  // postgresql://user:password@127.0.0.1:port/database
    const auto colon = url.find(':', url.find("//"));
    const auto at = url.find('@');
    environment_["PGPASSWORD"] = url.substr(colon + 1, at - colon - 1);
    port_ = url.substr(url.rfind(':') + 1, url.rfind('/') - url.rfind(':') - 1);
    SqlSession(url).run(
        "CREATE TABLE public.times (id int8 PRIMARY KEY, title timestamptz, b bytea, i interval);"
        "INSERT INTO public.times VALUES (1, '2026-02-03 04:05:06+00', 'a', '1 day 2 hours')");
  }

  std::string port_;
  TemporaryDirectory directory_;
  std::unique_ptr<embedded::PrivatePostgres> postgres_ =
      *embedded::PrivatePostgres::start({directory_.path() / "pg", {}, false});
  Environment environment_ = {
      {"PGHOST", "127.0.0.1"},
      {"PGUSER", "patchbay"},
      {"PGDATABASE", "postgres"},
      {"PGAPPNAME", "mine"},
      {"PGTZ", "America/New_York"},
      {"PGDATESTYLE", "German"},
      {"PGCLIENTENCODING", "LATIN1"},
      {"PGOPTIONS", "-c bytea_output=escape -c IntervalStyle=sql_standard -c TimeZone=Asia/Tokyo"},
  };
};

TEST_F(NamedByEnvironment, ADatabaseIsFoundAndItsValuesAreWhatTheyAlwaysAre) {
  HostProcess host(run_in(directory_ / "host", {"--database-url", "port=" + port_, "--table",
                                                "times", "--pattern", "optimistic"}),
                   environment_);
  LocalApi api(host.place("page"));
  EXPECT_EQ(host.place("database"), "user=patchbay dbname=postgres host=127.0.0.1 port=" + port_);
  const std::string snapshot = "2026-02-03 04:05:06+00";
  EXPECT_EQ(api.shows(snapshot, "optimistic", "times", "title"), snapshot);
  EXPECT_EQ(api.shows("\\x61", "optimistic", "times", "b"), "\\x61");
  EXPECT_EQ(api.shows("P1DT2H", "optimistic", "times", "i"), "P1DT2H");
  const std::string followed = "2026-07-08 09:10:11+00";
  SqlSession(postgres_->url()).run("UPDATE public.times SET title = '" + followed + "'");
  EXPECT_EQ(api.shows(followed, "optimistic", "times", "title"), followed);
  // A time without a zone is read by the backend's session.
  const Answer written =
      api.write("optimistic", R"("operation":"update","table":"times","key":{"id":1},)"
                              R"("value":{"title":"2026-01-02 03:04:05"})");
  ASSERT_TRUE(api.becomes("confirmed", "optimistic", write_id_of(written)));
  const std::string zoneless = "2026-01-02 03:04:05+00";
  EXPECT_EQ(api.shows(zoneless, "optimistic", "times", "title"), zoneless);
}

}  // namespace
}  // namespace patchbay::test
