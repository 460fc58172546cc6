// Law 4: a rejected write leaves no trace in the view and takes no other write with it.
#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"

namespace patchbay::check {
namespace {

using namespace std::chrono_literals;

/// Refuses the second of three writes on one row.
void middle_of_three(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "the middle of three writes is refused");
  world.fill();
  world.refuse(2, "b is not for sale");
  world.write(1, {set_item("1", {{"title", "a"}, {"note", "a"}})});
  world.serve();
  world.poll("items");
  world.write(2, {set_item("1", {{"title", "b"}, {"note", "b"}}), add_item("10", "b")});
  world.arrive();
  world.write(3, {set_item("1", {{"title", "c"}})});
  world.write(4, {set_item("2", {{"note", "stays"}})});
  world.watch.stays(3, {"items", "1", "title", "c"});
  world.watch.stays(4, {"items", "2", "note", "stays"});
  world.answer_request();
  world.watch.never(2, {"items", "1", "note", "b"});
  world.watch.never(2, {"items", "10", "title", "b"});
  world.shows("items", "1:a,c*  2:stays,eggs*  3:null,tea  4:n,salt");
  world.refetch("items");
  world.settle();
  world.judge_running();
  world.ended(2, "rejected");
  for (const std::uint32_t other : {1U, 3U, 4U}) world.ended(other, "confirmed");
  world.shows_at_last("items", "1:a,c  2:stays,eggs  3:null,tea  4:n,salt");
}

/// Refuses writes that hid, moved or made a row, which comes back, or goes, as it was.
void every_kind_of_write(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "every kind of write is refused");
  const std::string list = kList;
  world.fill();
  for (const std::uint32_t write : {1U, 3U, 4U, 5U}) world.refuse(write, "no");
  world.write(1, {sim::remove_row("items", {{"id", "4"}})});
  world.write(2, {set_item("1", {{"title", "stays"}})});
  world.watch.stays(2, {"items", "1", "title", "stays"});
  world.write(3, {sim::update_row("entries", {{"list", kList}, {"pos", "2"}}, {{"pos", "5"}})});
  world.write(4,
              {sim::insert_row("lists", {{"id", kOtherList}, {"name", "no"}}),
               sim::insert_row("entries", {{"list", kOtherList}, {"pos", "1"}, {"text", "no"}})});
  world.write(
      5, {sim::update_row("samples", {{"id", "full"}}, {{"doc", "{}"}, {"flag", std::nullopt}})});
  world.write(6,
              {sim::update_row("entries", {{"list", kList}, {"pos", "1"}}, {{"text", "stays"}})});
  world.watch.stays(6, {"entries", list + "/1", "text", "stays"});
  world.serve();
  world.watch.never(3, {"entries", list + "/5", "text", "two"});
  world.watch.never(4, {"lists", kOtherList, "name", "no"});
  world.watch.never(5, {"samples", "full", "doc", "{}"});
  world.settle();
  world.judge_running();
  for (const std::uint32_t write : {1U, 3U, 4U, 5U}) world.ended(write, "rejected");
  for (const std::uint32_t write : {2U, 6U}) world.ended(write, "confirmed");
  world.shows_at_last("items", "1:null,stays  2:null,eggs  3:null,tea  4:n,salt");
  world.shows_at_last("entries", list + "/1:stays  " + list + "/2:two");
  world.shows_at_last("lists", list + ":first");
  world.shows_at_last("samples", world.server_view("samples"));
}

/// Lets the server's own rules refuse, while the stream tells of the reason before or after.
void key_is_taken(const Subject& subject, Trial& trial) {
  Script world(subject, trial, "somebody else was first");
  world.fill();
  world.others({sim::insert_row("items", {{"id", "5"}, {"title", "theirs"}, {"note", "n"}})});
  world.write(1, {add_item("5", "mine")});
  world.write(2, {set_item("1", {{"note", "stays"}})});
  world.watch.stays(2, {"items", "1", "note", "stays"});
  world.poll("items");
  world.serve();
  world.watch.never(1, {"items", "5", "title", "mine"});
  world.others({add_item("6", "theirs")});
  world.write(3, {add_item("6", "mine")});
  world.serve();
  world.watch.never(3, {"items", "6", "title", "mine"});
  world.poll("items");
  world.settle();
  world.judge_running();
  world.ended(1, "rejected");
  world.ended(2, "confirmed");
  world.ended(3, "rejected");
  world.shows_at_last("items",
                      "1:stays,milk  2:null,eggs  3:null,tea  4:n,salt  5:n,theirs  6:null,theirs");
}

/// Refuses with on_reject = "dependents": what builds on a refused row goes too, and nothing else.
void dependents_go_too(const Subject& subject, Trial& trial) {
  Script::Options options;
  options.reject_dependents = true;
  Script world(subject, subject.pattern(), trial, "dependents are refused too", options);
  world.fill();
  world.refuse(1, "no more lists");
  world.write(1, {sim::insert_row("lists", {{"id", kOtherList}, {"name", "mine"}})});
  world.refuse_connection();
  world.write(2, {sim::update_row("lists", {{"id", kOtherList}}, {{"name", "ours"}})});
  world.write(3, {set_item("1", {{"title", "stays"}})});
  world.watch.stays(3, {"items", "1", "title", "stays"});
  world.pass(30s);
  world.serve();
  world.settle();
  world.judge_running();
  world.ended(1, "rejected");
  world.ended(2, "rejected");
  world.ended(3, "confirmed");
}

}  // namespace

void prove_surgical_rollback(const Subject& subject, Trial& trial) {
  middle_of_three(subject, trial);
  every_kind_of_write(subject, trial);
  key_is_taken(subject, trial);
  dependents_go_too(subject, trial);
}

}  // namespace patchbay::check
