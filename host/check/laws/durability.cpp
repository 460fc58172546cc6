// Law 7: laws 1 to 4 after kill -9 at any instant. A process plays a script and is killed: after a
// part of the script, or from outside, before one of the system calls by which the pattern changes
// its files. Another process continues with the directory and the server as they are then.
#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include "check/laws/kill_moments.hpp"
#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"
#include "check/traced_child.hpp"
#include "process/fork_steps.hpp"
#include "sim/print.hpp"

namespace patchbay::check {
namespace {

using namespace std::chrono_literals;

/// Kills between system calls in a part; each costs a process that plays up to there, and one that
/// continues.
constexpr std::size_t kMomentsInPartMax = 3;

/// A moment in which the process dies, and where it leaves what it knew.
struct Kill {
  std::string name;
  std::size_t after_part = SIZE_MAX;
  std::size_t before_change = 0;  ///< Of a file of the pattern, counted from 1; 0: none.
  std::filesystem::path directory = {};

  [[nodiscard]] std::filesystem::path data() const { return directory / "data"; }
  [[nodiscard]] std::filesystem::path server() const { return directory / "server"; }
  [[nodiscard]] std::filesystem::path accepted() const { return directory / "accepted"; }
};

using Part = std::function<void(Script&)>;

const std::vector<Part>& parts() {
  static const std::vector<Part> all{
      [](Script& world) { world.fill(); },
      [](Script& world) { world.write(1, {add_item("101", "1")}); },
      [](Script& world) { world.serve(); },
      [](Script& world) {
        world.write(2, {set_item("1", {{"title", "2"}, {"note", "2"}})});
      },
      [](Script& world) { world.arrive(); },
      [](Script& world) { world.refuse(4, "no"); },
      [](Script& world) {
        world.write(4, {set_item("2", {{"title", "4"}})});
      },
      [](Script& world) { world.lose_answer(); },
      [](Script& world) {
        world.write(
            3, {sim::insert_row("lists", {{"id", kOtherList}, {"name", "3"}}),
                sim::insert_row("entries", {{"list", kOtherList}, {"pos", "1"}, {"text", "3"}})});
      },
      [](Script& world) { world.poll("items"); },
      [](Script& world) { world.pass(60s); },
      [](Script& world) { world.serve(); },
      [](Script& world) {
        world.write(5, {sim::update_row("samples", {{"id", "full"}},
                                        {{"doc", std::nullopt}, {"big", "9007199254740995"}})});
      },
      [](Script& world) { world.refetch_all(); },
      [](Script& world) {
        world.write(6, {sim::remove_row("items", {{"id", "3"}})});
      },
      [](Script& world) { world.arrive(); },
      [](Script& world) { world.poll_all(); },
      [](Script& world) { world.serve(); },
      [](Script& world) { world.poll_all(); },
  };
  return all;
}

/// The cells by which the view shows each write.
const std::map<std::uint32_t, std::vector<SeenCell>>& signs() {
  static const std::map<std::uint32_t, std::vector<SeenCell>> all{
      {1, {{"items", "101", "title", "1"}}},
      {2, {{"items", "1", "title", "2"}, {"items", "1", "note", "2"}}},
      {3,
       {{"lists", kOtherList, "name", "3"},
        {"entries", std::string(kOtherList) + "/1", "text", "3"}}},
      {5,
       {{"samples", "full", "doc", std::nullopt}, {"samples", "full", "big", "9007199254740995"}}},
      {6, {{"items", "3", "", {}}}},
  };
  return all;
}

Script::Options options_for(const Kill& kill) {
  Script::Options options;
  options.directory = kill.data();
  options.server_journal = kill.server();
  return options;
}

/// Starts a process that does the work and ends, or dies with this one.
pid_t start_process(Trial& trial, const std::function<void()>& work) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  if (!process::die_with(parent, SIGKILL)) _exit(0);
  try {
    work();
  } catch (const std::exception& thrown) {
    trial.fail(thrown.what());
  }
  _exit(0);
}

void play_until_killed(const Subject& subject, Trial& trial, const Kill& kill) {
  Script::Options options = options_for(kill);
  options.answered = [&kill](std::uint32_t write, const std::string& answer) {
    if (answer == "accepted") std::ofstream(kill.accepted(), std::ios::app) << write << std::endl;
  };
  Script world(subject, subject.pattern(), trial, kill.name, options);
  for (std::size_t at = 0; at < parts().size(); ++at) {
    parts()[at](world);
    if (at == kill.after_part) break;
  }
  std::raise(SIGKILL);
}

std::set<std::uint32_t> accepted_before(const Kill& kill) {
  std::set<std::uint32_t> accepted;
  std::ifstream in(kill.accepted());
  for (std::uint32_t write = 0; in >> write;) accepted.insert(write);
  return accepted;
}

/// Why the view does not show a cell; "" when it does.
std::string missing(Script& world, const SeenCell& cell) {
  try {
    if (world.view_has(cell)) return "";
    return cell.table + " shows \"" + world.view(cell.table) + "\".";
  } catch (const std::exception& unreadable) {
    return unreadable.what();
  }
}

/// Judges, before the network is back, that what the app was promised is in the view.
void judge_offline(Script& world, const std::set<std::uint32_t>& accepted) {
  if (!world.optimistic()) return;
  for (const auto& [write, cells] : signs()) {
    if (!accepted.contains(write)) continue;
    for (const SeenCell& cell : cells) {
      const std::string why = missing(world, cell);
      if (why.empty()) continue;
      world.trial.fail("Write " + std::to_string(write) +
                       " was accepted before the kill and the view does not show it after the "
                       "start, without a network: " +
                       why);
    }
  }
}

void judge_writes(Script& world, const std::set<std::uint32_t>& accepted) {
  for (std::uint32_t write = 1; write <= 6; ++write) {
    const std::size_t applied = world.server.applied(sim::write_id(write));
    const std::string name = "Write " + std::to_string(write);
    if (applied > 1) {
      world.trial.fail(name + " was applied " + std::to_string(applied) + " times.");
    }
    if (applied > 0 || !accepted.contains(write)) continue;
    const WriteStatus* status = world.status(write);
    if (status != nullptr && status->state == WriteState::rejected &&
        !status->rejection.message.empty()) {
      continue;
    }
    world.trial.fail(name +
                     " was accepted before the kill, and is neither applied nor rejected "
                     "with a reason after it; it is " +
                     world.state(write) + ".");
  }
}

void continue_after(const Subject& subject, Trial& trial, const Kill& kill) {
  Script::Options options = options_for(kill);
  options.offline = true;
  Script world(subject, subject.pattern(), trial, kill.name + ", then a start", options);
  const auto accepted = accepted_before(kill);
  world.judge_running();
  judge_offline(world, accepted);
  world.settle();
  world.judge_running();
  judge_writes(world, accepted);
  world.judge_tables();
  world.change_every_row();
  world.judge_tables();
}

/// `status` is how a process ended that had to end by SIGKILL.
bool was_killed(Trial& trial, int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
    trial.fail("The process died by " + std::string(strsignal(WTERMSIG(status))) +
               " before it was killed.");
  }
  return !trial.failed();
}

