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

#include "conformance/model_network.hpp"
#include "conformance/model_server.hpp"
#include "conformance/other_program.hpp"
#include "conformance/world_events.hpp"
#include "runtime/pattern_runner.hpp"
#include "support/manual_clock.hpp"
#include "support/manual_executor.hpp"

namespace patchbay::conformance {

/// A pattern to be proved.
struct PatternUnderTest {
  std::string name;
  std::function<std::unique_ptr<Pattern>()> make;
  bool shows_at_once = true;  ///< From `accepted` on the view shows a write.
  std::string store;          ///< The name of its SQLite file; "" when it has none.
  bool by_sql = false;        ///< World::write goes by SQL, from another connection to that file.
};

struct WorldOptions {
  bool reject_dependents = false;
  std::map<std::string, std::string> settings;
};

/// The tables of every world, and how scripts name their rows:
///   items(id int8, note text, title text)
///   lists(id uuid, name text)
///   entries(list uuid -> lists, pos int4, text text), key (list, pos)
///   marks(id int8, text text, write_id uuid)
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
  /// Another program's statements; the host is told that the file has changed. "" or the error.
  std::string sql(const std::string& statements);
  [[nodiscard]] WriteId id(std::uint32_t number) const;
  /// "waiting", the state it was answered with ("accepted", "rejected", …), or the error's code.
  [[nodiscard]] std::string answer(std::uint32_t number) const;
  /// "accepted" … "confirmed", or "unknown".
  [[nodiscard]] std::string state(std::uint32_t number) const;
  /// "1:-,milk*  2:-,eggs": the view in the order of the keys, `*` where a write is unfinished.
  [[nodiscard]] std::string view(const std::string& table);

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

  /// A healthy network until all is still; then what is wrong, one sentence a line, "" for nothing:
  ///   the view equals the server's rows; every write is confirmed and was applied once, or is
  ///   rejected with a reason and left no trace; nothing is pending or asked for any more; events
  ///   told what readers see; writes arrived in local order; what others change from now on shows.
  [[nodiscard]] std::string check();

  [[nodiscard]] const WriteStatus* status(std::uint32_t number) const;
  /// How many writes were refused and are still kept.
  [[nodiscard]] std::size_t rejected() { return pattern_status().writes_rejected; }
  /// What the view has shown of a row, by events: "milk*, oat*, oat", and "gone".
  [[nodiscard]] std::string history(const std::string& table, const std::string& key) const;

  test::ManualExecutor executor;
  test::ManualClock clock;
  ModelServer server;
  ModelStream stream;
  ModelGateway gateway;

 private:
  void run();
  void write_by_sql(std::uint32_t number, const std::vector<RequestedOperation>& operations);
  void settle();
  void check_tables(std::string& wrong);
  void check_writes(std::string& wrong) const;
  void check_stillness(std::string& wrong);
  void change_every_row();
  [[nodiscard]] std::vector<ViewRow> read(const std::string& table);
  [[nodiscard]] PatternStatus pattern_status();

  WorldEvents events_;
  ModelFiles files_;
  std::filesystem::path directory_;
  const PatternUnderTest pattern_;
  std::map<std::uint32_t, std::string> answers_;
  std::map<std::uint32_t, WriteId> ids_;              ///< Of writes by SQL.
  std::map<std::uint32_t, Rejection> to_be_refused_;  ///< Once their ids are known.
  std::unique_ptr<PatternRunner> runner_;
};

}  // namespace patchbay::conformance
