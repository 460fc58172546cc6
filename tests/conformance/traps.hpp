// The traps: situations in which a write pattern goes wrong easily, each a script that every
// pattern must survive in a world of its own. *_traps_test.cpp -> these -> World. GoogleTest.
#pragma once

#include "sim/world.hpp"

namespace patchbay::check::traps {

// What the stream and the answers do (stream_traps.cpp):
void echo_before_the_answer(const sim::PatternUnderTest& pattern);
void snapshot_already_has_the_write(const sim::PatternUnderTest& pattern);
void answer_lost_after_the_commit(const sim::PatternUnderTest& pattern);
void update_to_equal_values(const sim::PatternUnderTest& pattern);
void one_of_two_streams_lags(const sim::PatternUnderTest& pattern);
void reset_while_writes_are_unfinished(const sim::PatternUnderTest& pattern);
void server_failed_over_and_lost_the_write(const sim::PatternUnderTest& pattern);

// What other users, refusals and the device itself do (write_traps.cpp):
void someone_else_changes_the_row(const sim::PatternUnderTest& pattern);
void middle_of_three_is_refused(const sim::PatternUnderTest& pattern);
void away_and_back_while_under_way(const sim::PatternUnderTest& pattern);
void delete_of_a_row_already_deleted(const sim::PatternUnderTest& pattern);
void insert_of_a_key_already_taken(const sim::PatternUnderTest& pattern);
void parent_refused_before_its_child(const sim::PatternUnderTest& pattern);
void swallowed_parent_and_its_child(const sim::PatternUnderTest& pattern);
void clock_jumps(const sim::PatternUnderTest& pattern);
void upper_case_uuid(const sim::PatternUnderTest& pattern);

// What SQL from another program makes of two of them (write_traps.cpp):
void update_to_equal_values_by_sql(const sim::PatternUnderTest& pattern);
void upper_case_uuid_by_sql(const sim::PatternUnderTest& pattern);

// --- what the scripts share

inline constexpr const char* kList = "0b6e7a52-61a7-4d4c-9c61-2f4a4c9e8d01";
inline constexpr const char* kListUpper = "0B6E7A52-61A7-4D4C-9C61-2F4A4C9E8D01";

/// A world in which items has 1:milk, on the device and at the server.
struct Shop : sim::World {
  explicit Shop(const sim::PatternUnderTest& tested, sim::WorldOptions options = {});

  /// `now` where the pattern shows writes immediately, `later` where only the stream shows them.
  [[nodiscard]] std::string shown(const std::string& now, const std::string& later) const {
    return pattern.shows_immediately ? now : later;
  }
  void set_title(std::uint32_t number, const std::string& title);
  /// Lets time pass until a request is under way; false where none comes.
  [[nodiscard]] bool waits_for_request();
  /// Another user sets columns of item 1.
  void others_set(NamedCells set);

  const sim::PatternUnderTest pattern;
};

}  // namespace patchbay::check::traps