void judge_continuation(const Subject& subject, Trial& trial, const Kill& kill) {
  const pid_t child = start_process(trial, [&] { continue_after(subject, trial, kill); });
  const int status = process::collect(child);
  if (WIFSIGNALED(status)) {
    trial.fail("The process died by " + std::string(strsignal(WTERMSIG(status))) +
               " when it continued after the kill.");
  }
}

/// Plays the script in a process that is traced, where the system allows it, until it is killed.
TracedEnd play(const Subject& subject, Trial& trial, Kill& kill) {
  kill.directory = trial.new_directory();
  std::filesystem::create_directory(kill.data());
  const pid_t child = start_process(trial, [&] {
    if (stop_for_tracer() || kill.before_change == 0) play_until_killed(subject, trial, kill);
  });
  return trace_child(child, kill.data(), kill.before_change);
}

TracedEnd play_and_continue(const Subject& subject, Trial& trial, Kill kill) {
  const TracedEnd end = play(subject, trial, kill);
  if (was_killed(trial, end.status)) judge_continuation(subject, trial, kill);
  return end;
}

/// Kills after each part of the script. Gives how often the pattern had changed its files by then;
/// nothing where the system lets no process be traced.
std::vector<std::size_t> kill_after_parts(const Subject& subject, Trial& trial) {
  std::vector<std::size_t> changes;
  for (std::size_t part = 0; part < parts().size() && !trial.failed(); ++part) {
    const TracedEnd end = play_and_continue(
        subject, trial, {"killed after part " + std::to_string(part + 1), part, 0, {}});
    if (end.traced) changes.push_back(end.changes);
  }
  return changes;
}

void kill_in_part(const Subject& subject, Trial& trial, std::size_t part,
                  const std::vector<std::size_t>& changes) {
  const std::size_t before = part == 0 ? 0 : changes[part - 1];
  for (const std::size_t moment : kill_moments(before + 1, changes[part], kMomentsInPartMax)) {
    if (trial.failed()) return;
    const std::string name = "killed in part " + std::to_string(part + 1) + ", before change " +
                             std::to_string(moment - before) + " of " +
                             std::to_string(changes[part] - before) + " to its files";
    play_and_continue(subject, trial, {name, SIZE_MAX, moment, {}});
  }
}

}  // namespace

void prove_durability(const Subject& subject, Trial& trial) {
  const std::vector<std::size_t> changes = kill_after_parts(subject, trial);
  if (changes.empty() && !trial.failed()) {
    trial.note(
        "Killed after each part of the script only: the system lets no process be traced here, "
        "so that none was killed between two system calls.");
  }
  for (std::size_t part = 0; part < changes.size(); ++part) {
    kill_in_part(subject, trial, part, changes);
  }
}

}  // namespace patchbay::check
