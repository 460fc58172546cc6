#include <gtest/gtest.h>

#include "conformance/traps.hpp"

namespace patchbay::check::traps {

using namespace std::chrono_literals;

void someone_else_changes_the_row(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.others_set({{"note", "before"}, {"title", "before"}});  // reaches the server first
  world.set_title(1, "mine");
  world.arrive();
  world.others_set({{"note", "after"}});
  world.answer_request();
  world.poll("items", 1);
  EXPECT_EQ(world.view("items"), world.shown("1:before,mine*", "1:before,before*"))
      << "column by column";
  EXPECT_EQ(world.state(1), "acknowledged") << "their change confirms nothing of mine";
  world.poll("items", 1);
  EXPECT_EQ(world.view("items"), "1:before,mine");
  EXPECT_EQ(world.state(1), "confirmed");
  world.poll("items", 1);
  EXPECT_EQ(world.view("items"), "1:after,mine");

  world.set_title(2, "mine again");
  world.serve();
  world.others_set({{"title", "theirs"}});  // overwrites mine before any stream has told of it
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:after,theirs");
  EXPECT_EQ(world.state(2), "confirmed");
  EXPECT_EQ(world.check(), "");
}

void middle_of_three_is_refused(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.refuse(2, "b is not for sale");
  world.write(1, {sim::update_row("items", {{"id", "1"}}, {{"title", "a"}, {"note", "a"}})});
  world.write(2, {sim::update_row("items", {{"id", "1"}}, {{"title", "b"}, {"note", "b"}})});
  EXPECT_EQ(world.view("items"), world.shown("1:b,b*", "1:null,milk*"));
  world.write(3, {sim::update_row("items", {{"id", "1"}}, {{"title", "c"}})});
  EXPECT_EQ(world.view("items"), world.shown("1:b,c*", "1:null,milk*"));
  world.answer_request();
  world.answer_request();
  EXPECT_EQ(world.state(2), "rejected");
  EXPECT_EQ(world.answer(2), world.shown("accepted", "rejected"));
  EXPECT_EQ(world.status(2)->rejection.message, "b is not for sale");
  EXPECT_EQ(world.view("items"), world.shown("1:a,c*", "1:null,milk*")) << "nothing of b is left";
  world.serve();
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:a,c");
  EXPECT_EQ(world.state(1) + " " + world.state(3), "confirmed confirmed");
  EXPECT_EQ(world.check(), "");
}

void away_and_back_while_under_way(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.set_title(1, "oat");
  world.arrive();
  world.set_title(2, "milk");  // what the stream still says: a write all the same
  EXPECT_EQ(world.view("items"), "1:null,milk*");
  world.answer_request();
  world.poll("items");
  EXPECT_EQ(world.view("items"), world.shown("1:null,milk*", "1:null,oat*"))
      << "the first one's echo does not take the second one's value away";
  world.serve();
  EXPECT_EQ(world.server_view("items"), "1:null,milk");
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:null,milk");
  EXPECT_EQ(world.check(), "");
}

void delete_of_a_row_already_deleted(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.others({sim::remove_row("items", {{"id", "1"}})});
  world.write(1, {sim::remove_row("items", {{"id", "1"}})});
  EXPECT_EQ(world.view("items"), world.shown("", "1:null,milk*"));
  world.serve();
  EXPECT_EQ(world.answer(1), world.shown("accepted", "acknowledged")) << "as good as deleted";
  world.poll("items");
  EXPECT_EQ(world.view("items"), "");
  EXPECT_EQ(world.state(1), "acknowledged") << "theirs was the change, mine left no trace";
  world.pass(10s);
  EXPECT_EQ(world.state(1), "confirmed");
  EXPECT_EQ(world.check(), "");
}

void insert_of_a_key_already_taken(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.others({sim::insert_row("items", {{"id", "2"}, {"title", "theirs"}, {"note", "n"}})});
  world.write(1, {sim::insert_row("items", {{"id", "2"}, {"title", "mine"}})});
  EXPECT_EQ(world.view("items"), world.shown("1:null,milk  2:null,mine*", "1:null,milk"));
  world.poll("items");
  EXPECT_EQ(world.view("items"), world.shown("1:null,milk  2:n,mine*", "1:null,milk  2:n,theirs*"));
  world.answer_request();
  EXPECT_EQ(world.state(1), "rejected");
  EXPECT_EQ(world.answer(1), world.shown("accepted", "rejected"));
  EXPECT_EQ(world.status(1)->rejection.code, "23505");
  EXPECT_EQ(world.status(1)->rejection.constraint, "items_pkey");
  EXPECT_EQ(world.view("items"), "1:null,milk  2:n,theirs") << "theirs, whole";

  world.others({sim::insert_row("items", {{"id", "3"}, {"title", "theirs"}})});
  world.write(2, {sim::insert_row("items", {{"id", "3"}, {"title", "mine"}})});
  world.answer_request();
  EXPECT_EQ(world.view("items"), "1:null,milk  2:n,theirs") << "refused before the stream told why";
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:null,milk  2:n,theirs  3:null,theirs");
  EXPECT_EQ(world.check(), "");
}

void parent_refused_before_its_child(const sim::PatternUnderTest& pattern) {
  for (const bool dependents : {false, true}) {
    Shop world(pattern, {dependents, {}});
    world.refuse(1, "no more lists");
    world.write(1, {sim::insert_row("lists", {{"id", kList}, {"name", "mine"}})});
    world.refuse_connection();
    world.write(2, {sim::insert_row("entries", {{"list", kList}, {"pos", "1"}, {"text", "x"}})});
    world.write(3, {sim::update_row("lists", {{"id", kList}}, {{"name", "ours"}})});
    world.write(4, {sim::update_row("items", {{"id", "1"}}, {{"title", "oat"}})});
    const std::string list = kList;
    EXPECT_EQ(world.view("lists"), world.shown(list + ":ours*", ""));
    EXPECT_EQ(world.view("entries"), world.shown(list + "/1:x*", ""));
    world.pass(30s);
    world.serve();
    EXPECT_EQ(world.state(1) + " " + world.state(2) + " " + world.state(3),
              "rejected rejected rejected");
    EXPECT_EQ(world.status(2)->rejection.code, "23503") << "the child's row is another one";
    const Rejection& third = world.status(3)->rejection;
    EXPECT_EQ(third.because_of, dependents ? world.id(1) : WriteId{});
    EXPECT_EQ(third.status, dependents ? 0 : 404);
    EXPECT_EQ(world.server.requests(world.id(3)), dependents ? 0U : 1U);
    EXPECT_EQ(world.view("lists") + world.view("entries"), "") << "nothing of them is left";
    EXPECT_EQ(world.state(4), "acknowledged") << "what did not depend on them stays";
    EXPECT_EQ(world.answer(2), world.shown("accepted", "rejected"));
    EXPECT_EQ(world.check(), "");
  }
}

void swallowed_parent_and_its_child(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.write(1, {sim::insert_row("lists", {{"id", kList}, {"name", "mine"}})});
  world.write(2, {sim::insert_row("entries", {{"list", kList}, {"pos", "1"}, {"text", "x"}})});
  world.write(3, {sim::remove_row("items", {{"id", "1"}})});
  world.write(4, {sim::insert_row("items", {{"id", "2"}, {"title", "oat"}})});
  for (int times = 0; times < 5; ++times) {
    ASSERT_TRUE(world.waits_for_request());
    world.answer_elsewhere();
  }
  ASSERT_TRUE(world.gateway.waiting()) << "what goes past it goes immediately";
  world.answer_request();
  EXPECT_EQ(world.server.requests(world.id(2)), 1U) << "the child was tried";
  EXPECT_EQ(world.state(2), "sending") << "its refusal decides nothing";
  EXPECT_EQ(world.server.applied(world.id(4)), 1U) << "and what depends on nothing is there";
  EXPECT_EQ(world.server.requests(world.id(3)), 0U) << "a delete waits";
  ASSERT_TRUE(world.waits_for_request());
  world.serve();
  EXPECT_EQ(world.rejected(), 0U);
  for (const std::uint32_t number : {1U, 2U, 3U, 4U}) {
    EXPECT_EQ(world.server.applied(world.id(number)), 1U) << number;
  }
  EXPECT_EQ(world.check(), "");
}

void clock_jumps(const sim::PatternUnderTest& pattern) {
  constexpr auto kDay = std::chrono::hours(24);
  Shop world(pattern);
  const auto set = [&world](std::string title) {
    world.write(0, {sim::update_row("items", {{"id", "1"}}, {{"title", std::move(title)}})});
  };
  set("a");
  world.serve();
  set("b");
  world.lose_request();
  world.clock.jump_wall(-400 * kDay);
  set("c");  // its id, made by the host from the time, is older than that of b
  world.clock.jump_wall(900 * kDay);
  set("d");
  EXPECT_EQ(world.view("items"), world.shown("1:null,d*", "1:null,milk*"));
  world.pass(60s);
  world.clock.jump_wall(-500 * kDay);
  world.serve();
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:null,d");
  EXPECT_EQ(world.server.arrivals().size(), 4U);
  EXPECT_EQ(world.rejected(), 0U) << "none was taken for one of months ago";
  EXPECT_EQ(world.check(), "");
}

void upper_case_uuid(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  const std::string list = kList;
  world.others({sim::insert_row("lists", {{"id", kList}, {"name", "theirs"}})});
  world.poll("lists");
  world.write(1, {sim::update_row("lists", {{"id", kListUpper}}, {{"name", "mine"}})});
  world.write(2,
              {sim::insert_row("entries", {{"list", kListUpper}, {"pos", "+07"}, {"text", "x"}})});
  EXPECT_EQ(world.view("lists"), list + world.shown(":mine*", ":theirs*")) << "one row, not two";
  EXPECT_EQ(world.view("entries"), world.shown(list + "/7:x*", ""));
  world.serve();
  world.poll("lists");
  world.poll("entries");
  EXPECT_EQ(world.view("lists"), list + ":mine");
  EXPECT_EQ(world.view("entries"), list + "/7:x");
  world.write(3, {sim::remove_row("entries", {{"list", kListUpper}, {"pos", "7"}})});
  EXPECT_EQ(world.view("entries"), world.shown("", list + "/7:x*"));
  EXPECT_EQ(world.check(), "");
}

void update_to_equal_values_by_sql(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.set_title(1, "milk");
  EXPECT_EQ(world.view("items"), "1:null,milk") << "SET x = x is not a write";
  EXPECT_EQ(world.gateway.requests(), 0U);
  world.set_title(2, "oat");
  world.arrive();
  world.write(3, {sim::update_row("items", {{"id", "1"}}, {{"note", "n"}})});
  world.write(4, {sim::update_row("items", {{"id", "1"}}, {{"note", std::nullopt}})});
  EXPECT_EQ(world.view("items"), "1:null,oat*") << "back to what the server has is one";
  EXPECT_EQ(world.state(4), "accepted");
  world.serve();
  EXPECT_EQ(world.server.arrivals().size(), 3U);
  EXPECT_EQ(world.check(), "");
}

void upper_case_uuid_by_sql(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  const std::string list = kList;
  world.write(1,
              {sim::insert_row("lists", {{"id", kListUpper}, {"name", "mine"}}),
               sim::insert_row("entries", {{"list", kListUpper}, {"pos", "07"}, {"text", "x"}})});
  EXPECT_EQ(world.answer(1), "accepted");
  EXPECT_EQ(world.view("lists"), list + ":mine*") << "spelled as the server will";
  EXPECT_EQ(world.view("entries"), list + "/7:x*");
  world.serve();
  world.poll("lists");
  world.poll("entries");
  EXPECT_EQ(world.view("lists"), list + ":mine") << "one row, not two";
  EXPECT_EQ(world.view("entries"), list + "/7:x");
  EXPECT_EQ(world.check(), "");
}

}  // namespace patchbay::check::traps
