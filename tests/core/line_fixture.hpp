// LineFixture: a write line filled by hand, for tests of the parts of the write queue that decide
// over it. A write prints as its number; time is a number of milliseconds.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "support/fake_host.hpp"
#include "write/write_line.hpp"

namespace patchbay::test {

class LineFixture : public ::testing::Test {
 protected:
  explicit LineFixture(bool rows_apart = false) : line_(rows_apart) {}

  /// Adds write `number`, on a row of its own unless rows are named.
  QueuedWrite& add(std::uint32_t number, std::initializer_list<const char*> rows = {}) {
    Write write{sim::write_id(number), number, {}};
    const std::string own = "own " + std::to_string(number);
    if (rows.size() == 0) write.operations.push_back(update_item(own, "x"));
    for (const char* row : rows) write.operations.push_back(update_item(row, "x"));
    return *line_.add({std::move(write), 0});
  }
  [[nodiscard]] static Clock::TimePoint at(int ms) {
    return Clock::TimePoint(std::chrono::milliseconds(ms));
  }

  WriteLine line_;
};

}  // namespace patchbay::test
