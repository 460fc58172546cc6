// Another program on the device that writes a pattern's SQLite file by SQL. World -> this -> the
// pattern's store. No test framework; one thread.
#pragma once

#include <string>

#include "sim/world.hpp"

namespace patchbay::check {

/// Operations become statements of one transaction, which is marked to be one write, on a
/// connection of its own to this file of the pattern's directory.
[[nodiscard]] sim::OtherProgram by_sql(const std::string& file);

}  // namespace patchbay::check
