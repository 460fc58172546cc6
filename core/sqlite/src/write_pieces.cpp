#include "write_pieces.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <patchbay/kit/fold.hpp>
#include <utility>

namespace patchbay::sqlite {
namespace {

/// Joins operations that touch the same row.
class Groups {
 public:
  explicit Groups(std::size_t count) : parents_(count) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }
  [[nodiscard]] std::size_t of(std::size_t operation) {
    while (parents_[operation] != operation) {
      parents_[operation] = parents_[parents_[operation]];
      operation = parents_[operation];
    }
    return operation;
  }
  /// The earlier one leads.
  void join(std::size_t one, std::size_t other) {
    const auto [first, second] = std::minmax({of(one), of(other)});
    parents_[second] = first;
  }

 private:
  std::vector<std::size_t> parents_;
};

}  // namespace

std::vector<WritePiece> pieces_of(Host& host, const Write& write) {
  Groups groups(write.operations.size());
  std::map<RowName, std::size_t> first_on_row;
  for (std::size_t at = 0; at < write.operations.size(); ++at) {
    for (const TouchedRow& row : touched_rows(host, write.operations[at])) {
      const auto [found, added] = first_on_row.try_emplace(row.name, at);
      if (!added) groups.join(found->second, at);
    }
  }
  std::map<std::size_t, WritePiece> pieces;
  for (std::size_t at = 0; at < write.operations.size(); ++at) {
    WritePiece& piece = pieces[groups.of(at)];
    piece.operations.push_back(write.operations[at]);
    piece.indices.push_back(static_cast<std::uint32_t>(at));
  }
  std::vector<WritePiece> ordered;
  for (auto& [leader, piece] : pieces) ordered.push_back(std::move(piece));
  return ordered;
}

}  // namespace patchbay::sqlite
