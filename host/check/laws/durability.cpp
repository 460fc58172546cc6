// Law 7: true after kill -9 at any instant. Each script is played in a process that is killed:
// after one of its steps, or in one of the pattern's stop points. Another process goes on from what
// is on disk, with the server as it was.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <patchbay/stop_point.hpp>
#include <set>

#include "check/laws/laws.hpp"
#include "check/laws/script.hpp"
#include "sim/print.hpp"

namespace patchbay::check {
namespace {

using namespace std::chrono_literals;

constexpr int kPassingsMax = 3;

/// A moment in which the process dies, and where it leaves what it knew.
struct Kill {
  std::string name;
  std::size_t after_step = SIZE_MAX;
  std::string stop_at;  ///< For PATCHBAY_STOP_AT.
  std::filesystem::path directory;

  [[nodiscard]] std::filesystem::path data() const { return directory / "data"; }
  [[nodiscard]] std::filesystem::path server() const { return directory / "server"; }
  [[nodiscard]] std::filesystem::path accepted() const { return directory / "accepted"; }
  /// There once the script has come to its end alive.
  [[nodiscard]] std::filesystem::path ended() const { return directory / "ended"; }
};

using Step = std::function<void(Script&)>;

const std::vector<Step>& steps() {
  static const std::vector<Step> all{
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

/// What shows that a write is there.
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

/// Runs work in a process of its own, which dies with this one. How it ended, as waitpid says it.
int in_another_process(Trial& trial, const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      work();
    } catch (const std::exception& thrown) {
      trial.fail(thrown.what());
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

/// The module is loaded here: its stop points ask the environment at their first passing.
void play_until_killed(const Subject& subject, Trial& trial, const Kill& kill) {
  if (!kill.stop_at.empty()) setenv("PATCHBAY_STOP_AT", kill.stop_at.c_str(), 1);
  const auto plugin = subject.load_again();
  if (!plugin) return trial.fail(plugin.error().message);
  Script::Options options = options_for(kill);
  options.answered = [&kill](std::uint32_t write, const std::string& answer) {
    if (answer == "accepted") std::ofstream(kill.accepted(), std::ios::app) << write << std::endl;
  };
  Script world(subject, patterns_of(*plugin), trial, kill.name, options);
  for (std::size_t at = 0; at < steps().size(); ++at) {
    steps()[at](world);
    if (at == kill.after_step) std::raise(SIGKILL);
  }
  std::ofstream(kill.ended()) << "alive";
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

void go_on(const Subject& subject, Trial& trial, const Kill& kill) {
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

void kill_and_go_on(const Subject& subject, Trial& trial, Kill kill) {
  kill.directory = trial.new_directory();
  std::filesystem::create_directory(kill.data());
  const int status = in_another_process(trial, [&] { play_until_killed(subject, trial, kill); });
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
    return trial.fail("The process died by " + std::string(strsignal(WTERMSIG(status))) +
                      " before it was killed.");
  }
  if (trial.failed()) return;
  const bool at_end = std::filesystem::exists(kill.ended());
  if (at_end && !kill.stop_at.empty()) return;  // the pattern has not passed it so often
  const int after = in_another_process(trial, [&] { go_on(subject, trial, kill); });
  if (WIFSIGNALED(after)) {
    trial.fail("The process died by " + std::string(strsignal(WTERMSIG(after))) +
               " when it went on after the kill.");
  }
}

}  // namespace

void prove_durability(const Subject& subject, Trial& trial) {
  for (std::size_t step = 0; step < steps().size() && !trial.failed(); ++step) {
    kill_and_go_on(subject, trial, {"killed after part " + std::to_string(step + 1), step, "", {}});
  }
  for (const std::string_view point : kStopPoints) {
    for (int passing = 1; passing <= kPassingsMax && !trial.failed(); ++passing) {
      const std::string place = std::string(point) + ":" + std::to_string(passing);
      kill_and_go_on(subject, trial, {"killed at " + place, SIZE_MAX, place, {}});
    }
  }
}

}  // namespace patchbay::check
