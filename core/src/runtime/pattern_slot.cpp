#include "runtime/pattern_slot.hpp"

#include <algorithm>

#include "log/log.hpp"
#include "rows/table_name.hpp"

namespace patchbay {

Result<const TableSchema*> PatternSlot::find_table(const std::string& name) const {
  const std::string table = rows::canonical_table(name).value_or(name);
  if (const TableSchema* known = host->table(table)) return known;
  if (std::ranges::find(options.tables, table) == options.tables.end()) {
    return failure(ErrorCode::rejected, "The table \"" + name +
                                            "\" is not among the tables of the pattern \"" +
                                            options.name + "\".");
  }
  const auto stream = streams.find(table);
  const std::string why = stream == streams.end() ? "" : stream->second.reason;
  if (stream != streams.end() && stream->second.state == StreamState::stopped) {
    return failure(ErrorCode::rejected, "The table \"" + name + "\" cannot be followed: " + why);
  }
  return failure(ErrorCode::retry, "The stream of the table \"" + name +
                                       "\" has not been up to date yet; try again." +
                                       (why.empty() ? "" : " " + why));
}

/// A stream that has stopped is tried again from time to time: until that brings something else,
/// it has stopped.
void PatternSlot::note_stream(const StreamStatus& status) {
  StreamStatus& known = streams[status.table];
  const bool tried_again = known.state == StreamState::stopped &&
                           status.state == StreamState::retrying && status.reason == known.reason;
  if (!tried_again) known = status;
}

/// Only the pattern knows which settings it has, and it reads them in its start.
void PatternSlot::warn_of_unasked_settings() const {
  for (const std::string& setting : host->unasked_settings()) {
    log::warning(options.name, "The module " + module.id + " has not asked for the setting " +
                                   setting + ", which has no effect then; check its spelling in " +
                                   "the module's README.");
  }
}

}  // namespace patchbay
