// The backend under load: what a refused write costs, long writes beside short ones, a write that
// is under way elsewhere, and callers that go before their answer.
#include <thread>

#include "backend/write_transaction.hpp"
#include "integration/backend/backend_fixture.hpp"

namespace patchbay::test {
namespace {

/// Statements and catalogue reads of one request.
struct Cost {
  std::uint64_t statements = 0;
  std::uint64_t catalogue_reads = 0;
};

std::string insert_of(int key, const std::string& title, const std::string& table = "items") {
  return R"({"operation":"insert","table":")" + table + R"(","value":)" + item(key, title) + "}";
}

/// One element of `count` inserts, the last with `last_title`.
std::string one_write(int count, const std::string& last_title, int first_key = 1) {
  std::string changes;
  for (int made = 0; made < count; ++made) {
    const bool is_last = made + 1 == count;
    changes += insert_of(first_key + made, is_last ? last_title : "t") + (is_last ? "" : ",");
  }
  return R"([{"id":"e","write_id":")" + uuid(900'000 + first_key + count) + R"(","changes":[)" +
         changes + "]}]";
}

/// `count` elements of one insert each.
std::string many_writes(int count, const std::string& title, const std::string& table = "items") {
  std::string body = "[";
  for (int made = 1; made <= count; ++made) {
    body += std::string(made > 1 ? "," : "") + R"({"id":"e","changes":[)" +
            insert_of(made, title, table) + "]}";
  }
  return body + "]";
}

class BackendBusy : public BackendTest {
 protected:
  Cost cost_of(const std::string& body, const std::string& wanted_status) {
    backend::Database database(database_.url());
    EXPECT_TRUE(database.ready());
    const backend::ExposedTables exposed{{"public", "items"}, {"public", "gone"}};
    const auto elements = backend::parse_changes(body, exposed);
    EXPECT_TRUE(elements);
    const Cost before{database.session.statements(), database.catalogue.reads()};
    backend::Caller caller;
    backend::WriteTransaction transaction(database, std::chrono::hours(1), caller);
    for (const auto& element : *elements) {
      const auto outcome = transaction.apply(element.write);
      const auto* refusal = std::get_if<backend::Refusal>(&outcome);
      EXPECT_EQ(refusal != nullptr ? std::to_string(refusal->status) : "OK", wanted_status);
    }
    return {database.session.statements() - before.statements,
            database.catalogue.reads() - before.catalogue_reads};
  }

