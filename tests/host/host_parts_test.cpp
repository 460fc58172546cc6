// The parts of a host alone, as far as they need no server: its directory, its database where one
// is configured or none is needed, and its services where they are elsewhere.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "app/host_database.hpp"
#include "app/host_directory.hpp"
#include "app/host_services.hpp"
#include "support/logged_lines.hpp"
#include "support/temporary_directory.hpp"

namespace patchbay::app {
namespace {

namespace fs = std::filesystem;

/// "name place", for each.
std::string print(const Places& places) {
  std::string text;
  for (const Place& one : places) text += one.name + " " + one.shown + "\n";
  return text;
}
std::string message_of(const Result<void>& result) {
  return result ? "" : result.error().message;
}

class HostParts : public testing::Test {
 protected:
  HostParts() {
    config_.directory = directory_.path() / "host";
    config_.electric_url = "http://127.0.0.1:3000";  // without a database of its own
    config_.backend_url = "http://127.0.0.1:4000";
  }

  test::TemporaryDirectory directory_;
  Config config_;
  Places places_;
};

class HostDirectoryTest : public HostParts {};

TEST_F(HostDirectoryTest, IsMadeAndClosedToOthers) {
  HostDirectory directory;
  ASSERT_EQ(message_of(directory.take(config_)), "");
  EXPECT_EQ(fs::status(config_.directory).permissions(), fs::perms::owner_all);
  ASSERT_EQ(message_of(directory.find_token(config_)), "");
  EXPECT_EQ(fs::status(config_.directory / "token").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(HostDirectoryTest, BelongsToOneHost) {
  {
    HostDirectory first;
    ASSERT_EQ(message_of(first.take(config_)), "");
    HostDirectory second;
    const auto taken = second.take(config_);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::rejected);
    EXPECT_TRUE(taken.error().message.starts_with("Another host uses the directory "));
  }
  HostDirectory third;
  EXPECT_EQ(message_of(third.take(config_)), "") << "the first has gone";
}

TEST_F(HostDirectoryTest, CannotBeTakenWhereAFileIs) {
  std::ofstream(config_.directory) << "a file";
  HostDirectory directory;
  const auto taken = directory.take(config_);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::rejected);
}

TEST_F(HostDirectoryTest, HasATokenThatStays) {
  std::string made;
  for (int start = 0; start < 2; ++start) {
    HostDirectory directory;
    Config config = config_;
    ASSERT_EQ(message_of(directory.take(config)), "");
    ASSERT_EQ(message_of(directory.find_token(config)), "");
    EXPECT_EQ(directory.token_place(), (config_.directory / "token").string());
    EXPECT_NE(config.token, "");
    EXPECT_EQ(start == 0 ? config.token : made, config.token);
    made = config.token;
  }
}

TEST_F(HostDirectoryTest, MakesNoTokenWhereOneIsConfigured) {
  config_.token = "configured";
  HostDirectory directory;
  ASSERT_EQ(message_of(directory.take(config_)), "");
  ASSERT_EQ(message_of(directory.find_token(config_)), "");
  EXPECT_EQ(config_.token, "configured");
  EXPECT_EQ(directory.token_place(), "api.token");
  EXPECT_FALSE(fs::exists(config_.directory / "token"));
}

TEST_F(HostDirectoryTest, HasTheAddressOfItsHostAsLongAsThatRuns) {
  {
    HostDirectory directory;
    ASSERT_EQ(message_of(directory.take(config_)), "");
    directory.write_address(config_, "http://127.0.0.1:8787");
    EXPECT_EQ(read_api_address(config_.directory), "http://127.0.0.1:8787");
  }
  EXPECT_FALSE(fs::exists(config_.directory / "api-address"));
  std::ofstream(config_.directory / "api-address") << "of a host that was killed";
  HostDirectory next;
  ASSERT_EQ(message_of(next.take(config_)), "");
  EXPECT_FALSE(fs::exists(config_.directory / "api-address"));
}

TEST_F(HostDirectoryTest, SaysInTheLogThatTheAddressCannotBeWritten) {
  HostDirectory directory;
  ASSERT_EQ(message_of(directory.take(config_)), "");
  fs::create_directories(config_.directory / "api-address" / "inside");
  test::LoggedLines log;
  directory.write_address(config_, "http://127.0.0.1:8787");
  EXPECT_NE(log.take().find("[warning] [app] The file "), std::string::npos);
}

class HostDatabaseTest : public HostParts {
 protected:
  StopProgress progress_;
  HostDatabase database_{progress_};
};

TEST_F(HostDatabaseTest, IsTheConfiguredOneWithoutItsPassword) {
  config_.database_url = "postgresql://me:secret@db.example:5432/shop";
  EXPECT_EQ(message_of(database_.start(config_, places_)), "");
  EXPECT_EQ(print(places_), "database user=me dbname=shop host=db.example port=5432\n");
  EXPECT_FALSE(database_.is_private());
  EXPECT_FALSE(fs::exists(config_.directory));
  database_.keep_alive();
  database_.stop();
}

TEST_F(HostDatabaseTest, IsNoneWhereBothServicesAreElsewhere) {
  EXPECT_EQ(message_of(database_.start(config_, places_)), "");
  EXPECT_EQ(print(places_), "");
  EXPECT_EQ(config_.database_url, "");
  EXPECT_FALSE(database_.is_private());
}

TEST_F(HostDatabaseTest, IsNotStartedWhereItsSetupCannotBeRead) {
  config_.backend_url.clear();
  config_.setup_sql_file = directory_.path() / "gone.sql";
  const auto started = database_.start(config_, places_);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::rejected);
  EXPECT_TRUE(started.error().message.starts_with("The file of database.setup_sql cannot be read"));
  EXPECT_FALSE(fs::exists(config_.directory / "postgres"));
}

class HostServicesTest : public HostParts {
 protected:
  HostServices services_;
};

TEST_F(HostServicesTest, AreNotRunWhereTheyAreElsewhere) {
  config_.electric_url += "?secret=hidden";
  EXPECT_EQ(message_of(HostServices::check(config_)), "");
  EXPECT_EQ(message_of(services_.bind(config_, places_, [] {})), "");
  EXPECT_EQ(print(places_),
            "electric http://127.0.0.1:3000\n"
            "backend http://127.0.0.1:4000\n");
  EXPECT_FALSE(services_.runs_sync());
  services_.begin();
  services_.stop_sync();
  services_.stop_backend();
}

TEST_F(HostServicesTest, AreCheckedOnlyWhereThisHostRunsThem) {
  config_.sync_address = "0.0.0.0";
  config_.backend_address = "0.0.0.0";
  EXPECT_EQ(message_of(HostServices::check(config_)), "") << "both are elsewhere";
  config_.electric_url.clear();
  EXPECT_NE(message_of(HostServices::check(config_)), "") << "everybody could read";
  config_.electric_secret = "secret";
  EXPECT_EQ(message_of(HostServices::check(config_)), "");
  config_.backend_url.clear();
  EXPECT_NE(message_of(HostServices::check(config_)), "") << "everybody could write";
  config_.backend_token = "token";
  EXPECT_EQ(message_of(HostServices::check(config_)), "");
}

TEST_F(HostServicesTest, SayWhereTheyListenAndWhereTheSecretIs) {
  config_.electric_url.clear();
  config_.backend_url.clear();
  config_.electric_secret = "secret";
  config_.tables = {"todos"};
  config_.database_url = "postgresql://127.0.0.1:9/nothing";  // which is not asked before `begin`
  ASSERT_EQ(message_of(services_.bind(config_, places_, [] {})), "");
  EXPECT_TRUE(services_.runs_sync());
  EXPECT_EQ(print(places_), "sync service " + config_.electric_url +
                                "/v1/shape (secret: electric.secret, or made at each start)\n"
                                "backend " +
                                config_.backend_url + "\n");
  EXPECT_EQ(places_[0].with_secret, config_.electric_url + "/v1/shape?secret=secret");
}

}  // namespace
}  // namespace patchbay::app
