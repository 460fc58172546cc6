#include "electric/batch_builder.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace patchbay::electric {
namespace {

/// The transaction part of "lsn_op_position"; 0 for snapshot offsets and "-1".
std::uint64_t transaction_of(std::string_view offset) {
  std::uint64_t lsn = 0;
  const auto [end, failed] = std::from_chars(offset.data(), offset.data() + offset.size(), lsn);
  const bool whole = failed == std::errc() && end != offset.data() + offset.size() && *end == '_';
  return whole ? lsn : 0;
}

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
}

template <typename T>
void keep_once(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto repeats = std::ranges::unique(values);
  values.erase(repeats.begin(), repeats.end());
}

}  // namespace

void BatchBuilder::add(Messages messages, const AnsweredRequest& request) {
  prove(messages, request);
  append(open_.changes, std::move(messages.changes));
  append(open_.evidence.txids, std::move(messages.txids));
  append(open_.evidence.write_ids, std::move(messages.write_ids));
  if (messages.snapshot) open_.evidence.snapshot = std::move(messages.snapshot);
  open_.handle = request.handle;
  open_.offset = request.offset;
  complete_ = messages.up_to_date;
}

void BatchBuilder::prove(const Messages& messages, const AnsweredRequest& request) {
  if (!messages.up_to_date || !messages.lsn) return;
  std::uint64_t proof = std::min(request.lsn_at_send, *messages.lsn);
  const std::uint64_t arriving = transaction_of(request.header_offset);
  if (arriving > transaction_of(request.offset)) proof = std::min(proof, arriving - 1);
  proven_lsn_ = std::max(proven_lsn_, proof);
  seen_lsn_ = *messages.lsn;
}

std::optional<ShapeBatch> BatchBuilder::take() {
  if (!complete_) return std::nullopt;
  const bool news = !published_ || !open_.changes.empty() || proven_lsn_ > published_lsn_;
  if (!news) return std::nullopt;
  open_.table = schema_;
  open_.reset = !published_ && !resumed_;
  if (!open_.reset) open_.evidence.snapshot.reset();
  keep_once(open_.evidence.txids);
  keep_once(open_.evidence.write_ids);
  open_.evidence.proven_lsn = proven_lsn_;
  published_ = true;
  published_lsn_ = proven_lsn_;
  complete_ = false;
  return std::exchange(open_, ShapeBatch{});
}

}  // namespace patchbay::electric
