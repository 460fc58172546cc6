// Step: what one step of a pattern does to rows, and tells of afterwards: each row the view
// shows differently once, as it is at the end. Made for one step, used inside its transaction; the
// effects are asked for when that has been committed.
#pragma once

#include <map>
#include <patchbay/effects.hpp>
#include <patchbay/kit/fold.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <utility>
#include <vector>

#include "view_fold.hpp"

namespace patchbay::sqlite {

/// Sends a write as the journal has it.
void send(const KeptWrite& kept, Effects& effects);

class Step {
 public:
  explicit Step(ViewFold& view) : view_(view) {}

  /// Remembers what the view shows of these rows, before they change: what turns out the same is
  /// not told.
  void remember(std::vector<TouchedRow> rows);
  /// Folds these rows and what moves connect them to, and shows them.
  void fold(std::vector<TouchedRow> rows);
  /// Adds what a later transaction of the same step does.
  void append(Step later);
  /// The stream changed a row that no unfinished write touches.
  void changed(const Change& change);
  /// After the transaction: this write is to be sent, or cannot be.
  void send(KeptWrite write) { sends_.push_back(std::move(write)); }
  void refuse(RejectedWrite write) { refused_.push_back(std::move(write)); }

  /// Tells rows and writes. Rows of `table` are left out when it is given: it changed as a whole.
  void tell(Effects& effects, const TableSchema* table = nullptr);

 private:
  struct Shown {
    RowRef key;
    RowRef before;
    RowRef after;
    bool remembered = false;
    bool hidden = false;  ///< Something unfinished hides the row, so that none is worth telling.
  };

  ViewFold& view_;
  std::map<RowName, Shown> shown_;
  std::vector<Change> changes_;
  std::vector<KeptWrite> sends_;
  std::vector<RejectedWrite> refused_;
};

}  // namespace patchbay::sqlite
