#include "embedded/sync/reader_places.hpp"

namespace patchbay::embedded {

void ReaderPlaces::note(const std::optional<ShapeOffset>& from, const ShapeOffset& to) {
  if (from) {
    const auto before = places_.find(*from);
    if (before != places_.end() && --before->second.count == 0) places_.erase(before);
  }
  Readers& readers = places_[to];
  ++readers.count;
  readers.asked_at = grown_bytes_;
}

std::optional<ShapeOffset> ReaderPlaces::first() {
  while (!places_.empty() && grown_bytes_ - places_.begin()->second.asked_at > patience_bytes_) {
    places_.erase(places_.begin());
  }
  if (places_.empty()) return std::nullopt;
  return places_.begin()->first;
}

std::size_t ReaderPlaces::forget_before(const ShapeOffset& place) {
  std::size_t forgotten = 0;
  while (!places_.empty() && places_.begin()->first < place) {
    forgotten += places_.begin()->second.count;
    places_.erase(places_.begin());
  }
  return forgotten;
}

}  // namespace patchbay::embedded
