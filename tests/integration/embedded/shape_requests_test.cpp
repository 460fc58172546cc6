// ShapeRequests: which request gets which answer, without a server and without a database.
#include "embedded/sync/shape_requests.hpp"

#include <gtest/gtest.h>

#include "embedded/sync/shape_reader.hpp"
#include "shape_fakes.hpp"
#include "sim/manual_clock.hpp"

namespace patchbay::embedded {
namespace {

class ShapeRequestsTest : public testing::Test {
 protected:
  ShapeRequestsTest() { executor_.run_all(); }

  static RegistryOptions registry_options() {
    RegistryOptions options;
    options.limits = {1'000'000, 1'000'000};
    return options;
  }
  static RequestOptions request_options() {
    RequestOptions options;
    options.listener = {"127.0.0.1", {"http://page.example"}};
    options.secret = "secret";
    options.tables = *ServedTables::parse({"items"});
    return options;
  }
  /// A request for "/v1/shape" or another path, with the secret.
  static net::ServerRequest request(const std::string& method, std::vector<std::string> segments,
                                    net::QueryParameters query = {}) {
    net::ServerRequest made;
    made.method = method;
    made.segments = std::move(segments);
    made.query = std::move(query);
    made.query.emplace_back("secret", "secret");
    made.headers.add("host", "127.0.0.1");
    return made;
  }
  static net::ServerRequest shape_request(const std::string& method,
                                          net::QueryParameters query = {}) {
    return request(method, {"v1", "shape"}, std::move(query));
  }
  /// Null while the request waits.
  std::shared_ptr<RecordedReply> ask(net::ServerRequest asked) {
    auto reply = std::make_shared<RecordedReply>();
    requests_.handle(std::make_shared<const net::ServerRequest>(std::move(asked)), reply);
    executor_.run_all();
    return reply;
  }
  std::string status(net::ServerRequest asked) {
    const auto reply = ask(std::move(asked));
    return reply->answer ? std::to_string(reply->answer->status) : "waits";
  }
  void connect() {
    registry_.stream_started({10, false, 0, "system", "publication"});
    executor_.run_all();
  }
  std::string serve(const TableDefinition& table) {
    registry_.request({table.name});
    catalogue_.answer(TableAnswer(table));
    executor_.run_all();
    snapshots_.answer(empty_snapshot_at(20));
    executor_.run_all();
    return registry_.find({table.name})->handle();
  }

  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  FakeCatalogue catalogue_;
  FakeSnapshots snapshots_;
  WaitingRequests waiting_{executor_, clock_, std::chrono::milliseconds(20'000)};
  ShapeRegistry registry_{
      registry_options(), {catalogue_, snapshots_}, waiting_, executor_, clock_};
  ShapeReader reader_{registry_, clock_, std::chrono::milliseconds(20'000)};
  ShapeRequests requests_{request_options(), registry_, waiting_, reader_, executor_};
};

TEST_F(ShapeRequestsTest, AnswersEachPathAndMethod) {
  struct Case {
    const char* method;
    std::vector<std::string> segments;
    const char* status;
  };
  const Case cases[] = {
      {"GET", {}, "200"},
      {"GET", {""}, "200"},
      {"OPTIONS", {"v1", "shape"}, "204"},
      {"GET", {"health"}, "200"},
      {"GET", {"v1", "health"}, "202"},
      {"HEAD", {"v1", "health", ""}, "202"},
      {"GET", {"ready"}, "503"},
      {"POST", {"ready"}, "404"},
      {"GET", {"v1", "other"}, "404"},
      {"PUT", {"v1", "shape"}, "404"},
      {"POST", {"v1", "shape"}, "400"},
      {"GET", {"v1", "shape"}, "400"},
      {"DELETE", {"v1", "shape"}, "400"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(status(request(one.method, one.segments)), one.status)
        << one.method << " " << one.segments.size();
  }
  connect();
  EXPECT_EQ(status(request("GET", {"v1", "health"})), "200");
  EXPECT_EQ(status(request("GET", {"ready"})), "200");
}

TEST_F(ShapeRequestsTest, AsksForTheSecretWhereRowsAreRead) {
  for (const char* method : {"GET", "POST", "DELETE"}) {
    auto wrong = shape_request(method);
    wrong.query = {{"secret", "another"}};
    EXPECT_EQ(status(wrong), "401") << method;
  }
  auto ready = request("GET", {"ready"});
  EXPECT_NE(ask(ready)->answer->body.find("is being connected to"), std::string::npos);
  ready.query.clear();
  EXPECT_EQ(ask(ready)->answer->body.find("is being connected to"), std::string::npos);
  auto other_name = shape_request("DELETE");
  other_name.query = {{"api_secret", "secret"}};
  EXPECT_EQ(status(other_name), "400");
}

TEST_F(ShapeRequestsTest, RefusesPagesOfOtherOrigins) {
  auto asked = shape_request("GET", {{"table", "items"}, {"offset", "-1"}});
  asked.headers.add("origin", "http://other.example");
  EXPECT_EQ(status(asked), "403");
  auto allowed = request("GET", {});
  allowed.headers.add("origin", "http://page.example");
  EXPECT_EQ(ask(allowed)->answer->headers.get("access-control-allow-origin"),
            "http://page.example");
}

TEST_F(ShapeRequestsTest, LetsARequestForAServedTableWait) {
  EXPECT_EQ(status(shape_request("GET", {{"table", "other"}, {"offset", "-1"}})), "400");
  EXPECT_EQ(waiting_.size(), 0U);
  const auto waits = ask(shape_request("GET", {{"table", "items"}, {"offset", "-1"}}));
  EXPECT_EQ(waiting_.size(), 1U);
  connect();
  catalogue_.answer(TableAnswer(table_named("items", 42)));
  executor_.run_all();
  snapshots_.answer(empty_snapshot_at(20));
  executor_.run_all();
  ASSERT_TRUE(waits->answer);
  EXPECT_EQ(waits->answer->status, 200);
  EXPECT_EQ(waiting_.size(), 0U);
  auto head = shape_request("HEAD", {{"table", "items"}, {"offset", "-1"}});
  const auto answer = ask(head)->answer;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "");
}

TEST_F(ShapeRequestsTest, DeletesShapesByHandleAndByTable) {
  connect();
  const TableDefinition items = table_named("items", 42);
  const std::string handle = serve(items);
  EXPECT_EQ(status(shape_request("DELETE", {{"handle", "another"}})), "404");
  EXPECT_EQ(status(shape_request("DELETE", {{"handle", handle}})), "202");
  EXPECT_EQ(status(shape_request("DELETE", {{"handle", handle}})), "404");
  serve(items);
  EXPECT_EQ(status(shape_request("DELETE", {{"table", "other"}})), "400");
  EXPECT_EQ(status(shape_request("DELETE", {{"table", "items"}})), "202");
  EXPECT_EQ(registry_.find(key_of("items")), nullptr);
  const auto without_shape = ask(shape_request("DELETE", {{"table", "items"}}));
  EXPECT_FALSE(without_shape->answer);  // the catalogue is asked
  catalogue_.answer(TableAnswer(items));
  EXPECT_EQ(without_shape->answer->status, 404);
}

}  // namespace
}  // namespace patchbay::embedded
