#include "sim/world_proof.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

#include "sim/print.hpp"

namespace patchbay::sim {
namespace {

void add_sentence(std::string& wrong, const std::string& sentence) {
  wrong += sentence + "\n";
}

/// Rows as they are printed, in the order in which they came and sorted.
struct PrintedRows {
  std::string text;
  std::vector<std::string> sorted;
};

PrintedRows printed(std::vector<std::string> rows) {
  PrintedRows all{joined(rows), std::move(rows)};
  std::ranges::sort(all.sorted);
  return all;
}

std::string wrong_in_write(const WriteStatus& write, std::size_t applied) {
  std::string wrong;
  const std::string name = "The write " + print(write.id);
  if (write.state == WriteState::confirmed) {
    if (applied != 1)
      add_sentence(wrong, name + " was applied " + std::to_string(applied) + " times.");
  } else if (write.state == WriteState::rejected || write.state == WriteState::discarded) {
    if (applied != 0) add_sentence(wrong, name + " was rejected and yet applied.");
    if (write.rejection.message.empty())
      add_sentence(wrong, name + " was rejected without a reason.");
  } else {
    add_sentence(wrong, name + " has not ended.");
  }
  return wrong;
}

}  // namespace

std::string failure_of(const PatternStatus& pattern) {
  if (pattern.state == PatternState::running) return "";
  return "The pattern has failed: " + pattern.reason + "\n";
}

std::string WorldProof::wrong_in_tables() const {
  std::string wrong;
  for (const ModelTable& table : server_.tables()) wrong += wrong_in_table(table.schema->name);
  return wrong;
}

std::string WorldProof::wrong_in_table(const std::string& table) const {
  std::vector<std::string> rows;
  for (const ViewRow& row : read_(table)) rows.push_back(print_row(row));
  const PrintedRows view = printed(std::move(rows));
  const PrintedRows told = printed(events_.rows(table));
  std::vector<std::string> kept;
  for (const auto& [key, row] : server_.rows(table)) kept.push_back(print(*row));
  const PrintedRows at_server = printed(std::move(kept));
  const std::string shows = table + " shows \"" + view.text + "\", ";
  std::string wrong;
  if (view.sorted != at_server.sorted) {
    add_sentence(wrong, shows + "the server has \"" + joined(at_server.sorted) + "\".");
  }
  if (told.sorted != view.sorted) {
    add_sentence(wrong, shows + "events told \"" + joined(told.sorted) + "\".");
  }
  return wrong;
}

std::string WorldProof::wrong_in_writes() const {
  std::string wrong;
  for (const WriteId& id : events_.order()) {
    wrong += wrong_in_write(*events_.find(id), server_.applied(id));
  }
  for (const Commit& commit : server_.log()) {
    if (!commit.write.is_nil() && events_.find(commit.write) == nullptr) {
      add_sentence(wrong, "The server applied a write that the device never told of.");
    }
  }
  return wrong;
}

std::string WorldProof::wrong_in_order() const {
  std::string wrong;
  std::uint64_t last = 0;
  for (const WriteId& id : server_.arrivals()) {
    const WriteStatus* write = events_.find(id);
    if (write == nullptr) continue;
    if (write->sequence < last) add_sentence(wrong, "The write " + print(id) + " was overtaken.");
    last = std::max(last, write->sequence);
  }
  // On one row the order holds always, also around a write that gets no answer.
  std::map<std::string, std::uint64_t> last_on_row;
  for (const Commit& commit : server_.log()) {
    const WriteStatus* write = commit.write.is_nil() ? nullptr : events_.find(commit.write);
    if (write == nullptr) continue;
    for (const RowChange& change : commit.changes) {
      for (const RowRef& row : {change.before, change.after}) {
        if (!row) continue;
        std::uint64_t& newest = last_on_row[change.table + " " + key_text(*row)];
        if (write->sequence < newest) {
          add_sentence(wrong, "The write " + print(commit.write) + " was overtaken on a row.");
        }
        newest = std::max(newest, write->sequence);
      }
    }
  }
  return wrong;
}

}  // namespace patchbay::sim
