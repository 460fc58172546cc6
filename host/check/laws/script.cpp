#include "check/laws/script.hpp"

#include <algorithm>
#include <patchbay/plugin.hpp>

#include "sim/print.hpp"
#include "write/operation_builder.hpp"

namespace patchbay::check {
namespace {

sim::WorldOptions world_options(const Subject& subject, ScriptParts& parts, const std::string& name,
                                const Script::Options& options) {
  parts.trial.begin(name);
  sim::WorldOptions world;
  world.reject_dependents = options.reject_dependents;
  world.offline = options.offline;
  world.settings = subject.settings();
  world.directory = options.directory.empty() ? parts.trial.new_directory() : options.directory;
  world.server_journal = options.server_journal;
  world.narrate = [&parts](const std::string& step) { parts.trial.step(step); };
  world.watcher = [&parts](const sim::Glimpse& glimpse) { parts.watch.look(glimpse); };
  world.answered = options.answered;
  return world;
}

std::vector<Operation> built(const std::vector<RequestedOperation>& operations) {
  std::vector<Operation> all;
  for (const RequestedOperation& one : operations) {
    for (const sim::ModelTable& table : sim::world_tables()) {
      if (table.schema->name == one.table) {
        all.push_back(build_operation(*table.schema, one).value());
      }
    }
  }
  return all;
}

std::string rows_of(const sim::ModelServer& server, const std::string& table) {
  std::string text;
  for (const auto& [key, row] : server.rows(table)) {
    text += (text.empty() ? "" : "  ") + sim::print(*row);
  }
  return text;
}

NamedCells sample(const std::string& id) {
  return {{"id", id},
          {"amount", "1234567890123456789.10"},
          {"at", "2024-02-29 12:00:00.123456+00"},
          {"big", "9007199254740993"},
          {"doc", R"({"a": null, "b": [1, 2]})"},
          {"flag", "true"},
          {"raw", "\\x00ff"},
          {"tags", "{a,NULL,\"c d\"}"}};
}

}  // namespace

Script::Script(const Subject& subject, Trial& its_trial, const std::string& name)
    : Script(subject, subject.pattern(), its_trial, name, {}) {}

Script::Script(const Subject& subject, const sim::PatternUnderTest& pattern, Trial& its_trial,
               const std::string& name, const Options& options)
    : ScriptParts(its_trial),
      sim::World(pattern, world_options(subject, *this, name, options)),
      optimistic_(subject.has(kTraitOptimistic)) {
  watch.ask([this](std::uint32_t number) {
    const WriteStatus* write = status(number);
    return write != nullptr && answer(number) == "accepted" && write->state < WriteState::confirmed;
  });
}

void Script::fill() {
  others({add_item("1", "milk"), add_item("2", "eggs"), add_item("3", "tea"),
          sim::insert_row("items", {{"id", "4"}, {"title", "salt"}, {"note", "n"}})});
  others({sim::insert_row("lists", {{"id", kList}, {"name", "first"}}),
          sim::insert_row("entries", {{"list", kList}, {"pos", "1"}, {"text", "one"}}),
          sim::insert_row("entries", {{"list", kList}, {"pos", "2"}, {"text", "two"}})});
  others({sim::insert_row("marks", {{"id", "7"}, {"text", "x"}}),
          sim::insert_row("samples", sample("full")),
          sim::insert_row("samples", {{"id", "empty"}})});
  poll_all();
}

void Script::write(std::uint32_t number, std::vector<RequestedOperation> operations) {
  made_.push_back({number, operations});
  sim::World::write(number, std::move(operations));
}

void Script::others(const std::vector<RequestedOperation>& operations) {
  made_.push_back({0, operations});
  sim::World::others(operations);
}

void Script::poll_all() {
  for (const sim::ModelTable& table : sim::world_tables()) poll(table.schema->name);
}

void Script::refetch_all() {
  for (const sim::ModelTable& table : sim::world_tables()) refetch(table.schema->name);
}

bool Script::view_has(const SeenCell& cell) {
  sim::Glimpse glimpse;
  for (const ViewRow& row : read(cell.table)) glimpse.tables[cell.table].push_back(row.row);
  return is_shown(glimpse, cell);
}

void Script::shows(const std::string& table, const std::string& expected) {
  if (optimistic_) shows_at_last(table, expected);
}

void Script::shows_at_last(const std::string& table, const std::string& expected) {
  const std::string seen = view(table);
  if (seen != expected) {
    trial.fail(table + " shows \"" + seen + "\"; expected \"" + expected + "\".");
  }
}

void Script::ended(std::uint32_t number, const std::string& expected) {
  const bool refused_immediately = status(number) == nullptr && answer(number) != "waiting";
  if (refused_immediately && answer(number) != "accepted") return;  // the app was told why
  const std::string seen = state(number);
  if (seen != expected) {
    trial.fail("Write " + std::to_string(number) + " is " + seen + "; expected " + expected + ".");
  }
}

void Script::judge_running() {
  trial.fail(failure());
}

void Script::judge_writes() {
  trial.fail(wrong_in_writes());
  sim::ModelServer expected(sim::world_tables());
  std::size_t applied = 0;
  for (const Made& one : made_) {
    if (one.number == 0) {
      expected.commit(built(one.operations));
    } else if (state(one.number) == "confirmed") {
      ++applied;
      expected.apply({{id(one.number), 0, built(one.operations)}, 0});
    } else if (answer(one.number) == "accepted" && status(one.number) == nullptr) {
      trial.fail("Write " + std::to_string(one.number) +
                 " was accepted and is not known any more.");
    }
  }
  for (const sim::ModelTable& table : sim::world_tables()) {
    const std::string& name = table.schema->name;
    const std::string should = rows_of(expected, name);
    const std::string is = rows_of(server, name);
    if (is == should) continue;
    trial.fail("The server has \"" + is + "\" in " + name + "; the writes of this script make \"" +
               should + "\".");
  }
  if (applied == 0) trial.fail("Not one write of this script was applied.");
}

void Script::judge_order() {
  std::vector<std::string> arrived;
  std::vector<std::string> should;
  for (const WriteId& one : server.arrivals()) arrived.push_back(sim::print(one));
  for (const Made& one : made_) {
    const std::string number = std::to_string(one.number);
    if (one.number != 0 && std::ranges::find(arrived, number) != arrived.end()) {
      should.push_back(number);
    }
  }
  if (arrived == should) return;
  const auto list = [](const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& number : all) text += (text.empty() ? "" : " ") + number;
    return text;
  };
  trial.fail("Writes reached the server in the order " + list(arrived) + "; the app made them as " +
             list(should) + ".");
}

void Script::judge_rest() {
  trial.fail(wrong_in_state());
  for (const Made& one : made_) {
    if (one.number == 0 || answer(one.number) != "waiting") continue;
    trial.fail("Write " + std::to_string(one.number) + " has never been answered.");
  }
  for (const sim::ModelTable& table : sim::world_tables()) {
    if (view(table.schema->name).find('*') == std::string::npos) continue;
    trial.fail("Rows of " + table.schema->name + " are still marked as unfinished: \"" +
               view(table.schema->name) + "\".");
  }
  trial.fail(wrong_in_stillness());
}

}  // namespace patchbay::check
