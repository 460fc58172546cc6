// Succession: a pattern that runs is replaced by this one, which gets its writes.
//
// Where the store is the same, its writes are what the handover has, and all that is done to it is
// one transaction: the predecessor can go on as if nothing had been. One that has failed has let go
// of the store, and may have left writes there that the handover lacks: both count.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <set>
#include <utility>

#include "found_early.hpp"
#include "step.hpp"

namespace patchbay::sqlite {
namespace {

/// Of own_state: the descriptor of the lease, to be shared in this process.
constexpr std::uint32_t kOwnStateSchema = 1;

std::optional<int> lease_in(const OwnState* state) {
  int descriptor = -1;
  if (state == nullptr || state->schema != kOwnStateSchema) return std::nullopt;
  if (state->bytes.size() != sizeof(descriptor)) return std::nullopt;
  std::memcpy(&descriptor, state->bytes.data(), sizeof(descriptor));
  return descriptor;
}

std::set<WriteId> ids_of(const Handover& handover) {
  std::set<WriteId> ids;
  for (const UnfinishedWrite& one : handover.unfinished) ids.insert(one.write.id);
  for (const RejectedWrite& one : handover.rejected) ids.insert(one.write.id);
  return ids;
}

void append(std::vector<TouchedRow>& rows, std::vector<TouchedRow> more) {
  std::ranges::move(more, std::back_inserter(rows));
}

}  // namespace

SqlitePattern::TakenSoFar::TakenSoFar(const Handover& handover) {
  for (const UnfinishedWrite& one : handover.unfinished) {
    unfinished.push_back({one.write.id, one.sent_after_s, one.settled.size()});
  }
  for (const RejectedWrite& one : handover.rejected) rejected.push_back(one.write.id);
}

Result<OwnState> SqlitePattern::own_state() const {
  OwnState state{kOwnStateSchema, {}};
  if (!store_) return state;
  const int descriptor = store_->lease().descriptor();
  const auto bytes = std::as_bytes(std::span(&descriptor, 1));
  state.bytes.assign(bytes.begin(), bytes.end());
  return state;
}

/// Of a predecessor that shares its lease; else it has let go of the store, or another process has
/// it.
Result<bool> SqlitePattern::open_to_adopt(const Handover& handover) {
  auto options = store_options(*host_);
  if (!options) return tl::unexpected(options.error());
  const std::optional<int> descriptor = lease_in(handover.own_state);
  if (!descriptor) {
    auto store = Store::open(std::move(*options), *host_);
    if (!store) return tl::unexpected(store.error());
    take_store(std::move(*store));
    return false;
  }
  auto lease = Lease::share(*descriptor, options->file);
  if (!lease) return tl::unexpected(lease.error());
  auto store = Store::open_beside(std::move(*options), std::move(*lease));
  if (!store) return tl::unexpected(store.error());
  take_store(std::move(*store));
  return true;
}

Result<void> SqlitePattern::adopt(const Handover& handover, Effects& effects) {
  const bool opens = !store_;
  bool shared = false;
  if (opens) {
    const auto opened = open_to_adopt(handover);
    if (!opened) return tl::unexpected(opened.error());
    shared = *opened;
  }
  std::vector<KeptTable> tables;
  Step step(*host_, *tables_, *journal_, *rows_);
  Result<void> done = store_->write([&] {
    store_->migrate();
    if (!opens) {
      replace_writes(handover, step);
      finals_->begin_anew();
    }
    const bool may_differ = opens && !shared;
    if (may_differ) send_unknown(handover, step);
    if (opens) {
      tables = load(step);
    } else {
      take_local_log(step);
    }
    if (may_differ) step.fold(add_missing(handover));
    stop_point("adopt.before_commit");
  });
  if (!done) return done;
  role_ = Role::alone;
  taken_so_far_.reset();
  forgets_found_early_ = true;  // not yet: the swap may still be given up
  stop_point("adopt.committed");
  resume(tables);
  if (opens) watch();
  step.tell(effects);
  return {};
}

/// The journal gets the handover's writes and no others, but for those of other programs that were
/// found since: they come behind.
void SqlitePattern::replace_writes(const Handover& handover, Step& step) {
  std::vector<TouchedRow> rows;
  FoundWrites found = take_found(handover, rows);
  append(rows, taken_so_far_ ? drop_ended(handover) : drop_all());
  append(rows, add_missing(handover));
  for (KeptWrite& kept : found.unfinished) {
    add_found(kept);
    append(rows, journal_->rows_of(kept.write.id));
    step.send(std::move(kept));
  }
  for (RejectedWrite& one : found.rejected) {
    add_found({one.write, 0, false});
    static_cast<void>(journal_->reject(one.write.id, one.rejection));
    step.refuse(std::move(one));
  }
  step.fold(std::move(rows));
}

/// Takes what was found early out of the journal, with the rows it touches, but for what has been
/// handed on since.
SqlitePattern::FoundWrites SqlitePattern::take_found(const Handover& handover,
                                                     std::vector<TouchedRow>& rows) {
  FoundWrites found;
  std::vector<WriteId> early = FoundEarly(*store_).take();
  if (early.empty()) return found;
  const std::set<WriteId> handed_on = ids_of(handover);
  std::erase_if(early, [&handed_on](const WriteId& id) { return handed_on.contains(id); });
  found.rejected = journal_->rejected();
  std::erase_if(found.rejected, [&early](const RejectedWrite& one) {
    return std::ranges::find(early, one.write.id) == early.end();
  });
  for (const WriteId& id : early) {
    KeptWrite kept = journal_->find(id);
    append(rows, journal_->erase(id));
    if (!kept.write.operations.empty()) found.unfinished.push_back(std::move(kept));
  }
  return found;
}

void SqlitePattern::add_found(const KeptWrite& kept) {
  journal_->add(kept.write, kept.sent_after_s, kept.splittable);
  FoundEarly(*store_).add(kept.write.id);
}

/// Of what was taken so far, what the handover still has is brought up to it, and the rest goes.
/// Both are in local order, so what is kept is before all that is added. Gives the rows touched.
std::vector<TouchedRow> SqlitePattern::drop_ended(const Handover& handover) {
  std::vector<TouchedRow> rows;
  auto now = handover.unfinished.begin();
  for (const TakenSoFar::Unfinished& before : taken_so_far_->unfinished) {
    if (now == handover.unfinished.end() || now->write.id != before.id) {
      append(rows, journal_->erase(before.id));
      continue;
    }
    if (before.sent_after_s == 0 && now->sent_after_s != 0) {
      journal_->mark_sent({&before.id, 1}, now->sent_after_s);
    }
    if (before.settled != now->settled.size()) {
      append(rows, journal_->settle(before.id, now->settled));
    }
    ++now;
  }
  if (taken_so_far_->rejected.empty()) return rows;
  const std::set<WriteId> known = ids_of(handover);
  for (const WriteId& before : taken_so_far_->rejected) {
    if (!known.contains(before)) static_cast<void>(journal_->erase(before));
  }
  return rows;
}

/// Gives the rows touched.
std::vector<TouchedRow> SqlitePattern::drop_all() {
  std::vector<TouchedRow> rows;
  for (const KeptTable& table : tables_->all()) {
    append(rows, journal_->covered(table.schema->name));
  }
  journal_->clear();
  return rows;
}

/// A step of a predecessor that failed may have been committed and told nobody.
void SqlitePattern::send_unknown(const Handover& handover, Step& step) {
  static_cast<void>(FoundEarly(*store_).take());  // they are among the others
  const std::set<WriteId> known = ids_of(handover);
  for (KeptWrite& kept : journal_->unfinished()) {
    if (!known.contains(kept.write.id)) step.send(std::move(kept));
  }
  for (RejectedWrite& one : journal_->rejected()) {
    if (!known.contains(one.write.id)) step.refuse(std::move(one));
  }
}

/// Gives the rows that what was missing touches.
std::vector<TouchedRow> SqlitePattern::add_missing(const Handover& handover) {
  std::vector<TouchedRow> rows;
  for (const UnfinishedWrite& one : handover.unfinished) {
    const Write& write = one.write;
    if (journal_->contains(write.id)) continue;
    journal_->add(write, one.sent_after_s, false);
    if (!one.settled.empty()) static_cast<void>(journal_->settle(write.id, one.settled));
    for (std::uint32_t at = 0; at < write.operations.size(); ++at) {
      if (std::ranges::find(one.settled, at) != one.settled.end()) continue;
      for (TouchedRow& row : touched_rows(*host_, write.operations[at])) {
        rows.push_back(std::move(row));
      }
    }
  }
  for (const RejectedWrite& one : handover.rejected) {
    if (journal_->contains(one.write.id)) continue;
    journal_->add(one.write, 0, false);
    static_cast<void>(journal_->reject(one.write.id, one.rejection));
  }
  return rows;
}

}  // namespace patchbay::sqlite
