// Law 5: no view shows a part of one's own write; within a table none shows a part of a server's
// transaction; no state of the server shows a part of a write.
#include <algorithm>

#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"

namespace patchbay::check {
namespace {

/// Judges a write over three tables where the pattern shows it immediately; else its rows in one
/// table, since each table's stream brings its own.
void own_write(const Subject& subject, Trial& trial, bool refused) {
  Script world(subject, trial,
               refused ? "a write over three tables is refused"
                       : "a write over three tables, whose streams lag");
  const std::string entry = std::string(kOtherList) + "/1";
  world.fill();
  std::vector<SeenCell> parts{{"items", "1", "title", "part"}, {"items", "2", "", {}}};
  if (world.optimistic()) {
    parts.push_back({"lists", kOtherList, "name", "part"});
    parts.push_back({"entries", entry, "text", "part"});
  }
  world.watch.whole("write 1", parts);
  if (refused) world.refuse(1, "no");
  world.write(1,
              {set_item("1", {{"title", "part"}}), sim::remove_row("items", {{"id", "2"}}),
               sim::insert_row("lists", {{"id", kOtherList}, {"name", "part"}}),
               sim::insert_row("entries", {{"list", kOtherList}, {"pos", "1"}, {"text", "part"}})});
  world.stream.hold("lists");
  world.arrive();
  world.poll("items");
  world.answer_request();
  world.poll("entries");
  world.refetch("items");
  world.serve();
  world.stream.release("lists");
  world.poll_all();
  world.settle();
  world.judge_running();
  if (refused) return;
  const auto is_whole = [&](const sim::Commit& one) {
    return one.write == world.id(1) && one.changes.size() == 4;
  };
  if (std::ranges::none_of(world.server.log(), is_whole)) {
    trial.fail("No transaction of the server has all four changes of write 1.");
  }
}

void transaction_of_others(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "a transaction of another user");
  world.fill();
  const std::vector<RequestedOperation> transfer{set_item("1", {{"note", "less"}}),
                                                 set_item("3", {{"note", "more"}}),
                                                 sim::remove_row("items", {{"id", "4"}})};
  world.watch.whole(
      "another user's transaction",
      {{"items", "1", "note", "less"}, {"items", "3", "note", "more"}, {"items", "4", "", {}}});
  world.write(1, {set_item("3", {{"title", "mine"}})});
  world.others(transfer);
  world.serve();
  world.poll("items");
  world.refetch("items");
  world.settle();
  world.judge_running();
}

void transaction_in_a_snapshot(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "a transaction of another user, in a stream that starts again");
  world.fill();
  world.watch.whole("another user's transaction", {{"items", "1", "note", "less"},
                                                   {"items", "3", "note", "more"},
                                                   {"items", "10", "title", "new"}});
  world.write(1, {set_item("2", {{"title", "mine"}})});
  world.others({set_item("1", {{"note", "less"}}), set_item("3", {{"note", "more"}}),
                add_item("10", "new")});
  world.refetch("items");
  world.settle();
  world.judge_running();
}

}  // namespace

void prove_atomicity(const Subject& subject, Trial& trial) {
  own_write(subject, trial, false);
  own_write(subject, trial, true);
  transaction_of_others(subject, trial);
  transaction_in_a_snapshot(subject, trial);
}

}  // namespace patchbay::check
