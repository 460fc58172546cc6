// What a world proves of its pattern.
#include <algorithm>

#include "rows/row_builder.hpp"
#include "sim/print.hpp"
#include "sim/world.hpp"

namespace patchbay::sim {
namespace {

using namespace std::chrono_literals;

/// Seconds in which a healthy network must bring everything to rest.
constexpr int kSettleRoundsMax = 300;
/// Longer than any wait of the host; nothing may happen in it once all is still.
constexpr std::chrono::seconds kStillness{400};

void add(std::string& wrong, const std::string& sentence) {
  wrong += sentence + "\n";
}

}  // namespace

std::string World::check() {
  settle();
  std::string wrong = wrong_in_state();
  if (!wrong.empty()) return wrong;
  wrong = wrong_in_tables() + wrong_in_writes() + wrong_in_order() + wrong_in_stillness();
  change_every_row();
  return wrong + wrong_in_tables();
}

void World::settle() {
  say("the network is healthy until all is still");
  silent_ = true;
  stream.release_all();
  for (int round = 0; round < kSettleRoundsMax; ++round) {
    serve();
    for (const ModelTable& table : world_tables()) poll(table.schema->name);
    if (round > 2 && pattern_status().writes_unfinished == 0 && !gateway.waiting()) break;
    pass(1s);
  }
  silent_ = false;
}

std::string World::failure() {
  const PatternStatus pattern = pattern_status();
  return pattern.state == "running" ? "" : "The pattern has failed: " + pattern.reason + "\n";
}

std::string World::wrong_in_state() {
  std::string wrong = failure();
  if (!wrong.empty()) return wrong;
  const PatternStatus pattern = pattern_status();
  if (pattern.writes_unfinished != 0) add(wrong, "Writes are unfinished after all this time.");
  if (pattern.queue_state != "idle") add(wrong, "The queue is " + pattern.queue_state + ".");
  return wrong;
}

std::string World::wrong_in_tables() {
  std::string wrong;
  for (const ModelTable& table : world_tables()) {
    const std::string& name = table.schema->name;
    std::vector<std::string> printed;
    std::vector<std::string> told = events_.rows(name);
    for (const ViewRow& row : read(name)) printed.push_back(print_row(row));
    std::vector<std::string> at_server;
    for (const auto& [key, row] : server.rows(name)) at_server.push_back(print(*row));
    std::ranges::sort(printed);
    std::ranges::sort(told);
    std::ranges::sort(at_server);
    if (printed != at_server) {
      add(wrong,
          name + " shows \"" + view(name) + "\", the server has \"" + server_view(name) + "\".");
    }
    if (told != printed) {
      std::string text;
      for (const std::string& row : told) text += (text.empty() ? "" : "  ") + row;
      add(wrong, name + " shows \"" + view(name) + "\", events told \"" + text + "\".");
    }
  }
  return wrong;
}

void World::change_every_row() {
  say("another user changes every row, and the stream brings it");
  silent_ = true;
  for (const ModelTable& table : world_tables()) {
    std::vector<Operation> updates;
    const std::vector<Column>& columns = table.schema->columns;
    std::vector<Cell> set(columns.size());
    for (std::uint32_t column = 0; column < columns.size(); ++column) {
      const bool is_key = table.schema->is_key(column);
      if (columns[column].type == "text" && !is_key)
        set[column] = Cell::of(columns[column].dimensions == 0 ? "changed" : "{changed}");
    }
    for (const auto& [key, row] : server.rows(table.schema->name)) {
      updates.push_back(
          {OperationKind::update, rows::key_row(*row), rows::make_row(*table.schema, set)});
    }
    server.commit(updates);
    poll(table.schema->name);
  }
  silent_ = false;
}

std::string World::wrong_in_writes() const {
  std::string wrong;
  for (const WriteId& id : events_.order()) {
    const WriteStatus& write = *events_.find(id);
    const std::string name = "The write " + print(id);
    const std::size_t applied = server.applied(id);
    if (write.state == WriteState::confirmed) {
      if (applied != 1) add(wrong, name + " was applied " + std::to_string(applied) + " times.");
    } else if (write.state == WriteState::rejected || write.state == WriteState::discarded) {
      if (applied != 0) add(wrong, name + " was rejected and yet applied.");
      if (write.rejection.message.empty()) add(wrong, name + " was rejected without a reason.");
    } else {
      add(wrong, name + " has not ended.");
    }
  }
  for (const Commit& commit : server.log()) {
    if (!commit.write.is_nil() && events_.find(commit.write) == nullptr) {
      add(wrong, "The server applied a write that the device never told of.");
    }
  }
  return wrong;
}

std::string World::wrong_in_order() const {
  std::string wrong;
  std::uint64_t last = 0;
  for (const WriteId& id : server.arrivals()) {
    const WriteStatus* write = events_.find(id);
    if (write == nullptr) continue;
    if (write->sequence < last) add(wrong, "The write " + print(id) + " was overtaken.");
    last = std::max(last, write->sequence);
  }
  return wrong;
}

std::string World::wrong_in_stillness() {
  std::string wrong;
  const std::size_t requests = gateway.requests();
  const std::size_t asked = stream.asked();
  silent_ = true;
  pass(kStillness);
  silent_ = false;
  if (gateway.requests() != requests) add(wrong, "Something is sent though all has ended.");
  if (stream.asked() != asked) add(wrong, "The stream is asked though all has ended.");
  return wrong;
}

}  // namespace patchbay::sim
