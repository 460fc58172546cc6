// Writes of one POST /changes that share transactions: each has the outcome that it would have had
// in a transaction of its own, however many of them are refused.
#include <random>
#include <thread>

#include "integration/backend/backend_fixture.hpp"
#include "integration/backend/cutting_proxy.hpp"

namespace patchbay::test {
namespace {

std::string insert_item(int key, const std::string& title) {
  return R"({"operation":"insert","table":"items","value":)" + item(key, title) + "}";
}
std::string update_item(int key, const std::string& title) {
  return R"({"operation":"update","table":"items","value":)" + item(key, title) + "}";
}
std::string delete_item(int key) {
  return R"({"operation":"delete","table":"items","value":{"id":")" + uuid(key) + "\"}}";
}
std::string element(int write, const std::string& changes, const std::string& more = "") {
  return R"({"id":")" + std::to_string(write) + R"(","write_id":")" + uuid(write) + "\"" + more +
         R"(,"changes":[)" + changes + "]}";
}
std::string batch(const std::vector<std::string>& elements) {
  std::string body = "[";
  for (const std::string& one : elements) body += (body.size() > 1 ? "," : "") + one;
  return body + "]";
}
/// One insert each, of the keys and writes `from` to `to`.
std::vector<std::string> inserts(int from, int to) {
  std::vector<std::string> elements;
  for (int key = from; key <= to; ++key) elements.push_back(element(key, insert_item(key, "t")));
  return elements;
}

class BackendShared : public BackendTest {
 protected:
  /// The verdict on each element.
  std::vector<std::string> verdicts(const std::vector<std::string>& elements) {
    return verdicts_of(send("POST", "/changes", batch(elements)).json());
  }
  static std::vector<std::string> verdicts_of(const Json& answer) {
    std::vector<std::string> all;
    for (const Json& outcome : answer["outcomes"]) {
      const bool ok = outcome["status"] == "OK";
      all.push_back(verdict_of(ok ? 200 : outcome["status"].get<int>(), outcome));
    }
    return all;
  }
  std::string transactions() {
    return sql_.value("SELECT count(DISTINCT txid) FROM patchbay.outcomes WHERE status = 200");
  }
  std::string count(const std::string& table) {
    return sql_.value("SELECT count(*) FROM " + table);
  }
};

TEST_F(BackendShared, AppliesManyWritesInFewTransactions) {
  start();
  const Json answer = send("POST", "/changes", batch(inserts(1, 256))).json();
  EXPECT_EQ(verdicts_of(answer), std::vector<std::string>(256, "200"));
  EXPECT_EQ(count("items"), "256");
  EXPECT_EQ(count("patchbay.outcomes"), "256");
  EXPECT_LE(std::stoi(transactions()), 64) << "four go together however slow the machine is";
  EXPECT_EQ(
      answer["outcomes"][0]["txid"],
      sql_.value("SELECT txid::text FROM patchbay.outcomes WHERE write_id = '" + uuid(1) + "'"));
  EXPECT_EQ(verdicts(inserts(1, 256)), std::vector<std::string>(256, "200")) << "repeated";
  EXPECT_EQ(count("items"), "256");
}

/// Triggers and constraints by which a write can tell what else its transaction has done.
constexpr const char* kTellingTables = R"sql(
  CREATE TABLE parts (id int PRIMARY KEY,
    item uuid REFERENCES items DEFERRABLE INITIALLY DEFERRED,
    at timestamptz DEFAULT now() UNIQUE, write_id uuid);
  CREATE FUNCTION scratch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.title = 'temp' THEN
      CREATE TEMP TABLE scratch (id int) ON COMMIT DROP;
    ELSIF NEW.title = 'setting' THEN
      IF current_setting('my.seen', true) = 'yes' THEN RAISE 'seen'; END IF;
      PERFORM set_config('my.seen', 'yes', true);
    END IF;
    RETURN NEW; END $$;
  CREATE TRIGGER scratch BEFORE INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION scratch();
  CREATE TABLE log (op text, id uuid);
  CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO log VALUES (TG_OP, coalesce(NEW.id, OLD.id)); RETURN NULL; END $$;
  CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON items
    FOR EACH ROW EXECUTE FUNCTION log())sql";
