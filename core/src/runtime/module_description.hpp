// ModuleDescription: what a module says of itself, and PatternOwner, the pattern it made. Plugin
// loader -> runner, status, notes of steps. Values; the owner of a pattern drops it on its
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <patchbay/pattern.hpp>
#include <string>

namespace patchbay {

/// A pattern together with how its module wants it destroyed.
using PatternOwner = std::unique_ptr<Pattern, std::function<void(Pattern*)>>;

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
