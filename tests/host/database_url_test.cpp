// Every way to name a database: read as libpq reads it, shown without its secrets, and bounded
// whatever its password looks like.
#include "database/database_url.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "backend/session.hpp"

namespace patchbay {
namespace {

struct Form {
  const char* given;
  const char* shown;
};

constexpr std::array<Form, 15> kForms = {{
    {"postgresql://u:top@h:1/d", "user=u dbname=d host=h port=1"},
    {"postgres://h/d", "dbname=d host=h"},
    {"postgresql://", ""},
    {"postgresql://u@h/d?password=top&connect_timeout=9",
     "user=u connect_timeout=9 dbname=d host=h"},
    {"postgresql://us%20er:t%40op@h/d%2Fe", "user='us er' dbname=d/e host=h"},
    {"postgresql://[::1]:5433/d", "dbname=d host=::1 port=5433"},
    {"postgresql://%2Frun%2Fa%20b/d", "dbname=d host='/run/a b'"},
    {"postgresql:///d?host=/run/pg&port=1", "dbname=d host=/run/pg port=1"},
    {"postgresql://a:1,b:2/d?target_session_attrs=read-write",
     "dbname=d host=a,b port=1,2 target_session_attrs=read-write"},
    {"host=h dbname=d", "dbname=d host=h"},
    {"  host = h\n dbname\t=\td ", "dbname=d host=h"},
    {R"(host=/a password='top \' \\ connect_timeout=9' dbname='a b')", "dbname='a b' host=/a"},
    {R"(dbname='it\'s' user='' host=a\\b)", R"(user='' dbname='it\'s' host='a\\b')"},
    {"service=app sslpassword=top", "service=app"},
    {"host=h dbname=d replication=database", "dbname=d host=h"},
}};

std::string again(const std::string& text) {
  const auto url = DatabaseUrl::parse(text);
  return url ? url->text() : url.error().message;
}

TEST(DatabaseUrl, ReadsEveryFormAndShowsItWithoutSecrets) {
  for (const Form& form : kForms) {
    const auto url = DatabaseUrl::parse(form.given);
    ASSERT_TRUE(url) << form.given << ": " << url.error().message;
    EXPECT_EQ(url->shown(), form.shown) << form.given;
    EXPECT_EQ(again(url->text()), url->text()) << form.given;
  }
}

TEST(DatabaseUrl, RefusesOtherTextWithoutRepeatingIt) {
  for (const char* text :
       {"top", "http://top/d", "host", "host=h top=red", "host='top",
        "host=h password=a top secret", "postgresql://[::top/d", "postgresql://u:top%zz@h",
        "postgresql://h/d?top=1", "postgresql://u:top/x@h/d", "postgresql://u:1/top@h/d",
        "postgresql://u:x@top@h/d", "host=h port=top"}) {
    const auto url = DatabaseUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::rejected);
    EXPECT_NE(url.error().message.find("postgresql://user@host:port/"), std::string::npos);
    EXPECT_EQ(url.error().message.find("top"), std::string::npos) << url.error().message;
    EXPECT_EQ(url.error().message.find('\n'), std::string::npos);
  }
}

TEST(DatabaseUrl, LeavesToTheEnvironmentWhatTheTextDoesNotSay) {
  setenv("PGHOST", "far", 1);
  setenv("PGPASSWORD", "top", 1);
  setenv("PGCONNECT_TIMEOUT", "7", 1);
  auto url = *DatabaseUrl::parse("dbname=d");
  url.set_default("connect_timeout", "5");
  url.set_default("keepalives_idle", "5");
  EXPECT_EQ(url.text(), "dbname=d keepalives_idle=5");
  EXPECT_EQ(url.shown(), "dbname=d host=far keepalives_idle=5");
  url.set("host", "near");
  EXPECT_EQ(url.value("host"), "near");
  forget_libpq_environment();
  EXPECT_EQ(std::getenv("PGHOST"), nullptr);
  EXPECT_EQ(DatabaseUrl::parse("dbname=d")->shown(), "dbname=d");
}

TEST(DatabaseUrl, ForgetsWhatTheEnvironmentMakesOfASessionAndNothingElse) {
  for (const char* name : {"PGTZ", "PGDATESTYLE", "PGHOST"}) setenv(name, "x", 1);
  forget_session_environment();
  EXPECT_EQ(std::getenv("PGTZ"), nullptr);
  EXPECT_EQ(std::getenv("PGDATESTYLE"), nullptr);
  EXPECT_STREQ(std::getenv("PGHOST"), "x");
  forget_libpq_environment();
  EXPECT_NE(std::getenv("PATH"), nullptr);
}

TEST(DatabaseUrl, IsBoundedUnlessItSaysSoItself) {
  struct Case {
    const char* given;
    const char* timeout;
  };
  constexpr std::array<Case, 6> kCases = {{
      {"postgresql://u@h/d", "5"},
      {"host=h", "5"},
      {"postgresql://h/d?connect_timeout=9", "9"},
      {"host=h connect_timeout=9", "9"},
      {"host=h password='connect_timeout=9'", "5"},
      {"postgresql://u:connect_timeout=9@h/d", "5"},
  }};
  for (const Case& one : kCases) {
    const auto bounded = backend::session_url(one.given);
    ASSERT_TRUE(bounded) << one.given;
    EXPECT_EQ(bounded->value("connect_timeout"), one.timeout) << one.given;
    EXPECT_EQ(bounded->value("password"), DatabaseUrl::parse(one.given)->value("password"));
    EXPECT_EQ(bounded->value("keepalives_count"), "3") << one.given;
  }
}

}  // namespace
}  // namespace patchbay