  /// Every insert of a row titled 'wait' waits for the lock 7, whatever time limits are set.
  void make_inserts_wait() {
    sql_.run(R"sql(
      CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM set_config('lock_timeout', '0', true);
        PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$;
      CREATE TRIGGER wait BEFORE INSERT ON items FOR EACH ROW WHEN (NEW.title = 'wait')
        EXECUTE FUNCTION wait())sql");
    sql_.run("SELECT pg_advisory_lock(7)");
  }
  void let_them_go_on() { sql_.run("SELECT pg_advisory_unlock_all()"); }
  [[nodiscard]] std::string waiting() {
    return sql_.value("SELECT count(*) FROM pg_locks WHERE NOT granted");
  }
  /// Lets so many inserts wait for the lock 7; sessions that make the schema wait for another.
  bool waits(const std::string& count) {
    return eventually([&] {
      return sql_.value(
                 "SELECT count(*) FROM pg_locks WHERE NOT granted AND classid = 0 AND objid "
                 "= 7 AND locktype = 'advisory'") == count;
    });
  }
};

TEST_F(BackendBusy, ReadsTheCatalogueOnceForAWriteHoweverManyChangesItHas) {
  const Cost accepted = cost_of(one_write(200, "t", 1'000), "OK");
  const Cost refused = cost_of(one_write(200, "bad", 2'000), "409");
  const Cost doubled = cost_of(one_write(400, "bad", 3'000), "409");
  EXPECT_EQ(accepted.catalogue_reads, 1U);
  EXPECT_EQ(refused.catalogue_reads, 2U) << "to plan it, and before the refusal is final";
  EXPECT_EQ(doubled.catalogue_reads, 2U);
  EXPECT_LE(refused.statements, accepted.statements + accepted.statements / 2);
  EXPECT_LE(doubled.statements * 10, refused.statements * 22);
}

TEST_F(BackendBusy, ReadsTheCatalogueOnceForARequestHoweverManyWritesAreRefused) {
  const Cost refused = cost_of(many_writes(100, "bad"), "409");
  const Cost doubled = cost_of(many_writes(200, "bad"), "409");
  EXPECT_EQ(refused.catalogue_reads, 2U);
  EXPECT_EQ(doubled.catalogue_reads, 2U);
  EXPECT_LE(doubled.statements * 10, refused.statements * 22);
}

TEST_F(BackendBusy, LooksForAMissingTableOnceForAWrite) {
  const auto changes = [](int count) {
    std::string body = R"([{"id":"e","changes":[)";
    for (int made = 1; made <= count; ++made) {
      body += (made > 1 ? "," : "") + insert_of(made, "t", "gone");
    }
    return body + "]}]";
  };
  EXPECT_EQ(cost_of(changes(50), "404").catalogue_reads, 2U);
  EXPECT_EQ(cost_of(changes(100), "404").catalogue_reads, 2U);
}

TEST_F(BackendBusy, SeesAColumnThatWasAddedBeforeTheRequest) {
  start();
  ASSERT_EQ(verdict("POST", "/items", item(1, "a")), "200");
  const auto body = [](int key) { return item(key, "b", R"(,"more":1)"); };
  ASSERT_EQ(verdict("POST", "/items", body(2)), "400 more");
  sql_.run("ALTER TABLE items ADD more integer");
  EXPECT_EQ(verdict("POST", "/items", body(2)), "200");
}

TEST_F(BackendBusy, AnswersAShortWriteWhileLongOnesKeepTheOtherSessions) {
  make_inserts_wait();
  start();
  ASSERT_EQ(verdict("POST", "/items", item(1, "a")), "200");
  std::vector<int> statuses(6);
  std::vector<std::thread> senders;
  for (std::size_t at = 0; at < statuses.size(); ++at) {
    senders.emplace_back([&, at] {
      const int key = 10'000 * (static_cast<int>(at) + 1);
      statuses[at] = send("POST", "/changes", one_write(200, "wait", key)).status;
    });
  }
  EXPECT_TRUE(waits("3")) << "of four sessions";
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"title":"b"})"), "200");
  EXPECT_EQ(waiting(), "3") << "the short write was answered while the long ones were under way";
  let_them_go_on();
  for (auto& sender : senders) sender.join();
  EXPECT_EQ(statuses, std::vector<int>(6, 200));
}

TEST_F(BackendBusy, AnswersAWriteUnderWayElsewhereImmediately) {
  make_inserts_wait();
  start();
  auto second = backend::start_backend(options());
  ASSERT_TRUE(second);
  const std::string body = item(1, "wait", with_write_id(1));
  int status = 0;
  std::thread first([&] { status = send("POST", "/items", body).status; });
  ASSERT_TRUE(waits("1"));
  const std::string element =
      R"([{"id":"e","write_id":")" + uuid(1) + R"(","changes":[)" + insert_of(1, "wait") + "]}]";
  for (const auto port : {backend_->port(), (*second)->port()}) {
    const RawResponse repeat = ask(port, "POST", "/items", body);
    EXPECT_EQ(repeat.status, 503);
    EXPECT_NE(repeat.head.find("retry-after: 1"), std::string::npos) << repeat.head;
    EXPECT_FALSE(repeat.json().contains("write_id"));
    EXPECT_EQ(ask(port, "POST", "/changes", element).status, 503);
    EXPECT_EQ(ask(port, "DELETE", "/writes/" + uuid(1)).status, 503) << "no void, no outcome";
    EXPECT_EQ(ask(port, "POST", "/items", item(2, "b", with_write_id(2))).status, 200);
  }
  EXPECT_EQ(waiting(), "1") << "nobody else waits";
  let_them_go_on();
  first.join();
  EXPECT_EQ(status, 200);
  EXPECT_EQ(verdict("POST", "/items", body), "200");
  EXPECT_EQ(verdict("DELETE", "/writes/" + uuid(1)), "200");
  EXPECT_EQ(titles(), "wait b");
}

TEST_F(BackendBusy, EndsTheWorkOfACallerThatHasGone) {
  make_inserts_wait();
  auto single = options();
  single.connections = 1;
  start(single);
  ASSERT_EQ(verdict("POST", "/items", item(9, "z")), "200");
  const auto send_and_leave = [&](const std::string& body, const std::string& target) {
    auto peer = std::make_unique<RawConnection>(backend_->port());
    peer->send("POST " + target +
               " HTTP/1.1\r\nHost: localhost\r\n"
               "Content-Type: application/json\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
    return peer;
  };
  for (const bool several : {false, true}) {
    const int key = several ? 2 : 1;
    const std::string body =
        several ? one_write(1, "wait", key) : item(key, "wait", with_write_id(1));
    auto running = send_and_leave(body, several ? "/changes" : "/items");
    ASSERT_TRUE(waits("1"));
    auto queued = send_and_leave(item(3, "never run"), "/items");
    const auto queue_is = [&](const std::string& length) {
      return eventually([&] {
        return send("GET", "/metrics").body.find("requests_waiting " + length + "\n") !=
               std::string::npos;
      });
    };
    ASSERT_TRUE(queue_is("1"));
    queued.reset();
    EXPECT_TRUE(queue_is("0")) << "dropped, for its session is still taken";
    EXPECT_EQ(waiting(), "1");
    running.reset();
    EXPECT_TRUE(waits("0")) << "its statement was cancelled though the lock is still taken";
    EXPECT_EQ(verdict("PUT", "/items/" + uuid(9), R"({"title":"y"})"), "200");
  }
  EXPECT_EQ(sql_.value("SELECT count(*) FROM patchbay.outcomes"), "0") << "no verdict";
  let_them_go_on();
  EXPECT_EQ(verdict("POST", "/items", item(1, "wait", with_write_id(1))), "200");
  EXPECT_EQ(titles(), "wait y");
}

TEST(Caller, IsNotCancelledOnceItsWorkHasEnded) {
  backend::Caller caller([] { return true; });
  int cancelled = 0;
  caller.cancel([&] { ++cancelled; });
  EXPECT_EQ(cancelled, 1);
  caller.end();
  caller.cancel([&] { ++cancelled; });
  EXPECT_EQ(cancelled, 1) << "the session works for another by now";
}

TEST(Caller, IsNotCancelledWhileItsCommitIsUnderWay) {
  bool gone = false;
  int cancelled = 0;
  backend::Caller caller([&] { return gone; });
  const auto cancel = [&] { caller.cancel([&] { ++cancelled; }); };
  cancel();
  EXPECT_EQ(cancelled, 0) << "the caller is there";
  gone = true;
  {
    const auto kept = caller.keep();
    std::thread(cancel).join();
    EXPECT_EQ(cancelled, 0) << "it is being committed";
  }
  cancel();
  EXPECT_EQ(cancelled, 1);
}

}  // namespace
}  // namespace patchbay::test
