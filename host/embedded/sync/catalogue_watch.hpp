// CatalogueWatch: compares the tables of the shapes with the catalogue, again and again, and says
// which shapes are of a table that was altered or dropped. TableCatalogue → this → ShapeRegistry,
// which owns it, on the strand of the shapes; the store outlives it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "embedded/sync/shape_store.hpp"
#include "embedded/sync/table_catalogue.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::embedded {

class CatalogueWatch {
 public:
  /// `on_altered` gets the handle of a shape, which it may remove.
  CatalogueWatch(const ShapeStore& store, TableCatalogue& catalogue, Executor& executor,
                 Clock& clock, std::function<void(const std::string& handle)> on_altered);

  /// Starts the interval at which tables are compared while there is a database. [startup]
  void start();
  /// Compares tables of this publication from now on.
  void database_found(const std::string& publication) { publication_ = publication; }
  void database_lost() { publication_.reset(); }

  /// Notes that the catalogue answered something else: a question of the watch may wait behind many
  /// such.
  void catalogue_answered();
  /// True when the catalogue has not answered the last question for too long.
  [[nodiscard]] bool catalogue_hangs() const;

 private:
  struct Watched {
    std::uint32_t table = 0;
    std::string state;
  };
  using WatchedShapes = std::map<std::string, Watched>;  ///< By handle.

  void compare();
  [[nodiscard]] WatchedShapes next_shapes();
  void compare_states(const WatchedShapes& expected, const std::vector<TableState>& found);

  const ShapeStore& store_;
  TableCatalogue& catalogue_;
  Executor& executor_;
  Clock& clock_;
  std::function<void(const std::string& handle)> on_altered_;
  std::optional<std::string> publication_;    ///< Nothing without a database.
  std::string last_handle_;                   ///< The last one compared, where shapes take turns.
  std::optional<Clock::TimePoint> asked_at_;  ///< The catalogue has not answered since.
};

}  // namespace patchbay::embedded
