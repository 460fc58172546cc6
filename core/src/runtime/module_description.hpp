// ModuleDescription: what a module says of itself, and PatternOwner, the pattern it made. Plugin
// loader -> runner, status, notes of steps. Values; the owner of a pattern drops it on its
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <patchbay/pattern.hpp>
#include <patchbay/plugin.hpp>
#include <string>
#include <utility>
#include <vector>

namespace patchbay {

/// A pattern together with how its module wants it destroyed.
using PatternOwner = std::unique_ptr<Pattern, std::function<void(Pattern*)>>;

/// The names of the traits that are set, as every verb and the local API spell them: "durable",
/// "optimistic".
[[nodiscard]] inline std::vector<std::string> trait_names(std::uint32_t traits) {
  static constexpr std::pair<Trait, const char*> kNames[] = {{kTraitDurable, "durable"},
                                                             {kTraitOptimistic, "optimistic"}};
  std::vector<std::string> names;
  for (const auto& [trait, name] : kNames) {
    if ((traits & trait) != 0) names.emplace_back(name);
  }
  return names;
}

/// A plugin's description of itself, copied out of its module.
struct ModuleDescription {
  std::string path;
  std::string id;
  std::string version;
  std::string description;
  std::uint32_t traits = 0;

  [[nodiscard]] bool has_any(std::uint32_t of_traits) const noexcept {
    return (traits & of_traits) != 0;
  }
};

}  // namespace patchbay
