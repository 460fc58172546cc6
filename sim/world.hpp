// World: one device with one pattern, the model server and the network between them, moved step by
// step on one thread, in a time of its own. A script writes, lets things happen and reads the view;
// `check` says which promises are broken. Laws and traps -> World -> the runner and the models.
// Knows no test framework; owns everything in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/pattern_runner.hpp"
#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "sim/model_files.hpp"
#include "sim/model_network.hpp"
#include "sim/model_server.hpp"
#include "sim/watched_pattern.hpp"
#include "sim/world_events.hpp"
#include "sim/world_proof.hpp"
#include "sim/world_tables.hpp"

namespace patchbay::sim {

/// Writes into the pattern's data directory as another program would; gives "" or the error.
using OtherProgram = std::function<std::string(const std::filesystem::path&,
                                               const std::vector<RequestedOperation>&)>;

/// A pattern to be proved, and how it is made. `make` may throw.
struct PatternUnderTest {
  std::string name;
  std::function<PatternOwner()> make;
  bool shows_immediately = true;    ///< From `accepted` on the view shows a write.
  OtherProgram other_program = {};  ///< Where set, World::write goes this way.
  ModuleDescription module = {};
};

/// Makes a pattern that is linked in; for PatternUnderTest::make.
template <typename Type>
[[nodiscard]] PatternOwner make_linked() {
  return {new Type(), [](Pattern* one) { delete one; }};
}

/// How a world is made; none needs to be set.
struct WorldOptions {
  bool reject_dependents = false;
  bool offline = false;  ///< Starts without a network: the streams are held until `settle`.
  std::map<std::string, std::string> settings = {};
  /// Where the pattern keeps its data; empty: a temporary directory, removed with the world.
  std::filesystem::path directory = {};
  /// Where the server keeps what it was asked, so that it outlives this process; empty: nowhere.
  std::filesystem::path server_journal = {};
  std::function<void(const std::string&)> narrate = {};  ///< Gets each step in words.
  /// Gets the answer to each call: the write's number, and what World::answer says of it.
  std::function<void(std::uint32_t, const std::string&)> answered = {};
  Watcher watcher = {};  ///< Gets the view after each step.
};

class World {
 public:
  explicit World(const PatternUnderTest& pattern, WorldOptions options = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- the app
  /// Submits a write. `number` names it in the script; with 0 nothing does, and the host makes its
  /// id.
  void write(std::uint32_t number, std::vector<RequestedOperation> operations);
  /// The id of the write with this number.
  [[nodiscard]] WriteId id(std::uint32_t number) const;
  /// The answer that the app got: "waiting" before it comes, a state ("accepted", "rejected", …),
  /// or an error's code and message.
  [[nodiscard]] std::string answer(std::uint32_t number) const;
  /// The state of a write by events: "accepted" … "confirmed", or "unknown".
  [[nodiscard]] std::string state(std::uint32_t number) const;
  /// The view as "1:-,milk*  2:-,eggs", in the order of the keys, `*` where a write is unfinished.
  [[nodiscard]] std::string view(const std::string& table);
  /// The rows of the view, in the order of the keys. Throws the pattern's error.
  [[nodiscard]] std::vector<ViewRow> read(const std::string& table);

  // --- other users and the server
  /// Commits another user's transaction, which must succeed.
  void others(const std::vector<RequestedOperation>& operations);
  /// Makes the server refuse this write.
  void refuse(std::uint32_t number, std::string message);
  /// The rows that the server has, as "1:-,milk  2:-,eggs".
  [[nodiscard]] std::string server_view(const std::string& table) const;

  // --- the network and time
  void arrive();
  void answer_request();
  void lose_answer();
  void lose_request();
  void answer_elsewhere();
  void refuse_connection();
  /// Lets the server answer requests until there are none.
  void serve();
  void poll(const std::string& table, std::size_t commits_max = SIZE_MAX);
  void refetch(const std::string& table);
  void pass(std::chrono::seconds time);
  /// Keeps the network healthy until everything is at rest, or should be.
  void settle();

  // --- the module
  /// Lets another pattern take over while everything continues.
  Result<void> swap(const PatternUnderTest& next);
  /// Ends the host and starts it again on the same directory, with this pattern.
  void restart(const PatternUnderTest& next);

  /// Settles, and then says what is wrong, one sentence a line, "" for nothing. Asks that
  ///   the view equals the server's rows; every write is confirmed and was applied once, or is
  ///   rejected with a reason and left no trace; nothing is pending or asked for any more; events
  ///   told what readers see; writes arrived in local order; later changes of others show.
  [[nodiscard]] std::string check();

  // --- the parts of `check`; each says what is wrong, one sentence a line, in a settled world
  [[nodiscard]] std::string failure() { return failure_of(pattern_status()); }
  [[nodiscard]] std::string wrong_in_state();
  [[nodiscard]] std::string wrong_in_tables() const { return proof_.wrong_in_tables(); }
  [[nodiscard]] std::string wrong_in_writes() const { return proof_.wrong_in_writes(); }
  [[nodiscard]] std::string wrong_in_stillness();
  /// Lets another user change every row: what a write has left behind would cover the change.
  void change_every_row();

  /// The state of a write by events; null when they did not tell of it.
  [[nodiscard]] const WriteStatus* status(std::uint32_t number) const;
  /// How many refused writes the pattern keeps.
  [[nodiscard]] std::size_t rejected() { return pattern_status().writes_rejected; }
  /// The states of a row by events, as "milk*, oat*, oat, gone".
  [[nodiscard]] std::string history(const std::string& table, const std::string& key) const;

  ManualExecutor executor;
  ManualClock clock;
  ModelServer server;
  ModelStream stream;
  ModelGateway gateway;

 private:
  void run();
  void say(const std::string& step) const;
  void start_runner();
  void stop_runner();
  [[nodiscard]] PatternOwner watched(const PatternUnderTest& pattern, bool shown) const;
  void write_elsewhere(std::uint32_t number, const std::vector<RequestedOperation>& operations);
  [[nodiscard]] PatternStatus pattern_status();

  WorldEvents events_;
  ModelFiles files_;
  const WorldOptions options_;
  std::filesystem::path directory_;
  PatternUnderTest pattern_;
  mutable bool silent_ = false;
  std::map<std::uint32_t, std::string> answers_;
  std::map<std::uint32_t, WriteId> ids_;              ///< Of writes past the host.
  std::map<std::uint32_t, Rejection> to_be_refused_;  ///< Once their ids are known.
  std::unique_ptr<PatternRunner> runner_;
  WorldProof proof_;
};

}  // namespace patchbay::sim
