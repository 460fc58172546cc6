// The pattern laws that `patchbay check` proves, one check each. docs/pattern-laws.md says what
// each means; a test compares the two. The process of a check -> a law -> scripts in worlds -> the
// trial. Constants.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "check/subject.hpp"
#include "check/trial.hpp"

namespace patchbay::check {

/// A promise that patterns keep, and the function that proves it.
struct Law {
  const char* id = "";
  const char* description = "";
  std::uint32_t traits = 0;  ///< The law binds patterns that claim all of these.
  void (*prove)(const Subject&, Trial&) = nullptr;
};

/// All laws, in the order of their numbers.
[[nodiscard]] std::span<const Law> laws();
/// The law with this id; null when there is none.
[[nodiscard]] const Law* find_law(std::string_view id);

// Each is in the file of its name. An exception of a world is a finding too.
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
