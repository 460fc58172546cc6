// Law 1: once faults stop and queues drain, every view equals the server's rows.
#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"

namespace patchbay::check {
namespace {

/// False when the law is broken: later scripts would only repeat the finding.
bool judge(Script& world) {
  world.settle();
  world.judge_running();
  if (!world.trial.failed()) world.judge_tables();
  return !world.trial.failed();
}

void everything_goes(Script& world) {
  world.others({sim::remove_row("entries", {{"list", kList}, {"pos", "1"}}),
                sim::remove_row("entries", {{"list", kList}, {"pos", "9"}}),
                sim::remove_row("lists", {{"id", kList}}),
                sim::remove_row("samples", {{"id", "full"}}),
                sim::remove_row("samples", {{"id", "empty"}})});
  world.refetch("samples");
}

void others_change_everything(Script& world) {
  world.others({set_item("1", {{"note", "n1"}}), set_item("4", {{"note", std::nullopt}})});
  world.others({sim::remove_row("items", {{"id", "3"}}), add_item("5", "rice")});
  world.others({sim::update_row("entries", {{"list", kList}, {"pos", "2"}}, {{"pos", "9"}}),
                sim::update_row("lists", {{"id", kList}}, {{"name", std::nullopt}})});
  world.others(
      {sim::update_row("samples", {{"id", "full"}},
                       {{"amount", std::nullopt}, {"doc", std::nullopt}, {"tags", "{}"}}),
       sim::update_row("samples", {{"id", "empty"}},
                       {{"flag", "false"}, {"big", "-9223372036854775808"}, {"raw", "\\x"}})});
  world.others({sim::update_row("marks", {{"id", "7"}}, {{"text", ""}})});
}

void everybody_writes_the_same_rows(Script& world) {
  world.write(1, {set_item("1", {{"title", "mine"}, {"note", std::nullopt}})});
  world.write(2, {add_item("6", "mine")});
  world.arrive();
  world.others({set_item("1", {{"title", "theirs"}})});
  world.lose_answer();
  world.write(3, {sim::remove_row("items", {{"id", "2"}})});
  world.others({sim::remove_row("items", {{"id", "2"}})});
  world.write(4, {sim::update_row("entries", {{"list", kList}, {"pos", "1"}}, {{"text", "mine"}}),
                  sim::update_row("lists", {{"id", kList}}, {{"name", "mine"}})});
  world.poll("items");
  world.others(
      {sim::update_row("entries", {{"list", kList}, {"pos", "1"}}, {{"text", std::nullopt}})});
  world.write(5, {sim::insert_row("marks", {{"id", "8"}, {"text", "mine"}})});
  world.others({sim::insert_row("marks", {{"id", "9"}, {"text", "theirs"}})});
  world.write(6, {set_item("4", {{"title", std::nullopt}})});
}

void stream_starts_again(Script& world) {
  world.stream.hold("items");
  world.others({sim::remove_row("items", {{"id", "1"}}), set_item("4", {{"title", "salt again"}})});
  world.others({add_item("7", "new")});
  world.write(7, {set_item("5", {{"note", "mine"}})});
  world.stream.release("items");
  world.refetch("items");
  world.poll("items");
}

void server_fails_over(Script& world) {
  world.write(8, {set_item("5", {{"title", "mine"}})});
  world.settle();
  world.others({set_item("7", {{"title", "lost"}}), add_item("8", "lost")});
  world.poll("items");
  world.server.fail_over(1);
  world.others({set_item("7", {{"note", "after"}})});
}

}  // namespace

void prove_convergence(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "everybody writes");
  world.fill();
  for (const auto& part : {others_change_everything, everybody_writes_the_same_rows,
                           stream_starts_again, server_fails_over, everything_goes}) {
    if (!judge(world)) return;
    part(world);
  }
  if (!judge(world)) return;
  world.change_every_row();
  world.judge_tables();
  world.refetch_all();
  judge(world);
}

}  // namespace patchbay::check
