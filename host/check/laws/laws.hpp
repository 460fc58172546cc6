// The pattern laws, one check each: what `patchbay check` knows. docs/pattern-laws.md says what
// each means; a test keeps both in step. The runner's child -> a law -> scripts in worlds -> the
// trial.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "check/subject.hpp"
#include "check/trial.hpp"

namespace patchbay::check {

struct Law {
  const char* id = "";
  const char* description = "";
  std::uint32_t traits = 0;  ///< It binds patterns that claim all of these.
  void (*prove)(const Subject&, Trial&) = nullptr;
};

/// All of them, in the order of their numbers.
[[nodiscard]] std::span<const Law> laws();
/// Null when there is none of that id.
[[nodiscard]] const Law* find_law(std::string_view id);

// Each in the file of its name. What a world throws is a finding too.
void prove_convergence(const Subject& subject, Trial& trial);
void prove_nothing_lost(const Subject& subject, Trial& trial);
void prove_read_your_writes(const Subject& subject, Trial& trial);
void prove_surgical_rollback(const Subject& subject, Trial& trial);
void prove_atomicity(const Subject& subject, Trial& trial);
void prove_order(const Subject& subject, Trial& trial);
void prove_durability(const Subject& subject, Trial& trial);
void prove_swap(const Subject& subject, Trial& trial);
void prove_liveness(const Subject& subject, Trial& trial);

}  // namespace patchbay::check
