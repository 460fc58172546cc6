#include "embedded/sync/message_log.hpp"

#include <algorithm>

namespace patchbay::embedded {
namespace {

/// Makes room for `more` elements, and for an eighth beyond: the usual doubling would hold twice of
/// what is needed.
template <class Container>
void make_room(Container& container, std::size_t more) {
  constexpr std::size_t kFew = 16;
  const std::size_t wanted = container.size() + more;
  if (wanted > container.capacity()) container.reserve(wanted + wanted / 8 + kFew);
}

}  // namespace

std::string_view MessageLog::Piece::message(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : places[index - 1].text_end + std::size_t{1};
  return {text.data() + begin, places[index].text_end - begin};
}

void MessageLog::append(std::uint64_t lsn, std::uint64_t position, std::string_view message) {
  if (pieces_.empty() || pieces_.back().text.size() >= piece_bytes_) {
    if (!pieces_.empty()) {
      pieces_.back().text.shrink_to_fit();
      pieces_.back().places.shrink_to_fit();
    }
    pieces_.emplace_back();
  }
  Piece& piece = pieces_.back();
  make_room(piece.text, message.size() + 1);
  make_room(piece.places, 1);
  if (!piece.text.empty()) piece.text.push_back(',');
  piece.text.insert(piece.text.end(), message.begin(), message.end());
  piece.places.push_back(
      {lsn, static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(piece.text.size())});
  bytes_ += message.size() + sizeof(Place);
}

void MessageLog::drop_front() {
  const Piece& piece = pieces_.front();
  bytes_ -= piece.text.size() + 1 - piece.places.size() + piece.places.size() * sizeof(Place);
  pieces_.pop_front();
}

MessageLog::Part MessageLog::read(const ShapeOffset& after,
                                  const std::vector<std::uint64_t>& left_out,
                                  std::size_t bytes_max) const {
  Part part;
  auto piece = std::partition_point(pieces_.begin(), pieces_.end(),
                                    [&](const Piece& one) { return one.end() <= after; });
  if (piece == pieces_.end()) return part;
  const auto first = std::partition_point(piece->places.begin(), piece->places.end(),
                                          [&](const Place& one) { return one.offset() <= after; });
  std::size_t index = static_cast<std::size_t>(first - piece->places.begin());
  while (piece != pieces_.end() && part.messages.size() < bytes_max) {
    const Place& place = piece->places[index];
    part.reached = place.offset();
    if (!std::binary_search(left_out.begin(), left_out.end(), place.lsn)) {
      if (!part.messages.empty()) part.messages += ',';
      part.messages += piece->message(index);
    }
    if (++index < piece->places.size()) continue;
    ++piece;
    index = 0;
  }
  part.at_end = piece == pieces_.end();
  return part;
}

std::optional<ShapeOffset> MessageLog::end() const {
  if (pieces_.empty()) return std::nullopt;
  return pieces_.back().end();
}

std::optional<ShapeOffset> MessageLog::last_before(std::uint64_t lsn) const {
  auto piece = std::partition_point(pieces_.begin(), pieces_.end(), [lsn](const Piece& one) {
    return one.places.front().lsn < lsn;
  });
  if (piece == pieces_.begin()) return std::nullopt;
  --piece;
  const auto after = std::partition_point(piece->places.begin(), piece->places.end(),
                                          [lsn](const Place& one) { return one.lsn < lsn; });
  return std::prev(after)->offset();
}

}  // namespace patchbay::embedded
