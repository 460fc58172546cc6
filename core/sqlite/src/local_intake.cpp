#include "local_intake.hpp"

#include <thread>
#include <utility>

#include "tuning.hpp"

namespace patchbay::sqlite {
namespace {

bool sets_nothing(const Operation& operation) {
  if (operation.kind != OperationKind::update) return false;
  const auto columns = static_cast<std::uint32_t>(operation.table().columns.size());
  for (std::uint32_t column = 0; column < columns; ++column) {
    if (!operation.set->cell(column).is_absent()) return false;
  }
  return true;
}

}  // namespace

bool LocalIntake::take(Step& step) {
  early_.forget_when_adopted();
  std::vector<TouchedRow> rows;
  TakenLog taken = log_.take();
  for (LocalWrite& found : taken.writes) take(found, step, rows);
  if (!rows.empty()) step.fold(std::move(rows));
  return taken.whole;
}

void LocalIntake::let_others_write() {
  std::this_thread::sleep_for(tuning::kPauseBetweenParts);
}

void LocalIntake::take_all(Step& step) {
  while (!take(step)) {
  }
}

void LocalIntake::take(LocalWrite& found, Step& step, std::vector<TouchedRow>& rows) {
  KeptWrite kept;
  kept.write.id = host_.make_write_id();
  for (LocalChange& change : found.changes) {
    rows_.take_local(change);
    for (TouchedRow& row : touched_rows(host_, change.operation)) rows.push_back(std::move(row));
    if (!sets_nothing(change.operation)) {
      kept.write.operations.push_back(std::move(change.operation));
    }
  }
  if (!found.refusal.empty()) host_.log(LogLevel::error, found.refusal);
  if (kept.write.operations.empty()) return;
  kept.sent_after_s = host_.backend_time_s();
  kept.divisible = found.extent == Extent::several && kept.write.operations.size() > 1;
  journal_.add(kept.write, kept.sent_after_s, kept.divisible);
  early_.found(kept.write.id);
  if (found.refusal.empty()) return step.send(std::move(kept));
  Rejection why;
  why.message = found.refusal;
  static_cast<void>(journal_.reject(kept.write.id, why));
  step.refuse({std::move(kept.write), std::move(why)});
}

}  // namespace patchbay::sqlite
