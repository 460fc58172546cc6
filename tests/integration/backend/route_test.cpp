// Routes, as a table.
#include "backend/route.hpp"

#include <gtest/gtest.h>

namespace patchbay::backend {
namespace {

TEST(Route, AnswersEveryMethodOnEveryPath) {
  struct Case {
    const char* method;
    std::vector<std::string> segments;
    const char* action;
    const char* allow = "";
  };
  const Case cases[] = {{"GET", {"items"}, "read_stream"},
                        {"POST", {"items"}, "insert"},
                        {"PUT", {"items", "1"}, "update"},
                        {"DELETE", {"items", "1"}, "delete"},
                        {"PUT", {"items", "1", "2"}, "update"},
                        {"DELETE", {"items"}, "wrong_method", "GET, HEAD, POST"},
                        {"PATCH", {"items"}, "wrong_method", "GET, HEAD, POST"},
                        {"HEAD", {"items"}, "read_stream"},
                        {"HEAD", {"items", "1"}, "wrong_method", "PUT, DELETE"},
                        {"HEAD", {"changes"}, "wrong_method", "POST"},
                        {"HEAD", {"writes", "x"}, "read_outcome"},
                        {"HEAD", {"health"}, "health"},
                        {"HEAD", {"metrics"}, "metrics"},
                        {"HEAD", {"openapi.json"}, "openapi"},
                        {"GET", {"items", "1"}, "wrong_method", "PUT, DELETE"},
                        {"POST", {"changes"}, "changes"},
                        {"GET", {"changes"}, "wrong_method", "POST"},
                        {"PUT", {"changes", "1"}, "not_found"},
                        {"DELETE", {"writes", "x"}, "void_write"},
                        {"GET", {"writes", "x"}, "read_outcome"},
                        {"PUT", {"writes", "x"}, "wrong_method", "GET, HEAD, DELETE"},
                        {"DELETE", {"writes"}, "not_found"},
                        {"GET", {"health"}, "health"},
                        {"POST", {"health"}, "wrong_method", "GET, HEAD"},
                        {"GET", {"ready"}, "ready"},
                        {"GET", {"ready", "1"}, "not_found"},
                        {"GET", {"metrics"}, "metrics"},
                        {"GET", {"openapi.json"}, "openapi"},
                        {"OPTIONS", {"items"}, "preflight"},
                        {"OPTIONS", {"items", "1"}, "preflight"},
                        {"GET", {}, "not_found"},
                        {"PUT", std::vector<std::string>(40, "k"), "not_found"}};
  for (const Case& one : cases) {
    const Route route = find_route(one.method, one.segments);
    EXPECT_EQ(name_of(route.action), one.action) << one.method << " " << one.segments.size();
    EXPECT_EQ(route.allow, one.allow);
  }
}

TEST(Route, CarriesTableAndKey) {
  const Route route = find_route("PUT", {"app.pairs", "a/b", ""});
  EXPECT_EQ(route.table, "app.pairs");
  EXPECT_EQ(route.key, (std::vector<std::string>{"a/b", ""}));
}

}  // namespace
}  // namespace patchbay::backend
