// Law 9: no state waits indefinitely, and everything comes to rest.
#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"

namespace patchbay::check {
namespace {

using namespace std::chrono_literals;

/// Judges that later changes of others show, and that no write that has ended covers them.
void judge(Script& world) {
  world.settle();
  world.judge_running();
  world.judge_rest();
  world.change_every_row();
  world.judge_tables();
}

/// Makes writes that the stream tells nothing of, or told of before their answer came.
void no_word_from_the_stream(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "no word from the stream");
  world.fill();
  world.write(1, {set_item("1", {{"title", "oat"}})});
  world.arrive();
  world.poll("items");
  world.answer_request();
  world.ended(1, "confirmed");
  world.write(2, {set_item("2", {{"title", "eggs"}})});
  world.serve();
  world.others({sim::remove_row("items", {{"id", "3"}})});
  world.write(3, {sim::remove_row("items", {{"id", "3"}})});
  world.serve();
  world.poll("items");
  world.stream.hold("lists");
  world.write(4, {sim::update_row("lists", {{"id", kList}}, {{"name", "late"}}),
                  set_item("1", {{"note", "late"}})});
  world.serve();
  world.poll_all();
  judge(world);
}

void long_outage(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "an outage of two hours");
  world.fill();
  world.write(1, {set_item("1", {{"title", "a"}})});
  world.write(2, {set_item("1", {{"title", "b"}})});
  for (int minute = 0; minute < 120; ++minute) {
    world.refuse_connection();
    world.pass(60s);
  }
  world.write(3, {set_item("1", {{"title", "c"}}), add_item("10", "c")});
  world.write(4, {set_item("10", {{"note", "d"}})});
  world.serve();
  world.write(5, {sim::remove_row("items", {{"id", "10"}})});
  judge(world);
}

/// Repeats, refusals and doubt all come to an end.
void answers_come_twice(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "acknowledged more than once");
  world.fill();
  world.write(1, {set_item("1", {{"title", "a"}})});
  world.serve();
  world.refetch("items");
  world.serve();
  world.refetch("items");
  world.write(2, {set_item("1", {{"note", "b"}})});
  world.lose_answer();
  world.refetch("items");
  world.refuse(3, "no");
  world.write(3, {set_item("2", {{"note", "no"}})});
  world.pass(60s);
  world.serve();
  world.refetch_all();
  judge(world);
}

}  // namespace

void prove_liveness(const Subject& subject, Trial& trial) {
  no_word_from_the_stream(subject, trial);
  long_outage(subject, trial);
  answers_come_twice(subject, trial);
}

}  // namespace patchbay::check
