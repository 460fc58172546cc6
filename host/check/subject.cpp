#include "check/subject.hpp"

#include <patchbay/plugin.hpp>
#include <stdexcept>
#include <utility>

namespace patchbay::check {
namespace {

/// Loads a file that the caller has named: its directory counts as one of plugins.
Result<LoadedPlugin> load_file(const std::filesystem::path& file) {
  return PluginLoader({file.parent_path()}).load(file);
}

}  // namespace

sim::PatternUnderTest patterns_of(const LoadedPlugin& plugin) {
  const PluginInspection& said = plugin.inspection();
  sim::PatternUnderTest pattern;
  pattern.name = said.id;
  pattern.make = [&plugin]() -> PatternOwner {
    auto created = plugin.create();
    if (!created) throw std::runtime_error(created.error().message);
    return *std::move(created);
  };
  pattern.shows_immediately = (said.traits & kTraitOptimistic) != 0;
  pattern.module = {said.path.string(), said.id, said.version, said.description, said.traits};
  return pattern;
}

Result<Subject> Subject::load(const std::filesystem::path& file, Settings settings) {
  auto plugin = load_file(file);
  if (!plugin) return tl::unexpected(plugin.error());
  // A killed process leaves the same files with any setting, and disks are not under proof.
  settings.try_emplace("synchronous", "normal");
  return Subject(std::make_shared<LoadedPlugin>(*std::move(plugin)), std::move(settings));
}

Result<LoadedPlugin> Subject::load_again() const {
  return load_file(plugin_->inspection().path);
}

}  // namespace patchbay::check
