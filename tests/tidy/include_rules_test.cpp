#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

const SourceTree kTree{
    {"core/src/hub/hub.hpp", ""},
    {"host/api/api.hpp", ""},
    {"tests/support/fake.hpp", ""},
    {"plugins/online/online_pattern.hpp", ""},
    {"plugins/immutable/shadow.hpp", ""},
    {"core/include/patchbay/row.hpp", ""},
    {"sim/world.hpp", ""},
};

bool may_include(std::string path, const std::string& header) {
  return check_includes({std::move(path), "#include " + header + "\n"}, kTree).empty();
}

struct Case {
  const char* header;
  std::vector<std::string> homes;
  std::vector<std::string> strangers;
};

TEST(IncludeRule, KeepsEachLibraryInItsAdapter) {
  const std::vector<Case> cases{
      {"<boost/beast.hpp>", {"core/src/net/a.cpp"}, {"core/src/time/a.cpp", "host/api/a.cpp"}},
      {"<boost/asio/post.hpp>",
       {"core/src/net/a.cpp", "core/src/runtime/a.cpp", "core/src/time/a.cpp"},
       {"core/src/hub/a.cpp", "host/app.cpp", "tests/core/a.cpp"}},
      {"<boost/dll.hpp>", {"core/src/runtime/a.cpp"}, {"core/src/net/a.cpp"}},
      {"<boost/optional.hpp>", {"core/src/net/a.cpp"}, {"core/src/hub/a.cpp"}},
      {"<cpprest/uri.h>", {"core/src/net/cpprest_client.cpp"}, {"core/src/net/a.cpp"}},
      {"<pplx/pplx.h>", {"core/src/net/cpprest_client.cpp"}, {"core/src/net/a.cpp"}},
      {"<pqxx/pqxx>", {"host/database/run_sql.cpp"}, {"host/backend/a.cpp"}},
      {"<libpq-fe.h>",
       {"host/database/a.cpp", "tests/a.cpp"},
       {"host/backend/a.cpp", "host/embedded/a.cpp"}},
      {"<simdjson.h>", {"core/src/electric/message_parser.cpp"}, {"core/src/electric/a.cpp"}},
      {"<spdlog/spdlog.h>", {"core/src/log/log.cpp"}, {"core/src/hub/a.cpp", "host/app.cpp"}},
      {"<nlohmann/json.hpp>",
       {"host/backend/a.cpp", "host/api/a.cpp", "host/cli/a.cpp", "tests/a.cpp", "bench/a.cpp"},
       {"core/src/hub/a.cpp", "host/app.cpp"}},
      {"<CLI/CLI.hpp>", {"host/cli/a.cpp"}, {"host/app.cpp"}},
      {"<toml++/toml.h>", {"host/config.cpp", "host/config/a.cpp"}, {"host/cli/a.cpp"}},
      {"<prometheus/gauge.h>", {"host/api/a.cpp", "host/backend/a.cpp"}, {"host/cli/a.cpp"}},
      {"<SQLiteCpp/SQLiteCpp.h>",
       {"core/sqlite/a.cpp", "plugins/immutable/a.cpp", "plugins/through-db/a.cpp"},
       {"core/src/hub/a.cpp", "plugins/online/a.cpp", "plugins/optimistic/a.cpp"}},
      {"<sqlite3.h>", {"core/sqlite/a.cpp"}, {"host/app.cpp", "plugins/online/a.cpp"}},
      {"<gtest/gtest.h>", {"tests/a.cpp"}, {"core/src/hub/a.cpp"}},
      {"<rapidcheck.h>", {"tests/a.cpp"}, {"core/src/hub/a.cpp"}},
      {"<benchmark/benchmark.h>", {"bench/a.cpp"}, {"tests/a.cpp"}},
  };
  for (const Case& one : cases) {
    for (const std::string& path : one.homes) {
      EXPECT_TRUE(may_include(path, one.header)) << path << " " << one.header;
    }
    for (const std::string& path : one.strangers) {
      EXPECT_FALSE(may_include(path, one.header)) << path << " " << one.header;
    }
  }
}

