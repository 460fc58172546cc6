// PrivatePostgres against the installed server: starts, ends, and what a killed host leaves.
#include "embedded/private_postgres.hpp"

#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "sql_session.hpp"
#include "support/eventually.hpp"

namespace patchbay::embedded {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using test::SqlSession;

/// A new directory that everybody may pass, as /var/lib/patchbay is.
class PrivatePostgresTest : public testing::Test {
 protected:
  PrivatePostgresTest() {
    std::string name = "/tmp/patchbay-postgres-XXXXXX";
    root_ = mkdtemp(name.data());
    chmod(root_.c_str(), 0755);
  }
  ~PrivatePostgresTest() override { fs::remove_all(root_); }

  [[nodiscard]] PrivatePostgresOptions options() const {
    PrivatePostgresOptions options;
    options.directory = root_ / "pg";
    options.fsync = false;
    return options;
  }

  std::unique_ptr<PrivatePostgres> start() const { return start(options()); }
  static std::unique_ptr<PrivatePostgres> start(const PrivatePostgresOptions& options) {
    auto server = PrivatePostgres::start(options);
    if (!server) throw std::runtime_error(server.error().message);
    return std::move(*server);
  }

  fs::path root_;
};

/// A zombie counts as dead: another process collects it.
bool alive(pid_t id) {
  std::ifstream file("/proc/" + std::to_string(id) + "/cmdline");
  return file.get() != std::ifstream::traits_type::eof();
}

/// Another host: a process that starts the server, tells its id, and waits to be killed.
class OtherHost {
 public:
  OtherHost(const PrivatePostgresOptions& options, const std::function<void()>& before = {}) {
    if (pipe(pipe_.data()) != 0) throw std::runtime_error("pipe");
    id_ = fork();
    if (id_ == 0) live(options, before);
    close(pipe_[1]);
    if (read(pipe_[0], &server_, sizeof server_) != sizeof server_) server_ = -1;
  }
  ~OtherHost() {
    close(pipe_[0]);
    end(SIGKILL);
  }
  OtherHost(const OtherHost&) = delete;
  OtherHost& operator=(const OtherHost&) = delete;

  /// -1 when the start failed.
  [[nodiscard]] pid_t server() const { return server_; }
  [[nodiscard]] pid_t id() const { return id_; }
  void end(int signal) {
    if (id_ <= 0) return;
    kill(id_, signal);
    waitpid(id_, nullptr, 0);
    id_ = 0;
  }

 private:
  [[noreturn]] void live(const PrivatePostgresOptions& options,
                         const std::function<void()>& before) {
    if (before) before();
    auto server = PrivatePostgres::start(options);
    if (!server) {
      std::fprintf(stderr, "%s\n", server.error().message.c_str());
      _exit(1);
    }
    if (options.directory.filename() == "pg") {
      SqlSession sql((*server)->url());
      sql.run("create table if not exists kept (id int)");
      sql.run("insert into kept values (1)");
    }
    const pid_t id = (*server)->process_id();
    if (write(pipe_[1], &id, sizeof id) != sizeof id) _exit(1);
    for (;;) pause();
  }

