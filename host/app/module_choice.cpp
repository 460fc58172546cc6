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
  if (wanted != pattern.module && id_of(loader, wanted).empty()) {
    choice.warning = "The module " + wanted + ", which was swapped to, cannot be used any more; " +
                     pattern.module + " takes its place.";
    wanted = pattern.module;
  }
  choice.first = wanted;
  const NamedModule* source = record->source();
  if (source == nullptr || source->id == id_of(loader, wanted)) return choice;
  choice.first = source->name;
  choice.then = wanted;
  return choice;
}

}  // namespace patchbay::app
