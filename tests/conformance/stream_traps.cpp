#include <gtest/gtest.h>

#include "conformance/traps.hpp"

namespace patchbay::check::traps {

using namespace std::chrono_literals;

Shop::Shop(const sim::PatternUnderTest& tested, sim::WorldOptions options)
    : sim::World(tested, std::move(options)), pattern(tested) {
  others({sim::insert_row("items", {{"id", "1"}, {"title", "milk"}})});
  poll("items");
}

void Shop::set_title(std::uint32_t number, const std::string& title) {
  write(number, {sim::update_row("items", {{"id", "1"}}, {{"title", title}})});
}

bool Shop::waits_for_request() {
  for (int second = 0; second < 1'000 && !gateway.waiting(); ++second) pass(1s);
  return gateway.waiting();
}

void Shop::others_set(NamedCells set) {
  others({sim::update_row("items", {{"id", "1"}}, std::move(set))});
}

void echo_before_the_answer(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.set_title(1, "oat");
  EXPECT_EQ(world.answer(1), world.shown("accepted", "waiting"));
  world.arrive();
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:null,oat*") << "not known to be its echo yet";
  world.others({sim::insert_row("items", {{"id", "2"}, {"title", "theirs"}})});
  world.poll("items");
  world.answer_request();
  EXPECT_EQ(world.state(1), "confirmed") << "no further word from the stream was needed";
  EXPECT_EQ(world.answer(1), world.shown("accepted", "acknowledged"));
  EXPECT_EQ(world.view("items"), "1:null,oat  2:null,theirs");
  EXPECT_EQ(world.history("items", "1"), world.shown("null,milk, null,oat*, null,oat",
                                                     "null,milk, null,milk*, null,oat*, "
                                                     "null,oat"));
  world.pass(60s);
  EXPECT_EQ(world.stream.asked(), 0U) << "nothing is left to ask for";

  // Two writes on one row, in one request: a snapshot has the row with the id of the second.
  world.set_title(4, "rice");
  world.write(2, {sim::insert_row("marks", {{"id", "7"}, {"text", "x"}})});
  world.write(3, {sim::update_row("marks", {{"id", "7"}}, {{"text", "y"}})});
  world.answer_request();
  world.arrive();
  world.refetch("marks");
  EXPECT_EQ(world.view("marks"), world.server_view("marks")) << "nothing of the first is left";
  world.answer_request();
  EXPECT_EQ(world.state(2) + " " + world.state(3), "confirmed confirmed");
  EXPECT_EQ(world.check(), "");
}

void snapshot_already_has_the_write(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.set_title(1, "oat");
  world.serve();
  EXPECT_EQ(world.state(1), "acknowledged");
  world.refetch("items");
  EXPECT_EQ(world.view("items"), "1:null,oat*");
  EXPECT_EQ(world.state(1), "sending") << "only the repeat tells that the server still has it";
  world.answer_request();
  EXPECT_EQ(world.state(1), "confirmed") << "the snapshot has it; silence follows";
  EXPECT_EQ(world.view("items"), "1:null,oat");
  EXPECT_EQ(world.server.requests(world.id(1)), 2U);
  EXPECT_EQ(world.check(), "") << "and it was applied once";
}

void answer_lost_after_the_commit(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.write(1, {sim::insert_row("items", {{"id", "2"}, {"title", "eggs"}})});
  world.lose_answer();
  EXPECT_EQ(world.state(1), "sending");
  EXPECT_EQ(world.view("items"), world.shown("1:null,milk  2:null,eggs*", "1:null,milk"));
  world.others({sim::update_row("items", {{"id", "2"}}, {{"note", "theirs"}})});
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:null,milk  2:theirs,eggs*") << "whose row, nobody knows yet";
  world.pass(60s);
  world.serve();
  EXPECT_EQ(world.state(1), "confirmed");
  EXPECT_EQ(world.answer(1), world.shown("accepted", "acknowledged"));
  EXPECT_GE(world.server.requests(world.id(1)), 2U);
  EXPECT_EQ(world.view("items"), "1:null,milk  2:theirs,eggs");
  EXPECT_EQ(world.check(), "");
}

void update_to_equal_values(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.set_title(1, "milk");
  EXPECT_EQ(world.view("items"), "1:null,milk*");
  world.serve();
  EXPECT_EQ(world.answer(1), world.shown("accepted", "acknowledged"));
  world.poll("items");
  EXPECT_EQ(world.state(1), "acknowledged") << "the stream says nothing of equal values";
  world.pass(10s);
  EXPECT_EQ(world.state(1), "confirmed") << "the stream, asked, is proven to be past it";
  EXPECT_EQ(world.status(1)->rule, ConfirmationRule::lsn);
  EXPECT_EQ(world.server.requests(world.id(1)), 1U);
  EXPECT_EQ(world.view("items"), "1:null,milk");
  EXPECT_EQ(world.check(), "");
}

void one_of_two_streams_lags(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.stream.hold("lists");
  world.write(1, {sim::update_row("items", {{"id", "1"}}, {{"title", "oat"}}),
                  sim::insert_row("lists", {{"id", kList}, {"name", "mine"}})});
  world.serve();
  world.poll("items");
  const std::string mine = std::string(kList) + ":mine";
  EXPECT_EQ(world.view("items"), "1:null,oat") << "settled where its stream has shown it";
  EXPECT_EQ(world.view("lists"), world.shown(mine + "*", "")) << "and only there";
  EXPECT_EQ(world.state(1), "acknowledged");
  world.others_set({{"title", "theirs"}});
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:null,theirs") << "the settled part covers nothing any more";
  world.stream.release("lists");
  world.poll("lists");
  EXPECT_EQ(world.state(1), "confirmed");
  EXPECT_EQ(world.view("lists"), mine);
  EXPECT_EQ(world.check(), "");
}

void reset_while_writes_are_unfinished(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.set_title(1, "oat");
  world.serve();  // acknowledged, not seen
  world.write(2, {sim::insert_row("items", {{"id", "2"}, {"title", "eggs"}})});
  world.arrive();  // applied, no answer yet
  world.write(3, {sim::update_row("items", {{"id", "1"}}, {{"note", "n"}})});  // waits
  world.others({sim::insert_row("items", {{"id", "3"}, {"title", "theirs"}})});
  world.refetch("items");
  EXPECT_EQ(world.view("items"), world.shown("1:n,oat*  2:null,eggs*  3:null,theirs",
                                             "1:null,oat*  2:null,eggs*  3:null,theirs"));
  world.refetch("items");
  world.serve();
  EXPECT_EQ(world.state(1), "confirmed");
  EXPECT_EQ(world.state(2), "confirmed");
  EXPECT_EQ(world.state(3), "acknowledged");
  world.poll("items");
  EXPECT_EQ(world.view("items"), "1:n,oat  2:null,eggs  3:null,theirs");
  EXPECT_EQ(world.history("items", "1"), world.shown("null,milk, null,oat*, n,oat*, n,oat",
                                                     "null,milk, null,milk*, null,oat*, n,oat"))
      << "it never goes back";
  EXPECT_EQ(world.check(), "");
}

void server_failed_over_and_lost_the_write(const sim::PatternUnderTest& pattern) {
  Shop world(pattern);
  world.set_title(1, "oat");
  world.serve();
  EXPECT_EQ(world.state(1), "acknowledged");
  world.server.fail_over(1);
  world.others_set({{"note", "theirs"}});  // under the number of the transaction that was lost
  world.poll("items");
  EXPECT_EQ(world.view("items"), world.shown("1:theirs,oat*", "1:theirs,milk*"));
  world.serve();
  world.poll("items");
  EXPECT_EQ(world.state(1), "confirmed") << world.status(1)->rejection.message;
  EXPECT_EQ(world.server_view("items"), "1:theirs,oat") << "the repeat was applied";

  // The next answer tells of the other system before the stream does.
  world.set_title(2, "rice");
  world.serve();
  world.server.fail_over(1);
  world.write(3, {sim::insert_row("items", {{"id", "2"}, {"title", "eggs"}})});
  world.answer_request();
  EXPECT_EQ(world.state(2), "sending") << "its acknowledgement was another system's";
  world.serve();
  EXPECT_EQ(world.server_view("items"), "1:theirs,rice  2:null,eggs");
  EXPECT_EQ(world.check(), "");
}

}  // namespace patchbay::check::traps
