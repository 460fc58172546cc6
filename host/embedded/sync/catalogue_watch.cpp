#include "embedded/sync/catalogue_watch.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "embedded/tuning.hpp"

namespace patchbay::embedded {

CatalogueWatch::CatalogueWatch(const ShapeStore& store, TableCatalogue& catalogue,
                               Executor& executor, Clock& clock,
                               std::function<void(const std::string& handle)> on_altered)
    : store_(store),
      catalogue_(catalogue),
      executor_(executor),
      clock_(clock),
      on_altered_(std::move(on_altered)) {}

void CatalogueWatch::start() {
  clock_.after(tuning::kCatalogueWatch, executor_, [this] { compare(); });
}

void CatalogueWatch::compare() {
  if (!publication_) return start();
  WatchedShapes expected = next_shapes();
  std::vector<std::uint32_t> tables;
  for (const auto& [handle, watched] : expected) tables.push_back(watched.table);
  asked_at_ = clock_.now();
  catalogue_.states(std::move(tables), *publication_,
                    [this, expected = std::move(expected)](auto found) {
                      executor_.post([this, expected, found = std::move(found)] {
                        asked_at_.reset();
                        if (found) compare_states(expected, *found);
                        start();
                      });
                    });
}

/// Returns all shapes, or as many as are compared at one time: then they take turns.
CatalogueWatch::WatchedShapes CatalogueWatch::next_shapes() {
  auto shapes = store_.all();
  std::erase_if(shapes, [](const Shape* shape) { return !shape->ready(); });
  if (shapes.size() > tuning::kWatchedTablesMax) {
    std::ranges::sort(shapes, {}, [](const Shape* shape) { return shape->handle(); });
    const auto next = std::find_if(shapes.begin(), shapes.end(), [this](const Shape* shape) {
      return shape->handle() > last_handle_;
    });
    std::rotate(shapes.begin(), next, shapes.end());
    shapes.resize(tuning::kWatchedTablesMax);
    last_handle_ = shapes.back()->handle();
  }
  WatchedShapes watched;
  for (const auto* shape : shapes) {
    watched[shape->handle()] = {shape->table().id, shape->table_state()};
  }
  return watched;
}

void CatalogueWatch::compare_states(const WatchedShapes& expected,
                                    const std::vector<TableState>& found) {
  std::unordered_map<std::uint32_t, std::string_view> now;
  for (const auto& one : found) now[one.table] = one.state;
  for (const auto& [handle, watched] : expected) {
    const auto table = now.find(watched.table);
    if (table != now.end() && table->second != watched.state) on_altered_(handle);
  }
}

void CatalogueWatch::catalogue_answered() {
  if (asked_at_) asked_at_ = clock_.now();
}

bool CatalogueWatch::catalogue_hangs() const {
  return asked_at_ && clock_.now() - *asked_at_ > tuning::kCataloguePatience;
}

}  // namespace patchbay::embedded
