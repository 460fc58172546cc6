// SyncTest: a database of its own, a sync service on it, and a client that asks it. Tests of the
// service → this → PostgreSQL and real HTTP on the loopback.
#pragma once

#include <future>
#include <nlohmann/json.hpp>

#include "embedded/sync_service.hpp"
#include "net/http_client.hpp"
#include "support/eventually.hpp"
#include "support/postgres_fixture.hpp"

namespace patchbay::test {

using Json = nlohmann::json;

/// Answers of one server, waited for or not.
class SyncClient {
 public:
  explicit SyncClient(std::uint16_t port)
      : base_("http://127.0.0.1:" + std::to_string(port)), http_(net::make_http_client()) {}

  std::future<net::HttpResponse> send(const std::string& method, const std::string& target,
                                      net::HttpHeaders headers = {}) {
    net::HttpRequest request;
    request.method = method;
    request.url = base_ + target;
    request.headers = std::move(headers);
    auto promise = std::make_shared<std::promise<net::HttpResponse>>();
    http_->send(std::move(request), [promise](Result<net::HttpResponse> response) {
      promise->set_value(response ? std::move(*response)
                                  : net::HttpResponse{0, {}, response.error().message});
    });
    return promise->get_future();
  }
  net::HttpResponse get(const std::string& target) { return send("GET", target).get(); }
  /// A request sent before has arrived once one sent after it is answered.
  void let_arrive() {
    for (int round = 0; round < 3; ++round) get("/v1/health");
  }

 private:
  std::string base_;
  std::unique_ptr<net::HttpClient> http_;
};

class SyncTest : public testing::Test {
 protected:
  SyncTest() : sql_(database_.url()) {
    options_.database_url = database_.url();
    options_.slot = "sync_" + database_.name();
    options_.tables = {"*"};
    options_.long_poll_ms = 1'000;
  }
  ~SyncTest() override {
    client_.reset();
    service_.reset();
    const std::string slot = "'" + options_.slot + "'";
    eventually([&] {
      return SqlSession(database_.url())
                 .value("select count(*) from pg_replication_slots where active and slot_name = " +
                        slot) == "0";
    });
    SqlSession(database_.url())
        .run(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots "
            "where slot_name = " +
            slot);
  }

  void start() {
    auto started = embedded::start_sync_service(options_);
    if (!started) throw std::runtime_error(started.error().message);
    service_ = std::move(*started);
    client_ = std::make_unique<SyncClient>(service_->port());
    ASSERT_TRUE(eventually([&] { return client_->get("/v1/health").status == 200; }));
  }
  net::HttpResponse get(const std::string& target) { return client_->get(target); }
  std::string next(const std::string& table, const net::HttpResponse& before,
                   const std::string& more = "") {
    return "/v1/shape?table=" + table +
           "&handle=" + std::string(before.headers.get("electric-handle")) +
           "&offset=" + std::string(before.headers.get("electric-offset")) + more;
  }
  /// Returns when the service has taken in all that was committed before this call.
  void settle() {
    if (!settled_) {
      sql_.run(
          "create table settled (id int primary key, n int); insert into settled values (1,0)");
      settled_ = get("/v1/shape?table=settled&offset=-1");
    }
    const std::string number = std::to_string(++settlings_);
    sql_.run("update settled set n = " + number);
    ASSERT_TRUE(eventually([&] {
      return get(next("settled", *settled_)).body.find("\"n\":\"" + number + "\"") !=
             std::string::npos;
    }));
  }

  TestDatabase database_;
  SqlSession sql_;
  embedded::SyncOptions options_;
  std::unique_ptr<embedded::SyncService> service_;
  std::unique_ptr<SyncClient> client_;
  std::optional<net::HttpResponse> settled_;
  int settlings_ = 0;
};

}  // namespace patchbay::test
