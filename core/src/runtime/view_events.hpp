// ViewEvents: tells readers what has changed: rows, tables and writes, and rows whose pending mark
// may have changed while the pattern saw no reason to name them. The runner's parts -> here ->
// PatternEvents. On the runner's strand, owned by the runner; outlives any pattern.
#pragma once

#include <functional>
#include <patchbay/write.hpp>
#include <string>
#include <unordered_map>

#include "port/pattern_port.hpp"
#include "write/write_ledger.hpp"

namespace patchbay {

class ViewEvents {
 public:
  /// Both outlive it.
  ViewEvents(PatternEvents& events, const std::string& instance)
      : events_(events), instance_(instance) {}

  /// A row of the view, marked pending where an unfinished write of `ledger` touches it.
  void row_changed(const RowRef& row, const WriteLedger& ledger);
  void row_gone(const RowRef& row);
  void table_changed(const std::string& table);
  void write_changed(const LedgerEntry& entry);

  /// Notes that the pending mark of the operation's rows may change.
  void touch(const Operation& operation);
  void touch(const Write& write);
  /// Reads the row of a key row from the view; null: the view does not have it, or cannot be read.
  using FindRow = std::function<RowRef(const RowRef& key)>;
  /// Tells the rows touched since the last call, except those told by then.
  void announce_touched(const WriteLedger& ledger, const FindRow& find);
  void forget_touched() { touched_.clear(); }

 private:
  PatternEvents& events_;
  const std::string& instance_;
  std::unordered_map<std::string, RowRef> touched_;  ///< Key rows, by row_name.
};

}  // namespace patchbay
