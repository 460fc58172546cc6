#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <utility>

#include "store_options.hpp"
#include "store_steps.hpp"

namespace patchbay::sqlite {

SqlitePattern::SqlitePattern(SqlitePatternParts parts) : parts_(std::move(parts)) {}

SqlitePattern::~SqlitePattern() = default;

Result<void> SqlitePattern::start(Host& host, const Succession* succession, Effects& effects) {
  host_ = &host;
  if (succession != nullptr && succession->same_plugin) {
    // Its predecessor has the store: it is opened when that hands over.
    const auto options = store_options(parts_, host);
    return options ? Result<void>() : tl::unexpected(options.error());
  }
  Result<void> begun = begin(succession, effects);
  // Damage that was met on the way is noted, so that the store is set aside when it is opened
  // again.
  if (!begun && begun.error().code == ErrorCode::corrupt) begun = begin(succession, effects);
  return begun;
}

Result<void> SqlitePattern::begin(const Succession* succession, Effects& effects) {
  steps_.reset();
  auto options = store_options(parts_, *host_);
  if (!options) return tl::unexpected(options.error());
  auto store = Store::open(std::move(*options), *host_);
  if (!store) return tl::unexpected(store.error());
  steps_ = std::make_unique<StoreSteps>(std::move(*store), *host_, parts_.make_rows);
  return succession == nullptr ? steps_->begin(effects)
                               : steps_->begin_before_cut(succession->so_far);
}

Result<void> SqlitePattern::adopt(const Handover& handover, Effects& effects) {
  if (steps_) return steps_->adopt(handover, effects);
  const LeaseRef lease = handover.own_state == nullptr ? nullptr : handover.own_state->lease;
  auto options = store_options(parts_, *host_);
  if (!options) return tl::unexpected(options.error());
  // A predecessor without a lease has let go of the store, or another process has it.
  auto store = lease ? Store::open_beside(std::move(*options), lease)
                     : Store::open(std::move(*options), *host_);
  if (!store) return tl::unexpected(store.error());
  steps_ = std::make_unique<StoreSteps>(std::move(*store), *host_, parts_.make_rows);
  return steps_->begin_at_cut(handover, lease != nullptr, effects);
}

Result<OwnState> SqlitePattern::own_state() const {
  OwnState state;
  if (steps_) state.lease = steps_->lease();
  return state;
}

Result<void> SqlitePattern::on_batch(const Batch& batch, Effects& effects) {
  if (!steps_) return {};  // the predecessor puts it there, until it hands its store over
  return steps_->on_batch(batch, effects);
}

Result<void> SqlitePattern::on_write(const Write& write, Effects& effects) {
  return steps_->on_write(write, effects);
}

Result<void> SqlitePattern::on_outcome(const Outcome& outcome, Effects& effects) {
  return steps_->on_outcome(outcome, effects);
}

Result<void> SqlitePattern::on_divided(const Division& division, Effects& effects) {
  return steps_->on_divided(division, effects);
}

Result<void> SqlitePattern::before_send(std::span<const WriteId> writes,
                                        std::int64_t sent_after_s) {
  return steps_->before_send(writes, sent_after_s);
}

Result<bool> SqlitePattern::on_local_change(Effects& effects) {
  return steps_->on_local_change(effects);
}

Result<void> SqlitePattern::read(const Query& query, RowSink& sink) {
  return steps_->read(query, sink);
}

void* SqlitePattern::extension(std::string_view name, std::uint32_t revision) {
  if (name == kFinalWritesName && revision == kFinalWritesRevision) {
    return static_cast<FinalWrites*>(this);
  }
  const bool shared = name == kSharedStoreName && revision == kSharedStoreRevision;
  return shared ? static_cast<SharedStore*>(this) : nullptr;
}

Result<void> SqlitePattern::close(std::string_view successor, Effects& effects) {
  return steps_->close(successor, effects);
}

Result<FinalRecall> SqlitePattern::recall(const WriteId& write) {
  return steps_->recall(write);
}

}  // namespace patchbay::sqlite
