// The traits of a plugin in words, as every verb says them. Plain values.
#pragma once

#include <cstdint>
#include <patchbay/plugin.hpp>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::cli {

/// The names of the traits that are set: "durable", "optimistic".
[[nodiscard]] inline std::vector<std::string> trait_names(std::uint32_t traits) {
  static constexpr std::pair<Trait, const char*> kNames[] = {{kTraitDurable, "durable"},
                                                             {kTraitOptimistic, "optimistic"}};
  std::vector<std::string> names;
  for (const auto& [trait, name] : kNames) {
    if ((traits & trait) != 0) names.emplace_back(name);
  }
  return names;
}

}  // namespace patchbay::cli