TEST(IncludeRule, KeepsTheContractFreeOfEverything) {
  for (const char* header : {"<string>", "<tl/expected.hpp>", "<patchbay/row.hpp>"}) {
    EXPECT_TRUE(may_include("core/include/patchbay/a.hpp", header)) << header;
  }
  EXPECT_FALSE(may_include("core/include/patchbay/a.hpp", "<patchbay/kit/fold.hpp>"));
  EXPECT_TRUE(may_include("core/include/patchbay/kit/a.hpp", "<patchbay/kit/fold.hpp>"));
  for (const char* header : {"\"row.hpp\"", "<unistd.h>", "<boost/asio.hpp>", "\"hub/hub.hpp\""}) {
    EXPECT_FALSE(may_include("core/include/patchbay/a.hpp", header)) << header;
  }
}

TEST(IncludeRule, ShowsPluginsTheContractAndThemselves) {
  for (const char* header : {"<string>", "<patchbay/row.hpp>", "\"online_pattern.hpp\""}) {
    EXPECT_TRUE(may_include("plugins/online/a.cpp", header)) << header;
  }
  for (const char* header : {"\"hub/hub.hpp\"", "\"../immutable/shadow.hpp\"", "<sys/file.h>"}) {
    EXPECT_FALSE(may_include("plugins/online/a.cpp", header)) << header;
  }
  EXPECT_FALSE(may_include("examples/hello-pattern/a.cpp", "\"support/fake.hpp\""));
}

TEST(IncludeRule, LetsDependenciesPointOneWay) {
  EXPECT_TRUE(may_include("core/src/write/a.cpp", "\"hub/hub.hpp\""));
  EXPECT_TRUE(may_include("host/app.cpp", "\"hub/hub.hpp\""));
  EXPECT_TRUE(may_include("tests/core/a.cpp", "\"support/fake.hpp\""));
  EXPECT_FALSE(may_include("core/src/hub/a.cpp", "\"api/api.hpp\""));
  EXPECT_FALSE(may_include("core/src/hub/a.cpp", "\"support/fake.hpp\""));
  EXPECT_FALSE(may_include("host/app.cpp", "\"support/fake.hpp\""));
  EXPECT_FALSE(may_include("host/app.cpp", "\"../plugins/online/online_pattern.hpp\""));
  EXPECT_FALSE(may_include("bench/a.cpp", "\"support/fake.hpp\""));
}

TEST(IncludeRule, KeepsTheSimulatedWorldOutOfTheProgram) {
  for (const char* path : {"host/check/laws/a.cpp", "tests/core/a.cpp", "bench/a.cpp"}) {
    EXPECT_TRUE(may_include(path, "\"sim/world.hpp\"")) << path;
  }
  for (const char* path : {"host/app/a.cpp", "host/main.cpp", "core/src/hub/a.cpp"}) {
    EXPECT_FALSE(may_include(path, "\"sim/world.hpp\"")) << path;
  }
  EXPECT_FALSE(may_include("sim/a.cpp", "\"api/api.hpp\""));
}

TEST(IncludeRule, SaysWhereAndWhatToDo) {
  EXPECT_EQ(print(check_includes({"host/app.cpp", "\n#  include <spdlog/spdlog.h>\n"}, kTree)),
            "host/app.cpp:2: includes spdlog/spdlog.h: use the adapter of spdlog/ in "
            "core/src/log/\n");
}

TEST(IncludeRule, IgnoresWhatIsNotAnInclude) {
  const std::string text = "// #include <pqxx/pqxx>\nconst char* a = \"#include <pqxx/pqxx>\";\n";
  EXPECT_EQ(print(check_includes({"core/src/hub/a.cpp", text}, kTree)), "");
}

}  // namespace
}  // namespace tidy
