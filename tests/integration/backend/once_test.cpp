// Exactly once: repeats, lost answers, simultaneous duplicates, voids, refusals and heartbeats.
#include <algorithm>
#include <thread>

#include "integration/backend/backend_fixture.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::test {
namespace {

class BackendOnce : public BackendTest {
 protected:
  std::string recorded() {
    return sql_.value(
        "SELECT coalesce(string_agg(status::text, ' ' ORDER BY write_id), '') "
        "FROM patchbay.outcomes");
  }
};

std::string element(int write, const std::string& changes) {
  return R"([{"id":"e","write_id":")" + uuid(write) + R"(","changes":)" + changes + "}]";
}

TEST_F(BackendOnce, AnswersARepeatWithTheSameTxidAndANewerLsn) {
  start();
  const std::string body = item(1, "a", with_write_id(1));
  const Json first = send("POST", "/items", body).json();
  sql_.run("INSERT INTO items VALUES ('" + uuid(2) + "', 'other')");
  const Json second = send("POST", "/items", body).json();
  EXPECT_EQ(second["txid"], first["txid"]);
  EXPECT_GT(std::stoull(second["lsn"].get<std::string>()),
            std::stoull(first["lsn"].get<std::string>()));
  EXPECT_EQ(titles(), "a other");
}

TEST_F(BackendOnce, KnowsAWriteWhicheverRouteRepeatsIt) {
  start();
  ASSERT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  const std::string put = R"({"title":"b","rank":1.10)" + with_write_id(2) + "}";
  ASSERT_EQ(verdict("PUT", "/items/" + uuid(1), put), "200");
  ASSERT_EQ(verdict("DELETE", "/items/" + uuid(1) + "?write_id=" + uuid(3)), "200");
  EXPECT_EQ(verdict("POST", "/changes",
                    element(1, R"([{"operation":"insert","value":)" + item(1, "a") + "}]")),
            "200");
  EXPECT_EQ(verdict("POST", "/changes",
                    element(2, R"([{"operation":"update","value":{"id":")" + uuid(1) +
                                   R"(","rank":"1.10","title":"b"}}])")),
            "200");
  EXPECT_EQ(verdict("POST", "/changes",
                    element(3, R"([{"operation":"delete","value":{"id":")" + uuid(1) + "\"}}]")),
            "200");
  EXPECT_EQ(titles(), "");
  EXPECT_EQ(recorded(), "200 200 200");
}

TEST_F(BackendOnce, RefusesAKnownWriteIdWithAnotherPayload) {
  start();
  ASSERT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  const RawResponse other = send("POST", "/items", item(1, "b", with_write_id(1)));
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.json()["write_id"], uuid(1));
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  EXPECT_EQ(titles(), "a");
}

TEST_F(BackendOnce, AnswersARecordedRefusalThoughTheWriteWouldNowPass) {
  start();
  const std::string put = R"({"title":"x")" + with_write_id(1) + "}";
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), put), "404");
  EXPECT_EQ(verdict("POST", "/items", item(2, "bad", with_write_id(2))),
            "409 23514 items_title_check");
  EXPECT_EQ(verdict("POST", "/items", R"({"nope":1)" + with_write_id(3) + "}"), "400 nope");
  sql_.run("INSERT INTO items VALUES ('" + uuid(1) +
           "', 'a');"
           "ALTER TABLE items DROP CONSTRAINT items_title_check, ADD nope int");
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), put), "404");
  EXPECT_EQ(verdict("POST", "/items", item(2, "bad", with_write_id(2))),
            "409 23514 items_title_check");
  EXPECT_EQ(verdict("POST", "/items", R"({"nope":1)" + with_write_id(3) + "}"), "400 nope");
  EXPECT_EQ(titles(), "a");
  EXPECT_EQ(recorded(), "404 409 400");
}

TEST_F(BackendOnce, AnswersAnAppliedWriteThoughItsTableHasGone) {
  start();
  const std::string body = item(1, "a", with_write_id(1));
  const Json first = send("POST", "/items", body).json();
  sql_.run("ALTER TABLE items DROP title");
  EXPECT_EQ(send("POST", "/items", body).json()["txid"], first["txid"]);
  sql_.run("DROP TABLE items");
  EXPECT_EQ(send("POST", "/items", body).json()["txid"], first["txid"]);
}

