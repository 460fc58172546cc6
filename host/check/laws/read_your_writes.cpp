// Law 3: from accepted to its end the view shows a write, without a flicker.
#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"

namespace patchbay::check {
namespace {

using namespace std::chrono_literals;

void judge(Script& world) {
  world.settle();
  world.judge_running();
}

void answer_before_the_echo(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "the answer comes before the echo");
  world.fill();
  world.watch.keeps(1, {"items", "1", "title", "oat"});
  world.write(1, {set_item("1", {{"title", "oat"}})});
  world.others({set_item("1", {{"note", "theirs"}})});
  world.poll("items");
  world.arrive();
  world.others({set_item("1", {{"title", "theirs"}, {"note", "theirs again"}})});
  world.answer_request();
  world.poll("items", 1);
  judge(world);
}

void echo_before_the_answer(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "the echo comes before the answer");
  world.fill();
  world.watch.keeps(1, {"items", "1", "title", "oat"});
  world.watch.keeps(2, {"items", "4", "note", std::nullopt});
  world.watch.keeps(3, {"items", "2", "", {}});
  world.write(1, {set_item("1", {{"title", "oat"}})});
  world.arrive();
  world.poll("items");
  world.answer_request();
  world.write(2, {set_item("4", {{"note", std::nullopt}})});
  world.write(3, {sim::remove_row("items", {{"id", "2"}})});
  world.arrive();
  world.poll_all();
  world.refetch_all();
  world.serve();
  judge(world);
}

void stream_starts_again(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "the stream starts again");
  world.fill();
  world.watch.keeps(1, {"items", "1", "title", "acknowledged"});
  world.watch.keeps(2, {"items", "10", "title", "under way"});
  world.watch.keeps(3, {"items", "1", "note", "waiting"});
  world.watch.keeps(4, {"items", "3", "", {}});
  world.write(1, {set_item("1", {{"title", "acknowledged"}})});
  world.serve();
  world.write(2, {add_item("10", "under way")});
  world.arrive();
  world.write(3, {set_item("1", {{"note", "waiting"}})});
  world.write(4, {sim::remove_row("items", {{"id", "3"}})});
  world.others({set_item("2", {{"title", "theirs"}})});
  world.refetch("items");
  world.poll("items");
  world.refetch("items");
  world.answer_request();
  world.refetch("items");
  judge(world);
}

void every_kind_of_write(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "every kind of write, offline for an hour");
  const std::string list = kList;
  world.fill();
  world.watch.keeps(1, {"entries", list + "/8", "text", "one"});
  world.watch.keeps(1, {"entries", list + "/1", "", {}});
  world.watch.keeps(2, {"lists", kOtherList, "name", "mine"});
  world.watch.keeps(2, {"entries", std::string(kOtherList) + "/1", "text", "x"});
  world.watch.keeps(3, {"samples", "full", "doc", std::nullopt});
  world.watch.keeps(3, {"samples", "full", "flag", "false"});
  world.watch.keeps(3, {"samples", "full", "big", "9007199254740995"});
  world.watch.keeps(4, {"marks", "8", "text", ""});
  world.write(1, {sim::update_row("entries", {{"list", kList}, {"pos", "1"}}, {{"pos", "8"}})});
  world.refuse_connection();
  world.write(2, {sim::insert_row("lists", {{"id", kOtherList}, {"name", "mine"}}),
                  sim::insert_row("entries", {{"list", kOtherList}, {"pos", "1"}, {"text", "x"}})});
  world.write(3, {sim::update_row(
                     "samples", {{"id", "full"}},
                     {{"doc", std::nullopt}, {"flag", "false"}, {"big", "9007199254740995"}})});
  world.write(4, {sim::insert_row("marks", {{"id", "8"}, {"text", ""}})});
  for (int minute = 0; minute < 60; ++minute) {
    world.pass(60s);
    world.refuse_connection();
  }
  world.others({sim::update_row("samples", {{"id", "full"}}, {{"amount", "2"}})});
  world.poll_all();
  judge(world);
}

void server_fails_over(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "the server fails over and has lost a write");
  world.fill();
  world.watch.keeps(1, {"items", "1", "title", "oat"});
  world.write(1, {set_item("1", {{"title", "oat"}})});
  world.serve();
  trial.step("a standby takes over that lacks the last transaction");
  world.server.fail_over(1);
  world.others({set_item("1", {{"note", "theirs"}})});
  world.poll("items");
  judge(world);
}

}  // namespace

void prove_read_your_writes(const Subject& subject, Trial& trial) {
  answer_before_the_echo(subject, trial);
  echo_before_the_answer(subject, trial);
  stream_starts_again(subject, trial);
  every_kind_of_write(subject, trial);
  server_fails_over(subject, trial);
}

}  // namespace patchbay::check
