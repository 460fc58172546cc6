#include "patterns/module_watches.hpp"

#include "log/log.hpp"

namespace patchbay::patterns {

void ModuleWatches::watch(RunningPattern& pattern) {
  if (!enabled_) return;
  const std::filesystem::path file = pattern.module.plugin.inspection().path;
  if (pattern.watch && pattern.watch->file() == file) return;
  auto watched = ModuleWatch::begin(make_parts_(), file,
                                    [this, instance = pattern.config.name] { changed_(instance); });
  if (watched) {
    pattern.watch = *std::move(watched);
  } else {
    log::warning(pattern.config.name, "Its module is not watched: " + watched.error().message);
  }
}

}  // namespace patchbay::patterns
