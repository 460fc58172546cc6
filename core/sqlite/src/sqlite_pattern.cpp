#include <cstring>
#include <optional>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <patchbay/succession.hpp>
#include <utility>

#include "store_options.hpp"
#include "store_steps.hpp"

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

}  // namespace

SqlitePattern::SqlitePattern(SqlitePatternParts parts) : parts_(std::move(parts)) {}

SqlitePattern::~SqlitePattern() = default;

Result<void> SqlitePattern::start(Host& host, Effects& effects) {
  host_ = &host;
  const Succession* succession = patchbay::succession(host);
  if (succession != nullptr && succession->same_plugin) {
    // Its predecessor has the store: it is opened when that hands over.
    const auto options = store_options(parts_, host);
    return options ? Result<void>() : tl::unexpected(options.error());
  }
  Result<void> begun = begin(effects);
  // Damage that was met on the way is noted, so that the store is set aside when it is opened
  // again.
  if (!begun && begun.error().code == ErrorCode::corrupt) begun = begin(effects);
  return begun;
}

Result<void> SqlitePattern::begin(Effects& effects) {
  steps_.reset();
  auto options = store_options(parts_, *host_);
  if (!options) return tl::unexpected(options.error());
  auto store = Store::open(std::move(*options), *host_);
  if (!store) return tl::unexpected(store.error());
  steps_ = std::make_unique<StoreSteps>(std::move(*store), *host_, parts_.make_rows);
  const Succession* succession = patchbay::succession(*host_);
  return succession == nullptr ? steps_->begin(effects)
                               : steps_->begin_before_cut(succession->so_far);
}

Result<void> SqlitePattern::adopt(const Handover& handover, Effects& effects) {
  if (steps_) return steps_->adopt(handover, effects);
  auto store = open_to_adopt(handover.own_state);
  if (!store) return tl::unexpected(store.error());
  steps_ = std::make_unique<StoreSteps>(std::move(*store), *host_, parts_.make_rows);
  const bool shared = lease_in(handover.own_state).has_value();
  return steps_->begin_at_cut(handover, shared, effects);
}

/// Of a predecessor that shares its lease; else it has let go of the store, or another process has
/// it.
Result<std::unique_ptr<Store>> SqlitePattern::open_to_adopt(const OwnState* predecessors) const {
  auto options = store_options(parts_, *host_);
  if (!options) return tl::unexpected(options.error());
  const std::optional<int> descriptor = lease_in(predecessors);
  if (!descriptor) return Store::open(std::move(*options), *host_);
  auto lease = Lease::share(*descriptor, options->file);
  if (!lease) return tl::unexpected(lease.error());
  return Store::open_beside(std::move(*options), std::move(*lease));
}

Result<OwnState> SqlitePattern::own_state() const {
  OwnState state{kOwnStateSchema, {}};
  if (!steps_) return state;
  const int descriptor = steps_->lease().descriptor();
  const auto bytes = std::as_bytes(std::span(&descriptor, 1));
  state.bytes.assign(bytes.begin(), bytes.end());
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
  const bool known = name == kFinalWritesName && revision == kFinalWritesRevision;
  return known ? static_cast<FinalWrites*>(this) : nullptr;
}

Result<FinalRecall> SqlitePattern::recall(const WriteId& write) {
  return steps_->recall(write);
}

}  // namespace patchbay::sqlite
