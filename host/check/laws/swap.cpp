// Law 8: laws 1 to 7 hold with a swap at any moment, and then the old module leaves the process.
#include <functional>
#include <patchbay/plugin.hpp>

#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"

namespace patchbay::check {
namespace {

using Step = std::function<void(Script&)>;

/// Brings writes into every state; the swap comes between any two of these.
const std::vector<Step>& steps() {
  static const std::vector<Step> all{
      [](Script& world) {
        world.write(1, {set_item("1", {{"title", "a"}})});
      },
      [](Script& world) { world.serve(); },
      [](Script& world) { world.write(2, {add_item("10", "b")}); },
      [](Script& world) { world.arrive(); },
      [](Script& world) {
        world.write(3, {set_item("2", {{"title", "no"}, {"note", "no"}})});
      },
      [](Script& world) {
        world.write(4, {set_item("1", {{"note", std::nullopt}}),
                        sim::insert_row("lists", {{"id", kOtherList}, {"name", "d"}})});
      },
      [](Script& world) {
        world.others({set_item("4", {{"title", "theirs"}})});
      },
      [](Script& world) { world.poll("items"); },
      [](Script& world) { world.answer_request(); },
      [](Script& world) { world.serve(); },
      [](Script& world) { world.poll("lists"); },
      [](Script& world) { world.refetch("items"); },
      [](Script& world) {
        world.write(5, {sim::remove_row("items", {{"id", "3"}})});
      },
      [](Script& world) { world.settle(); },
  };
  return all;
}

void keep(Script& world) {
  world.watch.keeps(1, {"items", "1", "title", "a"});
  world.watch.keeps(2, {"items", "10", "title", "b"});
  world.watch.keeps(4, {"items", "1", "note", std::nullopt});
  world.watch.keeps(4, {"lists", kOtherList, "name", "d"});
  world.watch.keeps(5, {"items", "3", "", {}});
  world.refuse(3, "no");
}

void judge(Script& world) {
  world.settle();
  world.judge_running();
  world.judge_tables();
  world.judge_writes();
  world.judge_order();
  world.judge_rest();
  world.ended(3, "rejected");
  for (const std::uint32_t write : {1U, 2U, 4U, 5U}) world.ended(write, "confirmed");
  world.change_every_row();
  world.judge_tables();
}

/// False when the rest of the script makes no sense.
bool leaves(LoadedPlugin& plugin, Trial& trial) {
  const auto unloaded = plugin.unload();
  if (!unloaded) trial.fail(unloaded.error().message);
  return unloaded.has_value();
}

bool swap_before(std::size_t moment, const Subject& subject, Trial& trial) {
  auto first = subject.load_again();
  auto second = subject.load_again();
  if (!first || !second) {
    trial.fail((first ? second : first).error().message);
    return false;
  }
  {
    Script world(subject, patterns_of(*first), trial,
                 "a swap before step " + std::to_string(moment + 1), {});
    world.fill();
    keep(world);
    for (std::size_t at = 0; at <= steps().size(); ++at) {
      if (at == moment) {
        if (auto swapped = world.swap(patterns_of(*second)); !swapped) {
          trial.fail("The module was not replaced: " + swapped.error().message);
          return false;
        }
        if (!leaves(*first, trial)) return false;
      }
      if (at < steps().size()) steps()[at](world);
    }
    judge(world);
  }
  return leaves(*second, trial) && !trial.failed();
}

}  // namespace

void prove_swap(const Subject& subject, Trial& trial) {
  for (std::size_t moment = 0; moment <= steps().size(); ++moment) {
    if (!swap_before(moment, subject, trial)) return;
  }
}

}  // namespace patchbay::check
