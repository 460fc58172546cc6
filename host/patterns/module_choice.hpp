// ModuleChoice: which module an instance starts with: the one that has its writes, then the one
// that is wanted. Configuration and record -> here -> PatternLoader. Reads plugins' files,
// runs nothing.
//
//   writes in a store of the wanted plugin; or in none, and it has none   that one
//   writes in a store of another plugin                                   that one, then a swap
//   writes in no store, and the wanted one has one                        the last, then a swap
//
// Wanted is what the configuration names, or, while that has not changed, what was swapped to
// since.
#pragma once

#include <optional>
#include <string>

#include "patterns/pattern_record.hpp"
#include "runtime/plugin_loader.hpp"

namespace patchbay::patterns {

struct ModuleChoice {
  std::string first;
  std::string then;     ///< To swap to once that runs; "" for none.
  std::string warning;  ///< "" for none.
};

[[nodiscard]] ModuleChoice choose_module(const PatternConfig& pattern,
                                         const std::optional<PatternRecord>& record,
                                         const PluginLoader& loader);
/// The id that the module of this name gives itself; "" if it cannot be used.
[[nodiscard]] std::string id_of(const PluginLoader& loader, const std::string& module);

}  // namespace patchbay::patterns
