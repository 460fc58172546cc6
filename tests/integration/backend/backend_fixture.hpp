// BackendTest: a fresh database, a backend on it, and requests over real HTTP.
// Answers are compared as printed text: "200", or "409 23505 items_pkey" (status, SQLSTATE,
// constraint, column).
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "backend/backend.hpp"
#include "integration/api/raw_http.hpp"
#include "support/eventually.hpp"
#include "support/postgres_fixture.hpp"

namespace patchbay::test {

/// A write_id or key of our own, different for each number.
inline std::string uuid(int number) {
  const std::string digits = std::to_string(number);
  return "0190aaaa-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// A row of `items`, as a body.
inline std::string item(int key, const std::string& title, const std::string& more = "") {
  return R"({"id":")" + uuid(key) + R"(","title":")" + title + "\"" + more + "}";
}
inline std::string with_write_id(int number) {
  return R"(,"write_id":")" + uuid(number) + "\"";
}

/// Status, SQLSTATE, constraint and column of an answer or of one element's outcome.
inline std::string verdict_of(int status, const Json& body) {
  std::string text = std::to_string(status);
  if (!body.contains("errors")) return text;
  for (const char* member : {"code", "constraint", "column"}) {
    if (body["errors"][0].contains(member)) {
      text += " " + body["errors"][0][member].get<std::string>();
    }
  }
  return text;
}

class BackendTest : public testing::Test {
 protected:
  static constexpr const char* kItems =
      "CREATE TABLE items (id uuid PRIMARY KEY, title text NOT NULL CHECK (title <> 'bad'),"
      " done boolean NOT NULL DEFAULT false, rank numeric, write_id uuid)";

  BackendTest() { sql_.run(kItems); }

  [[nodiscard]] backend::BackendOptions options() const {
    backend::BackendOptions options;
    options.database_url = database_.url();
    options.tables = {"items"};
    options.heartbeat_delay = std::chrono::milliseconds(100);
    return options;
  }
  void start(const backend::BackendOptions& options) {
    auto started = backend::start_backend(options);
    if (!started) throw std::runtime_error(started.error().message);
    backend_ = std::move(*started);
  }
  void start() { start(options()); }
  /// With these tables instead of `items`.
  void start_with(std::vector<std::string> tables) {
    auto changed = options();
    changed.tables = std::move(tables);
    start(changed);
  }

  RawResponse send(const std::string& method, const std::string& target,
                   const std::string& body = "", const RawHeaders& headers = {}) {
    return ask(backend_->port(), method, target, body, headers);
  }
  /// The verdict on a request; a repeated one only when the test repeats it.
  std::string verdict(const std::string& method, const std::string& target,
                      const std::string& body = "") {
    const RawResponse response = send(method, target, body);
    return response.body.empty() ? std::to_string(response.status)
                                 : verdict_of(response.status, response.json());
  }
  std::string titles() {
    return sql_.value("SELECT coalesce(string_agg(title, ' ' ORDER BY id), '') FROM items");
  }

  TestDatabase database_;
  SqlSession sql_{database_.url()};
  std::unique_ptr<backend::Backend> backend_;
};

}  // namespace patchbay::test
