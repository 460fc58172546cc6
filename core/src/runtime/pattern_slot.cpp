#include "runtime/pattern_slot.hpp"

#include <algorithm>

#include "log/log.hpp"
#include "rows/table_name.hpp"

namespace patchbay {

Result<const TableSchema*> PatternSlot::find_table(const std::string& name) const {
  const std::string table = rows::canonical_table(name).value_or(name);
  if (const TableSchema* known = host->table(table)) return known;
  if (std::ranges::find(options.tables, table) != options.tables.end()) {
    return failure(ErrorCode::retry, "The stream of the table \"" + name +
                                         "\" has not been up to date yet; try again.");
  }
  return failure(ErrorCode::rejected, "The table \"" + name +
                                          "\" is not among the tables of the pattern \"" +
                                          options.name + "\".");
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
