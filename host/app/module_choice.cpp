#include "app/module_choice.hpp"

#include "app/wiring.hpp"

namespace patchbay::app {

std::string id_of(const PluginLoader& loader, const std::string& module) {
  const auto file = find_module(loader, module);
  if (!file) return "";
  const auto said = loader.inspect(*file);
  return said ? said->id : "";
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
  const NamedModule* source = record->source();
  if (source != nullptr && source->id != id_of(loader, wanted)) {
    choice.first = source->name;
    choice.then = wanted;
  }
  if (gone && choice.first != record->current.name) {
    choice.warning = "The module " + record->current.name + ", which was swapped to, cannot be " +
                     "used any more; " + pattern.module + " takes its place.";
  }
  return choice;
}

}  // namespace patchbay::app
