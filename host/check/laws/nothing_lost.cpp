// Law 2: each accepted write is applied exactly once, or reported rejected with a reason.
#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"

namespace patchbay::check {
namespace {

using namespace std::chrono_literals;

void judge(Script& world) {
  world.settle();
  world.judge_running();
  world.judge_writes();
}

/// Lets requests go wrong in every way, with every kind of write.
void requests_go_wrong(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "requests go wrong");
  world.fill();
  world.write(1, {set_item("1", {{"title", "oat"}, {"note", "n"}})});
  world.lose_answer();
  world.write(2, {set_item("1", {{"note", std::nullopt}}), add_item("10", "new")});
  world.pass(60s);
  world.lose_request();
  world.refuse(3, "not for sale");
  world.write(3, {set_item("2", {{"title", "refused"}})});
  world.pass(60s);
  world.refuse_connection();
  world.write(4, {sim::insert_row("lists", {{"id", kOtherList}, {"name", std::nullopt}}),
                  sim::insert_row("entries", {{"list", kOtherList}, {"pos", "1"}, {"text", "x"}})});
  world.write(5,
              {sim::update_row("entries", {{"list", kOtherList}, {"pos", "1"}}, {{"pos", "4"}})});
  world.write(6, {sim::insert_row("items", {{"id", "3"}, {"title", "taken"}})});
  world.write(7, {sim::remove_row("items", {{"id", "4"}})});
  world.pass(60s);
  world.answer_request();
  world.lose_answer();
  world.write(8, {sim::insert_row("marks", {{"id", "8"}, {"text", std::nullopt}})});
  world.write(9, {sim::update_row("samples", {{"id", "full"}},
                                  {{"doc", std::nullopt}, {"big", "9007199254740995"}})});
  judge(world);
  world.ended(3, "rejected");
  world.ended(6, "rejected");
}

void stream_starts_again(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "the stream starts again");
  world.fill();
  world.write(1, {set_item("1", {{"title", "acknowledged"}})});
  world.serve();
  world.write(2, {add_item("10", "under way")});
  world.arrive();
  world.write(3, {set_item("1", {{"note", "waiting"}})});
  world.refetch_all();
  world.lose_answer();
  world.refetch("items");
  world.pass(60s);
  world.write(4, {set_item("10", {{"title", "again"}})});
  judge(world);
}

void server_fails_over(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "the server fails over and has lost a write");
  world.fill();
  world.write(1, {set_item("1", {{"title", "oat"}})});
  world.serve();
  trial.step("a standby takes over that lacks the last transaction");
  world.server.fail_over(1);
  world.write(2, {set_item("2", {{"title", "rice"}})});
  judge(world);
}

}  // namespace

void prove_nothing_lost(const Subject& subject, Trial& trial) {
  requests_go_wrong(subject, trial);
  stream_starts_again(subject, trial);
  server_fails_over(subject, trial);
}

}  // namespace patchbay::check