  std::array<int, 2> pipe_ = {-1, -1};
  pid_t id_ = 0;
  pid_t server_ = -1;
};

TEST_F(PrivatePostgresTest, PutsNewTablesIntoPublicThoughASchemaHasTheRolesName) {
  auto server = start();
  SqlSession(server->url()).run("create schema patchbay");
  SqlSession sql(server->url());
  sql.run("create table items (id int primary key)");
  EXPECT_EQ(sql.value("select schemaname from pg_tables where tablename = 'items'"), "public");
}

TEST_F(PrivatePostgresTest, StartsInADirectoryOfAnyName) {
  PrivatePostgresOptions odd = options();
  for (const std::string name : {"a b, \"c\" 'd' %20 ?#&=\\ $(e) `f` ü☃", "\"-@", "~,"}) {
    odd.directory = root_ / name;
    const auto server = start(odd);
    SqlSession sql(server->url());
    const std::string socket = ".s.PGSQL." + sql.value("show port");
    EXPECT_TRUE(fs::exists(odd.directory / socket)) << name;
  }
  odd.directory = root_ / std::string(200, 'x');  // too long for a socket
  EXPECT_EQ(SqlSession(start(odd)->url()).value("show unix_socket_directories"), "");
}

TEST_F(PrivatePostgresTest, StartsAnswersAndStops) {
  auto server = start();
  SqlSession sql(server->url());
  EXPECT_EQ(sql.value("show wal_level"), "logical");
  EXPECT_EQ(sql.value("show server_encoding"), "UTF8");
  EXPECT_EQ(sql.value("show listen_addresses"), "127.0.0.1");
  const pid_t id = server->process_id();
  server->stop();
  EXPECT_FALSE(alive(id));
  EXPECT_EQ(server->process_id(), 0);
}

TEST_F(PrivatePostgresTest, RefusesAWrongPassword) {
  auto server = start();
  std::string url = server->url();
  url.replace(url.find("patchbay:") + 9, 4, "0000");
  EXPECT_THROW(SqlSession{url}, std::runtime_error);
}

TEST_F(PrivatePostgresTest, KeepsItsDataOverARestart) {
  {
    auto server = start();
    SqlSession(server->url()).run("create table kept as select 7 as id");
  }
  auto server = start();
  EXPECT_EQ(SqlSession(server->url()).value("select id from kept"), "7");
}

TEST_F(PrivatePostgresTest, DiesWithAKilledHostAndKeepsItsData) {
  pid_t before = 0;
  {
    OtherHost host(options());
    before = host.server();
    ASSERT_GT(before, 0);
    host.end(SIGKILL);
  }
  auto server = start();
  EXPECT_FALSE(alive(before));
  EXPECT_EQ(SqlSession(server->url()).value("select count(*) from kept"), "1");
}

TEST_F(PrivatePostgresTest, StopsAServerThatOutlivedItsHost) {
  OtherHost host(options());
  const pid_t before = host.server();
  ASSERT_GT(before, 0);
  // A stopped process takes no death signal until it continues: it outlives its host.
  kill(before, SIGSTOP);
  host.end(SIGKILL);
  // It continues once the next host has taken the directory and meets it there.
  std::thread waker([&] {
    EXPECT_TRUE(eventually([&] {
      std::string holder;
      std::ifstream(root_ / "pg/lock") >> holder;
      return holder == std::to_string(getpid());
    }));
    kill(before, SIGCONT);
  });
  auto server = start();
  waker.join();
  EXPECT_NE(server->process_id(), before);
  EXPECT_FALSE(alive(before));
  EXPECT_EQ(SqlSession(server->url()).value("select count(*) from kept"), "1");
}

TEST_F(PrivatePostgresTest, IgnoresAStaleFileThatNamesAnUnrelatedProcess) {
  start().reset();
  const pid_t bystander = fork();
  if (bystander == 0) {
    const passwd* user = getpwnam("postgres");
    if (geteuid() == 0 && user != nullptr && setuid(user->pw_uid) != 0) _exit(1);
    for (;;) pause();
  }
  std::ofstream(root_ / "pg/data/postmaster.pid")
      << bystander << "\n"
      << (root_ / "pg/data").string() << "\n1\n5432\n\n127.0.0.1\n\nready\n";
  auto server = start();
  EXPECT_EQ(SqlSession(server->url()).value("select 1"), "1");
  EXPECT_EQ(waitpid(bystander, nullptr, WNOHANG), 0) << "the bystander was hit";
  kill(bystander, SIGKILL);
  waitpid(bystander, nullptr, 0);
}

TEST_F(PrivatePostgresTest, MakesAHalfMadeClusterAgain) {
  fs::create_directories(root_ / "pg/data.new/base");
  std::ofstream(root_ / "pg/data.new/PG_VERSION") << "15\n";
  std::ofstream(root_ / "pg/lock") << "1";
  auto server = start();
  EXPECT_EQ(SqlSession(server->url()).value("select 1"), "1");
  EXPECT_FALSE(fs::exists(root_ / "pg/data.new"));
}

TEST_F(PrivatePostgresTest, RefusesASecondHostOnTheSameDirectory) {
  auto server = start();
  const auto second = PrivatePostgres::start(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::rejected);
  EXPECT_NE(second.error().message.find("in use by another patchbay (process " +
                                        std::to_string(getpid())),
            std::string::npos)
      << second.error().message;
}

TEST_F(PrivatePostgresTest, SurvivesCtrlCInTheHostsTerminal) {
  OtherHost host(options(), [] {
    setpgid(0, 0);
    signal(SIGINT, SIG_IGN);  // as a host that shuts down in its own time
  });
  ASSERT_GT(host.server(), 0);
  kill(-host.id(), SIGINT);
  EXPECT_NE(getpgid(host.server()), host.id());
  EXPECT_NE(getsid(host.server()), getsid(0));
  EXPECT_TRUE(alive(host.server()));
  host.end(SIGKILL);
  EXPECT_TRUE(eventually([&] { return !alive(host.server()); }));
}

TEST_F(PrivatePostgresTest, RunsForAnUnprivilegedUser) {
  if (geteuid() != 0) {
    EXPECT_TRUE(start());
    return;
  }
  const passwd* nobody = getpwnam("nobody");
  ASSERT_NE(nobody, nullptr);
  ASSERT_EQ(chown(root_.c_str(), nobody->pw_uid, nobody->pw_gid), 0);
  OtherHost host(options(), [&] {
    if (setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0) _exit(1);
  });
  ASSERT_GT(host.server(), 0);
  host.end(SIGKILL);
  EXPECT_TRUE(eventually([&] { return !alive(host.server()); }));
  EXPECT_EQ(SqlSession(start()->url()).value("select count(*) from kept"), "1")
      << "root takes over what another user made";
}

TEST_F(PrivatePostgresTest, StartsAgainOnTheSamePortAfterACrash) {
  auto server = start();
  SqlSession(server->url()).run("create table kept as select 1 as id");
  const std::string url = server->url();
  const pid_t id = server->process_id();
  ASSERT_TRUE(server->ensure_running());
  EXPECT_EQ(server->process_id(), id);
  kill(id, SIGKILL);
  ASSERT_TRUE(eventually([&] { return server->ensure_running() && server->process_id() != id; }));
  EXPECT_EQ(server->url(), url);
  EXPECT_EQ(SqlSession(server->url()).value("select id from kept"), "1");
}

TEST_F(PrivatePostgresTest, NamesTheParentItsUserMayNotEnter) {
  if (geteuid() != 0) GTEST_SUCCEED();
  fs::create_directories(root_ / "closed");
  chmod((root_ / "closed").c_str(), 0700);
  auto wanted = options();
  wanted.directory = root_ / "closed/deep/pg";
  const auto server = PrivatePostgres::start(wanted);
  if (geteuid() != 0) return;
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("may not enter " + (root_ / "closed").string() + "."),
            std::string::npos)
      << server.error().message;
}

