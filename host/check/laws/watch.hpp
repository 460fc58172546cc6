// Watch: what must hold in the view after every step of a pattern, beside what a script asks at its
// own steps. Script -> this <- WatchedPattern's glimpses; what is broken goes to the trial, once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "check/trial.hpp"
#include "sim/watched_pattern.hpp"

namespace patchbay::check {

/// A cell as the view may show it; without a column: the row itself.
struct SeenCell {
  std::string table;
  std::string key;                   ///< As printed: "1", or "<list>/2".
  std::string column;                ///< "": `value` unset says that the view shows no such row.
  std::optional<std::string> value;  ///< Unset: NULL.
};

/// Whether the glimpse shows the cell so.
[[nodiscard]] bool is_shown(const sim::Glimpse& glimpse, const SeenCell& cell);

class Watch {
 public:
  /// True once the write is accepted and as long as it has not ended.
  using IsOpen = std::function<bool(std::uint32_t)>;

  explicit Watch(Trial& trial) : trial_(trial) {}

  void look(const sim::Glimpse& glimpse);
  void ask(IsOpen is_open) { is_open_ = std::move(is_open); }

  /// The view shows it while the write is accepted and has not ended.
  void keeps(std::uint32_t write, SeenCell cell) { kept_.push_back({write, std::move(cell)}); }
  /// No refusal of another write takes it out of the view while the write is accepted and has not
  /// ended.
  void stays(std::uint32_t write, SeenCell cell) { staying_.push_back({write, std::move(cell)}); }
  /// The view does not show it any more.
  void never(std::uint32_t write, SeenCell cell) { banned_.push_back({write, std::move(cell)}); }
  /// The view shows all of these or none.
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
