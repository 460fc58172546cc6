// Watch: what must hold in the view after every step of a pattern, besides what a script judges at
// its own steps. WatchedPattern's glimpses -> this, asked by the script -> the trial, once for each
// finding. Owned by the script; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "check/trial.hpp"
#include "sim/watched_pattern.hpp"

namespace patchbay::check {

/// A cell as the view may show it; without a column, the whole row.
struct SeenCell {
  std::string table;
  std::string key;                   ///< As print.hpp prints it: "1", or "<list>/2".
  std::string column;                ///< "": no such row, with `value` unset.
  std::optional<std::string> value;  ///< Unset: NULL.
};

/// Whether the glimpse shows the cell so.
[[nodiscard]] bool is_shown(const sim::Glimpse& glimpse, const SeenCell& cell);

class Watch {
 public:
  /// Says whether the write is accepted and has not ended.
  using IsOpen = std::function<bool(std::uint32_t)>;

  explicit Watch(Trial& trial) : trial_(trial) {}

  /// Judges what the view shows after a step.
  void look(const sim::Glimpse& glimpse);
  /// Sets how the state of a write is found out.
  void ask(IsOpen is_open) { is_open_ = std::move(is_open); }

  /// From now on the view must show the cell so while the write is accepted and has not ended.
  void keeps(std::uint32_t write, SeenCell cell) { kept_.push_back({write, std::move(cell)}); }
  /// From now on no refusal of another write may take the cell out of the view while the write is
  /// accepted and has not ended.
  void stays(std::uint32_t write, SeenCell cell) { staying_.push_back({write, std::move(cell)}); }
  /// From now on the view must never show the cell so.
  void never(std::uint32_t write, SeenCell cell) { banned_.push_back({write, std::move(cell)}); }
  /// From now on the view must show all of these cells or none.
  void whole(std::string name, std::vector<SeenCell> cells) {
    wholes_.push_back({std::move(name), std::move(cells)});
  }

 private:
  struct OfWrite {
    std::uint32_t write = 0;
    SeenCell cell;
  };
  struct Whole {
    std::string name;
    std::vector<SeenCell> cells;
  };

  [[nodiscard]] bool keeps_now(const sim::Glimpse& glimpse, const OfWrite& one);
  [[nodiscard]] bool stays_now(const sim::Glimpse& glimpse, const OfWrite& one);
  [[nodiscard]] bool is_whole(const sim::Glimpse& glimpse, const Whole& one);

  Trial& trial_;
  IsOpen is_open_;
  sim::Glimpse last_;
  std::vector<OfWrite> kept_;
  std::vector<OfWrite> staying_;
  std::vector<OfWrite> banned_;
  std::vector<Whole> wholes_;
};

}  // namespace patchbay::check