constexpr const char* kState =
    "SELECT (SELECT string_agg(id || title, ' ' ORDER BY id) FROM items) || '/' ||"
    " (SELECT coalesce(string_agg(id || ':' || item, ' ' ORDER BY id), '') FROM parts) || '/' ||"
    " (SELECT string_agg(op || id, ' ') FROM log) || '/' ||"
    " (SELECT string_agg(write_id || ':' || status || coalesce(code, '-'), ' ' ORDER BY write_id)"
    "  FROM patchbay.outcomes)";
constexpr const char* kForget = "TRUNCATE items, parts, log, patchbay.outcomes";

std::string insert_part(int key, int of_item) {
  return R"({"operation":"insert","table":"parts","value":{"id":)" + std::to_string(key) +
         R"(,"item":")" + uuid(of_item) + "\"}}";
}

/// 60 elements for those tables; one title in `bad_in` is refused.
std::vector<std::string> random_elements(unsigned seed, int bad_in) {
  std::mt19937 random(seed);
  const auto pick = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  const auto title = [&] {
    if (pick(bad_in) == 0) return "bad";
    if (pick(9) == 0) return "temp";
    return pick(9) == 0 ? "setting" : "t";
  };
  std::vector<std::string> elements;
  for (int write = 1; write <= 60; ++write) {
    const int key = 1 + pick(12);
    // The part stands before its item, which only a deferred constraint allows.
    const std::string both =
        insert_part(write, 100 + write) + "," + insert_item(100 + write, title());
    const std::vector<std::string> kinds{element(write, update_item(key, title())),
                                         element(write, delete_item(key)),
                                         element(write, insert_part(write, key)),
                                         element(write, both),
                                         element(1 + pick(write), insert_item(key, title())),
                                         element(write, R"({"operation":"insert","table":"none"})"),
                                         element(write, insert_item(key, title()))};
    elements.push_back(kinds[static_cast<std::size_t>(pick(static_cast<int>(kinds.size())))]);
  }
  return elements;
}

TEST_F(BackendShared, GivesEachWriteTheOutcomeThatItHasAlone) {
  sql_.run(kTellingTables);
  start_with({"items", "parts"});
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto elements = random_elements(seed, seed % 2 == 0 ? 40 : 6);
    std::vector<std::string> alone;
    for (const std::string& one : elements) alone.push_back(verdicts({one}).front());
    const std::string wanted = sql_.value(kState);
    sql_.run(kForget);
    EXPECT_EQ(verdicts(elements), alone);
    EXPECT_EQ(sql_.value(kState), wanted);
    sql_.run(kForget);
  }
}

TEST_F(BackendShared, TakesNoMoreStatementsForARefusedWriteThanForTheOthers) {
  start();
  const auto run = [&](int number) {
    std::vector<std::string> elements;
    const int first = 10'000 * number;
    for (int at = 0; at < number; ++at) {
      elements.push_back(element(first + at, insert_item(first + at, at % 2 == 0 ? "bad" : "t")));
    }
    const auto before = std::stoull(sql_.value("SELECT pg_current_wal_insert_lsn() - '0/0'"));
    const auto answers = verdicts(elements);
    EXPECT_EQ(std::ranges::count(answers, "200"), number / 2);
    return std::stoull(sql_.value("SELECT pg_current_wal_insert_lsn() - '0/0'")) - before;
  };
  static_cast<void>(run(8));
  const auto few = run(100);
  const auto many = run(200);
  EXPECT_LT(static_cast<double>(many), 2.2 * static_cast<double>(few)) << "bytes of the log";
}

