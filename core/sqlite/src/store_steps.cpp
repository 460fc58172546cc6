#include "store_steps.hpp"

#include <patchbay/sqlite/query_sql.hpp>
#include <string>
#include <utility>

#include "longer_wait.hpp"

namespace patchbay::sqlite {
namespace {

std::vector<TouchedRow> rows_of(Host& host, const Write& write) {
  std::vector<TouchedRow> rows;
  for (const Operation& operation : write.operations) {
    for (TouchedRow& row : touched_rows(host, operation)) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

StoreSteps::StoreSteps(std::unique_ptr<Store> store, Host& host, const MakeRows& make_rows)
    : host_(host),
      store_(std::move(store)),
      schemas_(*store_, host_),
      tables_(*store_, schemas_),
      journal_(*store_, host_, schemas_),
      finals_(*store_),
      log_(*store_, host_),
      gate_(*store_),
      rows_(make_rows(*store_, host_, tables_, journal_, log_)),
      early_(*store_),
      view_(host_, tables_, journal_, *rows_),
      intake_(host_, log_, journal_, *rows_, early_),
      transaction_(*store_, view_, intake_),
      stream_rows_(host_, *store_, tables_, *rows_),
      ended_(journal_, finals_),
      stream_(transaction_, stream_rows_, journal_, ended_),
      outcome_(transaction_, journal_, ended_),
      adoption_(host_, tables_, journal_, early_) {}

Result<void> StoreSteps::begin(Effects& effects) {
  const LongerWait longer(store_->database());  // a step that fails is repeated, a start is not
  std::vector<KeptWrite> unfinished;
  std::vector<RejectedWrite> rejected;
  std::vector<KeptTable> tables;
  if (const Result<void> taken = take_ahead(); !taken) return taken;
  Step step(view_);  // nobody has been told of any row yet, so it tells nothing
  Result<void> done = store_->write([&] {
    gate_.open();
    tables = load(step);
    static_cast<void>(early_.take());  // they are among the others
    rejected = journal_.rejected();
    unfinished = journal_.unfinished();
    stop_point("start.before_commit");
  });
  if (!done) return done;
  stop_point("start.committed");
  resume(tables);
  for (const RejectedWrite& write : rejected) effects.restore_rejected(write);
  for (const KeptWrite& kept : unfinished) send(kept, effects);
  watch();
  return {};
}

Result<void> StoreSteps::begin_before_cut(const Handover* so_far) {
  const LongerWait longer(store_->database());
  std::vector<KeptTable> tables;
  early_.begin();
  if (const Result<void> taken = take_ahead(); !taken) return taken;
  Step step(view_);  // a successor tells nothing before the cut
  Result<void> done = store_->write([&] {
    is_closed_ = gate_.is_closed();
    tables = load(step);
    if (so_far != nullptr) adoption_.replace(*so_far, step);
    stop_point("start.before_commit");
  });
  if (!done) return done;
  stop_point("start.committed");
  resume(tables);
  watch();
  return {};
}

/// Changes the file in one transaction: if this fails, the predecessor continues unchanged.
Result<void> StoreSteps::begin_at_cut(const Handover& handover, bool shared, Effects& effects) {
  std::vector<KeptTable> tables;
  Step step(view_);
  early_.begin();
  Result<void> done = store_->write([&] {
    store_->migrate();
    gate_.open();
    if (!shared) adoption_.send_unknown(handover, step);
    tables = load(step);
    if (!shared) step.fold(adoption_.add_missing(handover));
    stop_point("adopt.before_commit");
  });
  if (!done) return done;
  early_.end();
  stop_point("adopt.committed");
  resume(tables);
  watch();
  step.tell(effects);
  return {};
}

Result<void> StoreSteps::adopt(const Handover& handover, Effects& effects) {
  Step step(view_);
  Result<void> done = store_->write([&] {
    adoption_.replace(handover, step);
    finals_.start_again();
    intake_.take_all(step);
    stop_point("adopt.before_commit");
  });
  if (!done) return done;
  early_.end();
  stop_point("adopt.committed");
  step.tell(effects);
  return {};
}

/// Takes in what other programs wrote meanwhile, in transactions that hold the file's lock for a
/// short time each, so that little of it is left for the one that loads the store.
Result<void> StoreSteps::take_ahead() {
  while (true) {
    bool whole = false;
    Step step(view_);
    const Result<void> done = store_->write([&] {
      prepare(step);
      whole = intake_.take(step);
      if (!whole) stop_point("local.before_commit");
    });
    if (!done || whole) return done;
    stop_point("local.committed");
    LocalIntake::let_others_write();
  }
}

/// Makes the tables usable.
void StoreSteps::prepare(Step& step) {
  add_collations(store_->database());
  finals_.prepare();
  const std::vector<const TableSchema*> salvaged = tables_.salvaged();
  for (const TableSchema* table : salvaged) stream_rows_.prepare(*table);
  for (const TableSchema* table : salvaged) step.fold(journal_.covered(table->name));
}

/// Inside the first transaction: makes the tables usable and takes in what other programs wrote.
std::vector<KeptTable> StoreSteps::load(Step& step) {
  prepare(step);
  std::vector<KeptTable> tables = tables_.all();
  seen_version_ = store_->data_version();
  intake_.take_all(step);
  // Behind the log: what it has is unfinished too.
  for (const KeptTable& table : tables) rows_->prepare(*table.schema, table.schema);
  return tables;
}

/// Not before the load is committed: a store in which it meets damage is not the one that stays.
void StoreSteps::resume(const std::vector<KeptTable>& tables) {
  for (const KeptTable& table : tables) {
    if (!table.handle.empty()) host_.resume(*table.schema, {table.handle, table.offset});
  }
}

void StoreSteps::watch() {
  if (const auto watched = host_.watch(store_->file().string()); !watched) {
    host_.log(LogLevel::warning,
              "Writes of other programs are found late: " + watched.error().message);
  }
}

Result<void> StoreSteps::on_batch(const Batch& batch, Effects& effects) {
  Result<Step> step = stream_.apply(batch);
  if (!step) return tl::unexpected(step.error());
  step->tell(effects, batch.reset ? &batch.table : nullptr);
  if (batch.reset) effects.table_changed(batch.table);
  return {};
}

Result<void> StoreSteps::on_write(const Write& write, Effects& effects) {
  const std::int64_t now_s = host_.backend_time_s();
  Result<Step> step =
      transaction_.run("write.before_commit", "write.committed", [&](Step& running) {
        journal_.add(write, now_s, false);
        running.fold(rows_of(host_, write));
      });
  if (!step) return tl::unexpected(step.error());
  step->send({write, now_s, false});
  effects.accept(write.id);
  step->tell(effects);
  return {};
}

Result<void> StoreSteps::on_outcome(const Outcome& outcome, Effects& effects) {
  return outcome_.apply(outcome, effects);
}

Result<void> StoreSteps::on_divided(const Division& division, Effects& effects) {
  return outcome_.divide(division, effects);
}

Result<void> StoreSteps::before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) {
  Result<void> done = store_->write([&] {
    journal_.mark_sent(writes, sent_after_s);
    stop_point("sending.before_commit");
  });
  if (done) stop_point("sending.committed");
  return done;
}

/// After `adopt`, not in it: until the host has recorded it, the store is not that of the pattern
/// that runs.
Result<void> StoreSteps::open_if_closed() {
  if (!is_closed_) return {};
  Result<void> done = store_->write([&] {
    gate_.open();
    stop_point("open.before_commit");
  });
  if (done) stop_point("open.committed");
  is_closed_ = !done;
  return done;
}

Result<void> StoreSteps::close(std::string_view successor, Effects& effects) {
  Result<Step> step = transaction_.run("close.before_commit", "close.committed",
                                       [&](Step&) { gate_.close(host_.instance(), successor); });
  if (!step) return tl::unexpected(step.error());
  is_closed_ = true;
  step->tell(effects);
  return {};
}

Result<bool> StoreSteps::on_local_change(Effects& effects) {
  if (const Result<void> opened = open_if_closed(); !opened) {
    return tl::unexpected(opened.error());
  }
  std::int64_t version = seen_version_;
  bool found = false;
  const Result<void> looked = store_->read([&] {
    version = store_->data_version();
    found = version != seen_version_ && !log_.is_empty();
  });
  if (!looked) return tl::unexpected(looked.error());
  if (found || transaction_.has_untold()) {
    Result<Step> step = transaction_.run("local.before_commit", "local.committed", [](Step&) {});
    if (!step) return tl::unexpected(step.error());
    step->tell(effects);
  }
  seen_version_ = version;
  store_->seal_when_quiet();
  return found;
}

Result<void> StoreSteps::read(const Query& query, RowSink& sink) {
  return store_->read([&] { rows_->read(query, sink); });
}

Result<FinalRecall> StoreSteps::recall(const WriteId& write) {
  FinalRecall found;
  const Result<void> done = store_->read([&] { found = finals_.recall(write); });
  if (!done) return tl::unexpected(done.error());
  return found;
}

}  // namespace patchbay::sqlite
