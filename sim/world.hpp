// World: one device with one pattern, the model server and the network between them, run by hand on
// one thread in a time of its own. A script writes, lets things happen and reads the view; `check`
// says which promise was broken. Whatever proves patterns -> World. No test framework.
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

namespace patchbay::sim {

/// Writes past the host, into the pattern's data directory. "" or the error.
using OtherProgram = std::function<std::string(const std::filesystem::path&,
                                               const std::vector<RequestedOperation>&)>;

/// A pattern to be proved. `make` may throw.
struct PatternUnderTest {
  std::string name;
  std::function<PatternOwner()> make;
  bool shows_at_once = true;        ///< From `accepted` on the view shows a write.
  OtherProgram other_program = {};  ///< Where set, World::write goes this way.
  ModuleDescription module = {};
};

/// For `make`, where the pattern is linked in.
template <typename Type>
[[nodiscard]] PatternOwner make_linked() {
  return {new Type(), [](Pattern* one) { delete one; }};
}

struct WorldOptions {
  bool reject_dependents = false;
  std::map<std::string, std::string> settings = {};
  /// Where the pattern keeps its data; empty: a directory of the world's own, removed at its end.
  std::filesystem::path directory = {};
  /// Where the server keeps what it was asked, so that it outlives this process; empty: nowhere.
  std::filesystem::path server_journal = {};
  std::function<void(const std::string&)> narrate = {};  ///< Gets each step in words.
  /// Gets what becomes of each call: the write's number, and `answer` of it.
  std::function<void(std::uint32_t, const std::string&)> answered = {};
  Watcher watcher = {};  ///< Gets the view after each step.
};

/// The tables of every world, and how scripts name their rows:
///   items(id int8, note text, title text)
///   lists(id uuid, name text)
///   entries(list uuid -> lists, pos int4, text text), key (list, pos)
///   marks(id int8, text text, write_id uuid)
///   samples(id text, amount numeric, at timestamptz, big int8, doc jsonb, flag bool, raw bytea,
///           tags text[])
[[nodiscard]] const std::vector<ModelTable>& world_tables();

[[nodiscard]] RequestedOperation insert_row(std::string table, NamedCells set);
[[nodiscard]] RequestedOperation update_row(std::string table, NamedCells key, NamedCells set);
[[nodiscard]] RequestedOperation remove_row(std::string table, NamedCells key);

class World {
 public:
  explicit World(const PatternUnderTest& pattern, WorldOptions options = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- the app
  /// Submits a write; `number` names it in the script, 0: nothing does, and the host makes its id.
  void write(std::uint32_t number, std::vector<RequestedOperation> operations);
  [[nodiscard]] WriteId id(std::uint32_t number) const;
  /// "waiting", the state it was answered with ("accepted", "rejected", …), or the error's code.
  [[nodiscard]] std::string answer(std::uint32_t number) const;
  /// "accepted" … "confirmed", or "unknown".
  [[nodiscard]] std::string state(std::uint32_t number) const;
  /// "1:-,milk*  2:-,eggs": the view in the order of the keys, `*` where a write is unfinished.
  [[nodiscard]] std::string view(const std::string& table);
  /// The rows of the view, in the order of the keys. Throws what the pattern says.
  [[nodiscard]] std::vector<ViewRow> read(const std::string& table);

  // --- other users and the server
  /// Another user's transaction, which must succeed.
  void others(const std::vector<RequestedOperation>& operations);
  /// The server will refuse this write.
  void refuse(std::uint32_t number, std::string message);
  /// "1:-,milk  2:-,eggs": the rows as the server has them.
  [[nodiscard]] std::string server_view(const std::string& table) const;

  // --- the network and time
  void arrive();
  void answer_request();
  void lose_answer();
  void lose_request();
  void refuse_connection();
  /// The server answers whatever is asked until nothing more is.
  void serve();
  void poll(const std::string& table, std::size_t commits_max = SIZE_MAX);
  void refetch(const std::string& table);
  void pass(std::chrono::seconds time);
  /// A healthy network until all is still, or until it should be.
  void settle();

  // --- the module
  /// Another pattern takes over while everything goes on.
  Result<void> swap(const PatternUnderTest& next);
  /// The host ends and starts again on the same directory, with this pattern.
  void restart(const PatternUnderTest& next);

  /// A healthy network until all is still; then what is wrong, one sentence a line, "" for nothing:
  ///   the view equals the server's rows; every write is confirmed and was applied once, or is
  ///   rejected with a reason and left no trace; nothing is pending or asked for any more; events
  ///   told what readers see; writes arrived in local order; what others change from now on shows.
  [[nodiscard]] std::string check();

  // --- its parts; each says what is wrong, one sentence a line. The world is to be settled.
  [[nodiscard]] std::string failure();  ///< Why the pattern has failed.
  [[nodiscard]] std::string wrong_in_state();
  [[nodiscard]] std::string wrong_in_tables();
  [[nodiscard]] std::string wrong_in_writes() const;
  [[nodiscard]] std::string wrong_in_order() const;
  [[nodiscard]] std::string wrong_in_stillness();
  /// Another user changes every row: what a write has left behind would cover it.
  void change_every_row();

  [[nodiscard]] const WriteStatus* status(std::uint32_t number) const;
  /// How many writes were refused and are still kept.
  [[nodiscard]] std::size_t rejected() { return pattern_status().writes_rejected; }
  /// What the view has shown of a row, by events: "milk*, oat*, oat", and "gone".
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
};

}  // namespace patchbay::sim