TEST_F(BackendShared, TwoBatchesThatLockRowsInOppositeOrderBothEnd) {
  auto two = options();
  two.connections = 3;
  start(two);
  ASSERT_EQ(verdicts(inserts(1, 40)), std::vector<std::string>(40, "200"));
  std::vector<std::string> up;
  std::vector<std::string> down;
  for (int key = 1; key <= 40; ++key) {
    up.push_back(element(100 + key, update_item(key, "up")));
    down.push_back(element(200 + key, update_item(41 - key, "down")));
  }
  std::vector<std::string> first;
  std::thread other([&] { first = verdicts(up); });
  const auto second = verdicts(down);
  other.join();
  EXPECT_EQ(first, std::vector<std::string>(40, "200"));
  EXPECT_EQ(second, std::vector<std::string>(40, "200"));
}

/// The writes before the one that waits are there for others while it waits.
TEST_F(BackendShared, CommitsWhatStandsBeforeAWriteThatWaitsForALock) {
  start();
  ASSERT_EQ(verdicts(inserts(1, 1)).front(), "200");
  SqlSession holder(database_.url());
  holder.run("BEGIN; SELECT FROM items WHERE id = '" + uuid(1) + "' FOR UPDATE");
  std::vector<std::string> elements = inserts(2, 5);
  elements.push_back(element(6, update_item(1, "mine")));
  elements.push_back(element(7, insert_item(7, "t")));
  std::vector<std::string> answers;
  std::thread asking([&] { answers = verdicts(elements); });
  EXPECT_TRUE(eventually([&] { return count("items") == "5"; }));
  holder.run("COMMIT");
  asking.join();
  EXPECT_EQ(answers, std::vector<std::string>(6, "200"));
  EXPECT_EQ(titles(), "mine t t t t t");
}

TEST_F(BackendShared, EndsAtAWriteWithoutAVerdictAndSaysWhichWereApplied) {
  sql_.run(R"sql(
    CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.title = 'full' THEN RAISE 'disk full' USING ERRCODE = '53100'; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER stop BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION stop())sql");
  start();
  std::vector<std::string> elements = inserts(1, 5);
  elements.push_back(element(6, insert_item(6, "full")));
  elements.push_back(element(7, insert_item(7, "t")));
  const auto answers = verdicts(elements);
  EXPECT_EQ(answers, (std::vector<std::string>{"200", "200", "200", "200", "200", "503", "503"}));
  EXPECT_EQ(count("items"), "5");
  EXPECT_EQ(count("patchbay.outcomes"), "5");
}

TEST_F(BackendShared, AppliesProvisionalWritesAndMarksTheirRefusals) {
  start();
  const std::string mark = R"(,"provisional":true)";
  const std::string body =
      batch({element(1, insert_item(1, "t"), mark), element(2, insert_item(2, "bad"), mark),
             element(3, insert_item(3, "t"), mark)});
  const Json answer = send("POST", "/changes", body).json();
  EXPECT_EQ(verdicts_of(answer),
            (std::vector<std::string>{"200", "409 23514 items_title_check", "200"}));
  EXPECT_EQ(answer["outcomes"][1]["provisional"], true);
  EXPECT_EQ(count("patchbay.outcomes"), "2");
}

TEST_F(BackendShared, AppliesEachWriteOnceWhenTheCommitIsNotAnswered) {
  const std::string url = database_.url();
  CuttingProxy proxy(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  auto through = options();
  through.database_url = url;
  const std::size_t colon = url.rfind(':');
  through.database_url.replace(colon + 1, url.rfind('/') - colon - 1, std::to_string(proxy.port()));
  start(through);
  ASSERT_EQ(verdicts(inserts(900, 901)), std::vector<std::string>(2, "200"));
  for (const Cut cut : {Cut::before_commit, Cut::after_commit}) {
    const int first = cut == Cut::before_commit ? 1 : 101;
    proxy.cut_next(cut);
    const RawResponse lost = send("POST", "/changes", batch(inserts(first, first + 19)));
    EXPECT_EQ(lost.status, 503) << lost.body;
    EXPECT_EQ(verdicts_of(lost.json()), std::vector<std::string>(20, "503"));
    EXPECT_TRUE(eventually([&] {
      return verdicts(inserts(first, first + 19)) == std::vector<std::string>(20, "200");
    }));
  }
  EXPECT_EQ(count("items"), "42");
  EXPECT_EQ(count("patchbay.outcomes"), "42");
}

}  // namespace
}  // namespace patchbay::test
