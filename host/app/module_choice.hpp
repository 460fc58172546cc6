// ModuleChoice: which module an instance starts with: the one that has its writes, then the one
// that is wanted. Configuration and record -> here -> PatternDesk. Reads plugins' files, runs
// nothing.
//
//   no writes in a store, or in one of the same plugin     the wanted module at once
//   writes in a store of another plugin                    that one first, then a swap
//
// Wanted is what the configuration names, or, while that has not changed, what was swapped to
// since.
#pragma once

#include <optional>
#include <string>

#include "app/pattern_record.hpp"
#include "runtime/plugin_loader.hpp"

namespace patchbay::app {

struct ModuleChoice {
  std::string first;
  std::string then;     ///< To swap to once that runs; "" for none.
  std::string warning;  ///< "" for none.
};

[[nodiscard]] ModuleChoice choose_module(const PatternConfig& pattern,
                                         const std::optional<PatternRecord>& record,
                                         const PluginLoader& loader);
/// What the module of this name says it is; "" when it cannot be used.
[[nodiscard]] std::string id_of(const PluginLoader& loader, const std::string& module);

}  // namespace patchbay::app
