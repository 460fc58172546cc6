// Refusals of a server that speaks German, French or Spanish: the same status, SQLSTATE, constraint
// and column as from one that speaks English, whichever way PostgreSQL says what it refused.
#include "integration/backend/backend_fixture.hpp"
#include "integration/backend/localised_server.hpp"

namespace patchbay::test {
namespace {

const LocalisedServer localised_server;

struct Language {
  const char* locale;
  const char* division_by_zero;  ///< The words of its server for it.
};

std::ostream& operator<<(std::ostream& out, const Language& language) {
  return out << language.locale;
}

constexpr Language kLanguages[] = {{"C", "division by zero"},
                                   {"de_DE", "Division durch Null"},
                                   {"fr_FR", "division par zéro"},
                                   {"es_ES", "división por cero"}};

constexpr const char* kTables = R"sql(
  CREATE TYPE mood AS ENUM ('fine');
  CREATE DOMAIN small AS integer CHECK (VALUE < 10);
  CREATE DOMAIN needed AS text NOT NULL;
  CREATE FUNCTION is_even(n integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    IF n IS NULL THEN RETURN true; END IF;
    RAISE EXCEPTION 'odd' USING ERRCODE = '22023'; END $$;
  CREATE DOMAIN even AS integer CHECK (is_even(VALUE));
  CREATE FUNCTION as_integer(text) RETURNS integer LANGUAGE sql SET DateStyle = 'ISO'
    AS 'SELECT $1::integer';
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN

    IF NEW.raised = 'names' THEN
      RAISE EXCEPTION 'no' USING ERRCODE = '23514', COLUMN = 'v', CONSTRAINT = 'mine';
    END IF;
    RAISE EXCEPTION 'no' USING ERRCODE = '22023'; END $$;
  CREATE TABLE parents (id integer PRIMARY KEY);
  CREATE TABLE t (id integer PRIMARY KEY, a integer NOT NULL DEFAULT 0 CHECK (a >= 0),
    u integer UNIQUE, p integer REFERENCES parents,
    later integer REFERENCES parents DEFERRABLE INITIALLY DEFERRED,
    i integer, big bigint, g uuid, d date, at timestamptz, span interval, e mood, j jsonb, js json,
    bytes bytea, list integer[], f float8, n numeric(3,1), v varchar(3),
    s small, needed needed DEFAULT '', even even, apart integer,
    as_sql text CHECK (as_integer(as_sql) > 0),
    as_json text CHECK (as_json IS NULL OR as_json::json IS NOT NULL),
    raised text,
    EXCLUDE (apart WITH =));
  CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.raised IS NOT NULL)
    EXECUTE FUNCTION refuse();
  INSERT INTO t (id, u, apart) VALUES (1, 1, 1))sql";

struct Refused {
  const char* verdict;
  const char* members;  ///< Of the row to insert, beside its key 2.
};

constexpr Refused kRefused[] = {{"409 23502 a", R"("a":null)"},
                                {"409 23514 t_a_check", R"("a":-1)"},
                                {"409 23505 t_u_key", R"("u":1)"},
                                {"409 23503 t_p_fkey", R"("p":7)"},
                                {"409 23503 t_later_fkey", R"("later":7)"},
                                {"409 23P01 t_apart_excl", R"("apart":1)"},
                                {"400 22P02 i", R"("i":"seven")"},
                                {"400 22P02 i", R"("u":5,"i":"7\n8 = '9'")"},
                                {"400 22003 i", R"("i":99999999999)"},
                                {"400 22003 big", R"("big":9223372036854775808)"},
                                {"400 22P02 g", R"("g":"1-2-3")"},
                                {"400 22007 d", R"("d":"some day")"},
                                {"400 22008 d", R"("d":"2026-13-45")"},
                                {"400 22007 at", R"("at":"7 o'clock")"},
                                {"400 22007 span", R"("span":"forever")"},
                                {"400 22P02 e", R"("e":"sad")"},
                                {"400 22P02 j", R"("i":1,"j":"{\"a\": 1, 7}")"},
                                {"400 22P02 js", R"("i":1,"js":"[1,\n2,\n'x")"},
                                {"400 22023 bytes", R"("bytes":"\\x7")"},
                                {"400 22P02 list", R"("list":"{1,x}")"},
                                {"400 22003 f", R"("f":1e400)"},
                                {"400 22003", R"("n":100)"},
                                {"400 22P02 n", R"("n":"1,5")"},
                                {"400 22001", R"("v":"abcd")"},
                                {"409 23514 small_check s", R"("a":1,"u":3,"s":11)"},
                                {"400 22P02 s", R"("s":"seven")"},
                                {"409 23502 needed", R"("needed":null)"},
                                {"400 22023 even", R"("even":3)"},
                                {"400 22P02", R"("as_sql":"x1")"},
                                {"400 22P02", R"("as_json":"x1")"},
                                {"400 22023", R"("raised":"3")"},
                                {"409 23514 mine v", R"("raised":"names")"},
                                {"200", R"("i":7)"}};

class BackendLanguages : public BackendTest, public testing::WithParamInterface<Language> {
 protected:
  BackendLanguages() {
    const std::string locale = GetParam().locale;
    if (locale != "C") localised_server.make_locale(locale);
    sql_.run(kTables);
    sql_.run("ALTER DATABASE " + database_.name() + " SET lc_messages = '" +
             (locale == "C" ? locale : locale + ".UTF-8") + "'");
  }
  std::string words_for(const std::string& statement) {
    try {
      SqlSession(database_.url()).run(statement);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
  void expect_verdicts() {
    start_with({"t"});
    for (const Refused& one : kRefused) {
      EXPECT_EQ(verdict("POST", "/t", std::string(R"({"id":2,)") + one.members + "}"), one.verdict)
          << one.members;
    }
    EXPECT_EQ(verdict("PUT", "/t/nope", R"({"i":1})"), "400 22P02 id");
    EXPECT_EQ(verdict("PUT", "/t/1", R"({"a":1,"g":7})"), "400 g") << "without the database";
    EXPECT_EQ(verdict("PUT", "/t/1", R"({"a":1,"g":"7"})"), "400 22P02 g");
    EXPECT_EQ(verdict("DELETE", "/t/99999999999"), "400 22003 id");
    EXPECT_EQ(verdict("POST", "/t", R"({"id":1})"), "409 23505 t_pkey");
  }
};

TEST_P(BackendLanguages, HaveTheSameRefusals) {
  const std::string words = words_for("SELECT 1 / 0");
  ASSERT_NE(words.find(GetParam().division_by_zero), std::string::npos) << words;
  expect_verdicts();
}

TEST_P(BackendLanguages, HaveTheSameRefusalsWhereTheServerQuotesTheValue) {
  sql_.run("ALTER DATABASE " + database_.name() + " SET log_parameter_max_length_on_error = -1");
  expect_verdicts();
}

TEST_P(BackendLanguages, TellTheReasonInTheServersWords) {
  start_with({"t"});
  const Json answer = send("POST", "/t", R"({"id":2,"i":"seven"})").json();
  const std::string words = words_for("SELECT 'seven'::integer");
  EXPECT_NE(words.find(answer["errors"][0]["message"].get<std::string>()), std::string::npos)
      << words << answer;
}

INSTANTIATE_TEST_SUITE_P(EachLanguage, BackendLanguages, testing::ValuesIn(kLanguages),
                         [](const auto& one) { return std::string(one.param.locale); });

}  // namespace
}  // namespace patchbay::test