TEST_F(PrivatePostgresTest, NeverTakesADirectoryWithOtherFiles) {
  fs::create_directories(root_ / "pg");
  std::ofstream(root_ / "pg/letter.txt") << "dear";
  const auto server = PrivatePostgres::start(options());
  if (geteuid() != 0) return;
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("holds other files"), std::string::npos);
}

TEST_F(PrivatePostgresTest, NamesBothVersionsOfForeignData) {
  start().reset();
  std::string installed;
  std::getline(std::ifstream(root_ / "pg/data/PG_VERSION"), installed);
  std::ofstream(root_ / "pg/data/PG_VERSION") << "99\n";
  const auto server = PrivatePostgres::start(options());
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::unsupported);
  EXPECT_NE(server.error().message.find("belong to PostgreSQL 99, but"), std::string::npos);
  EXPECT_NE(server.error().message.find("of version " + installed + " in"), std::string::npos)
      << server.error().message;
}

TEST_F(PrivatePostgresTest, SaysWhatIsMissingWithoutPrograms) {
  auto wanted = options();
  wanted.binaries = root_;
  const auto server = PrivatePostgres::start(wanted);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::unsupported);
}

TEST_F(PrivatePostgresTest, SaysWhyADirectoryCannotBeMade) {
  std::ofstream(root_ / "file") << "";
  auto wanted = options();
  wanted.directory = root_ / "file/pg";
  const auto server = PrivatePostgres::start(wanted);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::rejected);
  EXPECT_NE(server.error().message.find("Not a directory"), std::string::npos)
      << server.error().message;
}

TEST_F(PrivatePostgresTest, ShowsTheLogWhenTheServerDoesNotStart) {
  start().reset();
  std::ofstream(root_ / "pg/data/postgresql.auto.conf") << "shared_buffers = 'plenty'\n";
  const auto server = PrivatePostgres::start(options());
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::retry);
  EXPECT_NE(server.error().message.find("plenty"), std::string::npos) << server.error().message;
}

TEST_F(PrivatePostgresTest, DoesWithoutASocketWhereThePathIsTooLong) {
  auto wanted = options();
  wanted.directory = root_ / std::string(100, 'd') / "pg";
  auto server = start(wanted);
  EXPECT_EQ(SqlSession(server->url()).value("show unix_socket_directories"), "");
}

}  // namespace
}  // namespace patchbay::embedded
