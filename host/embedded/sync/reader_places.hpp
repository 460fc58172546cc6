// ReaderPlaces: from where in a log its readers continue, as far as their requests tell, so that
// what they read next is not dropped. A reader that vanished is forgotten once the log has grown by
// some bytes. Owned by Shape, on its strand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "embedded/sync/shape_offset.hpp"

namespace patchbay::embedded {

class ReaderPlaces {
 public:
  /// `patience_bytes`: growth of the log after which a reader that did not ask again is forgotten.
  explicit ReaderPlaces(std::uint64_t patience_bytes) : patience_bytes_(patience_bytes) {}

  /// Notes that a reader continues from `to`; `from`: where it was, unless it has just come.
  void note(const std::optional<ShapeOffset>& from, const ShapeOffset& to);
  /// Notes that the log has grown.
  void grow(std::uint64_t bytes) { grown_bytes_ += bytes; }
  /// The place of the reader that is furthest behind; nothing when there is none.
  [[nodiscard]] std::optional<ShapeOffset> first();
  /// Forgets all readers before `place`. Returns how many there were.
  std::size_t forget_before(const ShapeOffset& place);

 private:
  struct Readers {
    std::size_t count = 0;
    std::uint64_t asked_at = 0;  ///< grown_bytes_ at the last request.
  };

  std::uint64_t patience_bytes_;
  std::uint64_t grown_bytes_ = 0;
  std::map<ShapeOffset, Readers> places_;
};

}  // namespace patchbay::embedded
