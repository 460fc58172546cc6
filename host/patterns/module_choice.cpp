#include "patterns/module_choice.hpp"

#include "patterns/plugin_files.hpp"

namespace patchbay::patterns {

namespace {

/// The inspection of the module's file, or a plugin without an id.
PluginInspection inspect(const PluginLoader& loader, const std::string& module) {
  const auto file = find_module(loader, module);
  const auto said = file ? loader.inspect(*file) : tl::unexpected(file.error());
  return said ? *said : PluginInspection{};
}

}  // namespace

std::string id_of(const PluginLoader& loader, const std::string& module) {
  return inspect(loader, module).id;
}

ModuleChoice choose_module(const PatternConfig& pattern, const std::optional<PatternRecord>& record,
                           const PluginLoader& loader) {
  ModuleChoice choice{pattern.module, "", ""};
  if (!record) return choice;
  std::string wanted = pattern.module;
  if (record->configured == pattern.module) wanted = record->current.name;
  const bool gone = wanted != pattern.module && id_of(loader, wanted).empty();
  if (gone) wanted = pattern.module;
  choice.first = wanted;
  const PluginInspection said = inspect(loader, wanted);
  const NamedModule* first = record->source();
  // A store that is not the source is filled by a swap only: what it holds is of an earlier time.
  const bool has_store = is_durable(said);
  if (first == nullptr && has_store && !id_of(loader, record->current.name).empty()) {
    first = &record->current;
  }
  if (first != nullptr && first->id != said.id) {
    choice.first = first->name;
    choice.then = wanted;
  }
  if (gone && choice.first != record->current.name) {
    choice.warning = "The module " + record->current.name + ", which was swapped to, cannot be " +
                     "used any more; " + pattern.module + " takes its place.";
  }
  return choice;
}

}  // namespace patchbay::patterns