TEST_F(BackendOnce, AppliesAWriteWhoseAnswerWasLostOnce) {
  start();
  for (int number = 1; number <= 10; ++number) {
    const std::string body = item(number, "t" + std::to_string(number), with_write_id(number));
    {
      RawConnection lost(backend_->port());
      lost.send(
          "POST /items HTTP/1.1\r\nHost: localhost\r\n"
          "Content-Type: application/json\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    EXPECT_TRUE(eventually([&] { return verdict("POST", "/items", body) == "200"; }));
  }
  EXPECT_EQ(sql_.value("SELECT count(*) FROM items"), "10");
  EXPECT_EQ(sql_.value("SELECT count(*) FROM patchbay.outcomes"), "10");
}

TEST_F(BackendOnce, AppliesTwentySimultaneousDuplicatesOnce) {
  sql_.run(R"sql(
    CREATE TABLE applied (id serial PRIMARY KEY);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO applied DEFAULT VALUES; PERFORM pg_sleep(0.05); RETURN NEW; END $$;
    CREATE TRIGGER note BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION note())sql");
  auto many = options();
  many.connections = 8;
  start(many);
  std::vector<std::string> answers(20);
  std::vector<std::thread> senders;
  for (auto& answer : answers) {
    senders.emplace_back([&] {
      RawResponse response;
      EXPECT_TRUE(eventually([&] {  // 503 while it is under way in another session
        response = send("POST", "/items", item(1, "a", with_write_id(1)));
        return response.status != 503;
      }));
      answer = std::to_string(response.status) + " " + response.json().value("txid", "");
    });
  }
  for (auto& sender : senders) sender.join();
  for (const auto& answer : answers) EXPECT_EQ(answer, answers.front());
  EXPECT_EQ(answers.front().substr(0, 4), "200 ");
  EXPECT_EQ(sql_.value("SELECT count(*) FROM applied"), "1");
}

TEST_F(BackendOnce, LetsADuplicateOfARolledBackWriteTakeItsTurn) {
  start();
  SqlSession other(database_.url());
  EXPECT_EQ(verdict("POST", "/items", item(9, "z")), "200");  // makes the schema patchbay
  other.run("BEGIN; INSERT INTO patchbay.outcomes VALUES ('" + uuid(1) +
            "', 'x', now(), pg_current_xact_id(), 200)");
  std::string answer;
  std::thread sender([&] { answer = verdict("POST", "/items", item(1, "a", with_write_id(1))); });
  EXPECT_TRUE(eventually(
      [&] { return sql_.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1"; }));
  other.run("ROLLBACK");
  sender.join();
  EXPECT_EQ(answer, "200");
  EXPECT_EQ(titles(), "a z");
}

TEST_F(BackendOnce, FindsTheOutcomeWhateverIsolationTheDatabasePrefers) {
  sql_.run("ALTER DATABASE " + database_.name() +
           " SET default_transaction_isolation = 'serializable';"
           "ALTER DATABASE " +
           database_.name() + " SET synchronous_commit = 'off'");
  start();
  SqlSession other(database_.url());
  EXPECT_EQ(verdict("POST", "/items", item(9, "z")), "200");
  other.run("BEGIN ISOLATION LEVEL READ COMMITTED; INSERT INTO patchbay.outcomes VALUES ('" +
            uuid(1) + "', NULL, now(), '77', 200)");
  std::string answer;
  std::thread sender(
      [&] { answer = send("POST", "/items", item(1, "a", with_write_id(1))).json()["txid"]; });
  EXPECT_TRUE(eventually(
      [&] { return sql_.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1"; }));
  other.run("COMMIT");
  sender.join();
  EXPECT_EQ(answer, "77");
  EXPECT_EQ(titles(), "z");
}

TEST_F(BackendOnce, FlushesTheCommitBeforeTheAnswerThoughATriggerSaysOff) {
  sql_.run(R"sql(
    CREATE FUNCTION hurry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM set_config('synchronous_commit', 'off', true);
      NEW.rank := pg_current_wal_insert_lsn() - '0/0'; RETURN NEW; END $$;
    CREATE TRIGGER hurry BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION hurry())sql");
  start();
  for (int number = 1; number <= 5; ++number) {
    const std::string lsn = send("POST", "/items", item(number, "a")).json()["lsn"];
    EXPECT_EQ(sql_.value("SELECT " + lsn + " > max(rank) FROM items"), "t") << number;
  }
}

TEST_F(BackendOnce, VoidsAWriteOrTellsItsOutcome) {
  start();
  const std::string lost = item(1, "a", with_write_id(1));
  const RawResponse voided = send("DELETE", "/writes/" + uuid(1));
  EXPECT_EQ(voided.status, 422);
  EXPECT_EQ(voided.json()["write_id"], uuid(1));
  EXPECT_EQ(verdict("POST", "/items", lost), "422");
  EXPECT_EQ(titles(), "");

  const Json applied = send("POST", "/items", item(2, "b", with_write_id(2))).json();
  const RawResponse answer = send("DELETE", "/writes/" + uuid(2));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["txid"], applied["txid"]);

  EXPECT_EQ(verdict("POST", "/items", item(3, "bad", with_write_id(3))),
            "409 23514 items_title_check");
  EXPECT_EQ(verdict("DELETE", "/writes/" + uuid(3)), "409 23514 items_title_check");
  EXPECT_EQ(verdict("DELETE", "/writes/nope"), "400");
}

TEST_F(BackendOnce, TellsARecordedOutcomeAndChangesNothing) {
  start();
  const RawResponse unknown = send("GET", "/writes/" + uuid(1));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.json()["recorded"], false);
  EXPECT_EQ(unknown.json()["write_id"], uuid(1));
  const Json applied = send("POST", "/items", item(1, "a", with_write_id(1))).json();
  EXPECT_EQ(applied["status"], "OK") << "it may still be applied after the question";
  const RawResponse committed = send("GET", "/writes/" + uuid(1));
  EXPECT_EQ(committed.status, 200);
  EXPECT_EQ(committed.json()["txid"], applied["txid"]);

  EXPECT_EQ(verdict("PUT", "/items/" + uuid(9), R"({"title":"b","write_id":")" + uuid(2) + "\"}"),
            "404");
  const RawResponse refused = send("GET", "/writes/" + uuid(2));
  EXPECT_EQ(refused.status, 404) << "a refusal that is recorded";
  EXPECT_FALSE(refused.json().contains("recorded"));
  EXPECT_EQ(refused.json()["write_id"], uuid(2));
  EXPECT_EQ(verdict("GET", "/writes/nope"), "400");
  EXPECT_EQ(sql_.value("SELECT count(*) FROM patchbay.outcomes"), "2");
}

TEST_F(BackendOnce, DoesNotApplyARepeatOlderThanItsOutcomesLive) {
  auto shortly = options();
  shortly.outcome_lifetime = std::chrono::hours(1);
  start(shortly);
  const auto sent = [](int ago_s) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return R"(,"sent_after":)" +
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count() - ago_s);
  };
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1) + sent(3'700))), "410");
  EXPECT_EQ(verdict("POST", "/items", item(2, "b", with_write_id(2) + sent(3'500))), "200");
  EXPECT_EQ(verdict("POST", "/items", item(2, "b", with_write_id(2) + sent(9'000))), "200");
  EXPECT_EQ(verdict("POST", "/items", item(3, "c", sent(9'000))), "200");  // nothing to repeat
  EXPECT_EQ(titles(), "b c");
  EXPECT_EQ(recorded(), "200");
}

TEST_F(BackendOnce, ForgetsOutcomesAfterTheirLifetimeOnly) {
  start();
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  sql_.run("INSERT INTO patchbay.outcomes VALUES ('" + uuid(2) +
           "', 'x', now() - interval '91 days',"
           " '7', 200), ('" +
           uuid(3) + "', 'x', now() - interval '89 days', '7', 200)");
  start();  // another backend purges as it starts
  EXPECT_EQ(verdict("POST", "/items", item(4, "b")), "200");
  EXPECT_TRUE(
      eventually([&] { return sql_.value("SELECT count(*) FROM patchbay.outcomes") == "2"; }));
  EXPECT_EQ(sql_.value("SELECT count(*) FROM patchbay.outcomes WHERE write_id = '" + uuid(3) + "'"),
            "1");
}

TEST_F(BackendOnce, TriesAConflictAgain) {
  sql_.run(R"sql(
    CREATE SEQUENCE tries;
    CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('tries') < 3 THEN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER conflict BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION conflict())sql");
  start();
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  EXPECT_EQ(sql_.value("SELECT last_value FROM tries"), "3");
  EXPECT_EQ(titles(), "a");
}

TEST_F(BackendOnce, TriesAgainWhenTheSessionIsLostBeforeTheCommit) {
  sql_.run(R"sql(
    CREATE SEQUENCE tries;
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('tries') < 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
      RETURN NEW; END $$;
    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON items DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION die())sql");
  start();
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  EXPECT_EQ(titles(), "a");
  EXPECT_EQ(recorded(), "200");
}

TEST_F(BackendOnce, SendsOneHeartbeatForAllWritesOfADelay) {
  constexpr std::chrono::milliseconds kDelay{400};
  auto slow = options();
  slow.heartbeat_delay = kDelay;
  start(slow);
  const auto count = [&] { return std::stoi(sql_.value("SELECT count FROM patchbay.tick")); };
  ASSERT_EQ(verdict("POST", "/items", item(1, "a")), "200");
  ASSERT_TRUE(eventually([&] { return count() == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  for (int number = 2; number <= 11; ++number) send("POST", "/items", item(number, "b"));
  const auto delays = (std::chrono::steady_clock::now() - begin) / kDelay;
  ASSERT_TRUE(eventually([&] { return count() >= 2; }));
  EXPECT_FALSE(eventually([&] { return count() > 2 + delays; }, kDelay + kDelay / 2));
  const int before = count();
  ASSERT_EQ(verdict("POST", "/items", item(20, "bad")), "409 23514 items_title_check");
  EXPECT_FALSE(eventually([&] { return count() > before; }, kDelay + kDelay / 2))
      << "a refusal needs no heartbeat";
}

TEST_F(BackendOnce, SendsAHeartbeatForARepeatAndBeforeItStops) {
  auto slow = options();
  slow.heartbeat_delay = std::chrono::milliseconds(800);
  start(slow);
  const auto count = [&] { return sql_.value("SELECT count FROM patchbay.tick"); };
  ASSERT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  ASSERT_TRUE(eventually([&] { return count() == "1"; }));
  ASSERT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  backend_->stop();
  EXPECT_EQ(count(), "2");
}

/// The column may be there by now, and what is recorded is the answer for good.
TEST_F(BackendOnce, RecordsNoRefusalWhileTheCatalogueCannotBeRead) {
  sql_.run("CREATE ROLE blind LOGIN; GRANT ALL ON items TO blind; GRANT CREATE ON DATABASE " +
           database_.name() + " TO blind");
  auto blind = options();
  blind.database_url = database_.url_as("blind");
  blind.connections = 1;
  start(blind);
  ASSERT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  const std::string format = " ON FUNCTION pg_catalog.format_type(oid, integer) ";
  sql_.run("ALTER TABLE items ADD COLUMN note text; REVOKE EXECUTE" + format + "FROM PUBLIC");
  const std::string noted = item(2, "b", R"(,"note":"c")" + with_write_id(2));
  EXPECT_EQ(verdict("POST", "/items", noted), "503");
  EXPECT_EQ(sql_.value("SELECT count(*) FROM patchbay.outcomes"), "1");
  sql_.run("GRANT EXECUTE" + format + "TO PUBLIC");
  EXPECT_EQ(verdict("POST", "/items", noted), "200");
  EXPECT_EQ(sql_.value("SELECT note FROM items WHERE note IS NOT NULL"), "c");
}

/// Three waiting writes, each repeated: a line when it starts and a line when it is over.
TEST_F(BackendOnce, SaysOnceThatOutcomesCannotBeRecorded) {
  sql_.run("CREATE ROLE mute LOGIN; GRANT ALL ON items TO mute; GRANT CREATE ON DATABASE " +
           database_.name() + " TO mute");
  auto mute = options();
  mute.database_url = database_.url_as("mute");
  start(mute);
  const auto write = [&](int number) {
    return verdict("POST", "/items", item(number, "a", with_write_id(number)));
  };
  ASSERT_EQ(write(1), "200");
  LoggedLines log;
  for (const bool again : {false, true}) {
    sql_.run("REVOKE ALL ON patchbay.outcomes FROM mute");
    for (int attempt = 0; attempt < 4; ++attempt) {
      for (const int number : {2, 3, 4}) EXPECT_EQ(write(number + (again ? 10 : 0)), "503");
      EXPECT_EQ(verdict("POST", "/items", item(100 + attempt + (again ? 10 : 0), "b")), "200");
    }
    const std::string begun = log.take();
    EXPECT_EQ(std::count(begun.begin(), begun.end(), '\n'), 1) << begun;
    EXPECT_NE(begun.find("permission denied for table outcomes"), std::string::npos) << begun;
    sql_.run("GRANT ALL ON patchbay.outcomes TO mute");
    for (const int number : {2, 3, 4}) EXPECT_EQ(write(number + (again ? 10 : 0)), "200");
    EXPECT_EQ(log.take(), "[info] [backend] Outcomes of writes are recorded again.\n");
  }
}

TEST_F(BackendOnce, MakesItsTablesOnceAmongManyBackends) {
  std::vector<std::unique_ptr<backend::Backend>> backends;
  for (int made = 0; made < 4; ++made) backends.push_back(*backend::start_backend(options()));
  std::vector<std::thread> senders;
  std::vector<int> statuses(4);
  for (std::size_t at = 0; at < backends.size(); ++at) {
    senders.emplace_back([&, at] {
      statuses[at] =
          ask(backends[at]->port(), "POST", "/items", item(static_cast<int>(at), "a")).status;
    });
  }
  for (auto& sender : senders) sender.join();
  EXPECT_EQ(statuses, (std::vector<int>{200, 200, 200, 200}));
}

TEST_F(BackendOnce, MakesItsTablesAgainWhenTheyVanish) {
  start();
  ASSERT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  sql_.run("DROP SCHEMA patchbay CASCADE");
  EXPECT_EQ(verdict("POST", "/items", item(2, "b", with_write_id(2))), "200");
  EXPECT_EQ(recorded(), "200");
}

}  // namespace
}  // namespace patchbay::test
