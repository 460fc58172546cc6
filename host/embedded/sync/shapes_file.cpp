#include "embedded/sync/shapes_file.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "embedded/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::embedded {

ShapesFile::ShapesFile(std::filesystem::path path, const ShapeStore& store, Executor& executor,
                       Clock& clock)
    : path_(std::move(path)), store_(store), executor_(executor), clock_(clock) {
  if (path_.empty()) {
    confirmed_ = std::numeric_limits<std::uint64_t>::max();
    return;
  }
  kept_ = load_kept_shapes(path_);
  confirmed_ = kept_.position;
}

void ShapesFile::stream_started(const std::string& system, std::uint64_t position) {
  kept_.system = system;
  last_reached_ = position;
}

void ShapesFile::reached(std::uint64_t position, bool waits) {
  // A moment late, unless the server waits: by then clients have the changes that are confirmed.
  const std::uint64_t safe = waits ? position : last_reached_;
  last_reached_ = position;
  const auto shapes = store_.all();
  const bool awaits = std::any_of(shapes.begin(), shapes.end(),
                                  [](const Shape* shape) { return shape->awaits_table(); });
  if (safe > kept_.position && (waits || !awaits)) write_at(safe);
}

void ShapesFile::write_at(std::uint64_t position) {
  if (path_.empty()) return;
  const bool moves = position != std::exchange(kept_.position, position);
  kept_.shapes.clear();
  for (const auto* shape : store_.all()) {
    if (shape->ready() || (shape->awaits_table() && !moves)) {
      auto handles = shape->kept_at(position);
      std::ranges::move(handles, std::back_inserter(kept_.shapes));
    }
  }
  // Confirmed even if it failed: the next service sees that its file is older than that.
  const auto saved = save_kept_shapes(path_, kept_);
  const bool told = std::exchange(writable_, saved.has_value()) == saved.has_value();
  if (!saved && !told) log::warning("sync-service", saved.error().message);
  confirmed_ = position;
}

void ShapesFile::write_soon() {
  constexpr std::size_t kFew = 32;  // their file is small: written immediately
  if (store_.size() <= kFew) return write();
  if (std::exchange(writing_soon_, true)) return;
  clock_.after(tuning::kKeepDelay, executor_, [this] { finish(); });
}

void ShapesFile::finish() {
  if (std::exchange(writing_soon_, false)) write();
}

}  // namespace patchbay::embedded
