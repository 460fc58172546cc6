// The seed of a randomised test, and whether it is to run long. PATCHBAY_SEED=<n>: that seed; a
// failing test names its seed so. PATCHBAY_LONG=1: the long form.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace patchbay::test {

[[nodiscard]] inline std::uint64_t seed() {
  const char* text = std::getenv("PATCHBAY_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

[[nodiscard]] inline std::string seed_text() {
  return "PATCHBAY_SEED=" + std::to_string(seed());
}

[[nodiscard]] inline bool is_long() {
  return std::getenv("PATCHBAY_LONG") != nullptr;
}

}  // namespace patchbay::test
