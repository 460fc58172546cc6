// Law 6: writes reach the server in local order.
#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"

namespace patchbay::check {
namespace {

using namespace std::chrono_literals;

void judge(Script& world) {
  world.settle();
  world.judge_running();
  world.judge_order();
}

void one_by_one(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "one by one");
  world.fill();
  for (std::uint32_t number = 1; number <= 4; ++number) {
    world.write(number, {set_item("1", {{"title", std::to_string(number)}})});
    if (number % 2 == 0) world.serve();
  }
  judge(world);
}

/// Sends writes that were made offline, while requests go wrong.
void after_an_outage(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "after an outage");
  world.fill();
  world.write(1, {sim::insert_row("lists", {{"id", kOtherList}, {"name", "parent"}})});
  world.refuse_connection();
  world.write(
      2, {sim::insert_row("entries", {{"list", kOtherList}, {"pos", "1"}, {"text", "child"}})});
  world.write(3, {set_item("1", {{"title", "a"}})});
  world.write(4,
              {sim::update_row("entries", {{"list", kOtherList}, {"pos", "1"}}, {{"text", "c"}})});
  world.pass(60s);
  world.lose_request();
  world.write(5, {set_item("1", {{"title", "b"}})});
  world.write(6, {sim::remove_row("entries", {{"list", kOtherList}, {"pos", "1"}})});
  world.pass(60s);
  world.lose_answer();
  world.write(7, {sim::remove_row("lists", {{"id", kOtherList}})});
  world.refuse(8, "no");
  world.write(8, {set_item("2", {{"title", "no"}})});
  world.write(9, {set_item("2", {{"title", "d"}})});
  world.refetch("items");
  world.write(10, {add_item("10", "e")});
  judge(world);
}

}  // namespace

void prove_order(const Subject& subject, Trial& trial) {
  one_by_one(subject, trial);
  after_an_outage(subject, trial);
}

}  // namespace patchbay::check
