// LocalIntake: what other programs wrote by SQL goes from the log into the journal, as writes to be
// sent. LocalLog -> LocalIntake -> Journal, RowStore and the Step that tells it; always inside
// Store::write. One for each store.
#pragma once

#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <patchbay/sqlite/row_store.hpp>
#include <vector>

#include "found_early.hpp"
#include "step.hpp"

namespace patchbay::sqlite {

class LocalIntake {
 public:
  LocalIntake(Host& host, LocalLog& log, Journal& journal, RowStore& rows, FoundEarly& early)
      : host_(host), log_(log), journal_(journal), rows_(rows), early_(early) {}

  /// Takes what LocalLog::take gives, in its order. What cannot be sent becomes a rejected write.
  /// False: more is left.
  [[nodiscard]] bool take(Step& step);
  /// Called between two transactions that take: other programs, which ask for the file's lock again
  /// and again, get it meanwhile.
  static void let_others_write();
  /// Takes all that the log has, for a step that must be one transaction.
  void take_all(Step& step);

 private:
  void take(LocalWrite& found, Step& step, std::vector<TouchedRow>& rows);

  Host& host_;
  LocalLog& log_;
  Journal& journal_;
  RowStore& rows_;
  FoundEarly& early_;
};

}  // namespace patchbay::sqlite
