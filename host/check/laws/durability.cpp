// Law 7: laws 1 to 4 after kill -9 at any instant. A process plays a script and is killed: after a
// part of the script, or from outside, before one of the system calls by which the pattern changes
// its files. Another process continues with the directory and the server as they are then.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "check/laws/kill_moments.hpp"
#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"
#include "check/traced_child.hpp"
#include "sim/print.hpp"

namespace patchbay::check {
namespace {

using namespace std::chrono_literals;

/// Each costs a process that plays up to there, and one that continues.
constexpr std::size_t kMomentsMax = 60;

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
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    work();
  } catch (const std::exception& thrown) {
    trial.fail(thrown.what());
  }
  _exit(0);
}

/// How the process ended, as waitpid says.
int wait_for_end(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
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

/// Before the network is back: what the app was promised is in the view.
void judge_offline(Script& world, const std::set<std::uint32_t>& accepted) {
  if (!world.optimistic()) return;
  for (const auto& [write, cells] : signs()) {
    for (const SeenCell& cell : cells) {
      if (!accepted.contains(write) || world.view_has(cell)) continue;
      world.trial.fail("Write " + std::to_string(write) +
                       " was accepted before the kill and the view does not show it after the "
                       "start, without a network: " +
                       cell.table + " shows \"" + world.view(cell.table) + "\".");
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
  Script world(subject, subject.pattern(), trial, kill.name + ", then a start", options_for(kill));
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
  const int status = wait_for_end(child);
  if (WIFSIGNALED(status)) {
    trial.fail("The process died by " + std::string(strsignal(WTERMSIG(status))) +
               " when it continued after the kill.");
  }
}

void make_directory(Trial& trial, Kill& kill) {
  kill.directory = trial.new_directory();
  std::filesystem::create_directory(kill.data());
}

void kill_after_part(const Subject& subject, Trial& trial, std::size_t part) {
  Kill kill{"killed after part " + std::to_string(part + 1), part};
  make_directory(trial, kill);
  const pid_t child = start_process(trial, [&] { play_until_killed(subject, trial, kill); });
  if (was_killed(trial, wait_for_end(child))) judge_continuation(subject, trial, kill);
}

/// Plays the script in a traced process, which dies at its end unless it is killed before.
TracedEnd play_traced(const Subject& subject, Trial& trial, Kill& kill) {
  make_directory(trial, kill);
  const pid_t child = start_process(trial, [&] {
    if (stop_for_tracer()) play_until_killed(subject, trial, kill);
  });
  return trace_child(child, kill.data(), kill.before_change);
}

void kill_before_change(const Subject& subject, Trial& trial, std::size_t change,
                        std::size_t changes) {
  Kill kill{"killed before change " + std::to_string(change) + " of " + std::to_string(changes) +
            " to its files"};
  kill.before_change = change;
  const TracedEnd end = play_traced(subject, trial, kill);
  if (!was_killed(trial, end.status)) return;
  judge_continuation(subject, trial, kill);
}

/// How often the script changes the pattern's files; nothing where no process may be traced.
std::optional<std::size_t> count_changes(const Subject& subject, Trial& trial) {
  Kill none{"never killed"};
  const TracedEnd end = play_traced(subject, trial, none);
  if (!end.traced) return std::nullopt;
  return was_killed(trial, end.status) ? end.changes : 0;
}

}  // namespace

void prove_durability(const Subject& subject, Trial& trial) {
  for (std::size_t part = 0; part < parts().size() && !trial.failed(); ++part) {
    kill_after_part(subject, trial, part);
  }
  if (trial.failed()) return;
  const std::optional<std::size_t> changes = count_changes(subject, trial);
  if (!changes) {
    trial.note(
        "Killed after each part of the script only: the system lets no process be traced "
        "here, so that none was killed between two system calls.");
    return;
  }
  for (const std::size_t change : kill_moments(*changes, kMomentsMax)) {
    if (trial.failed()) return;
    kill_before_change(subject, trial, change, *changes);
  }
}

}  // namespace patchbay::check
