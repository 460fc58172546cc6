// StoreGate: whether a store takes what other programs write. StoreSteps -> StoreGate -> Store,
// inside a transaction. One for each store.
//
//   open ──close──► closed: a trigger of this name refuses each change of a table of the server, by
//     ▲               │     any statement of any program, as each is logged: patchbay_retired
//     └─────open──────┘
//
// The pattern's own changes are not logged, and are not refused.
#pragma once

#include <patchbay/sqlite/store.hpp>
#include <string_view>

namespace patchbay::sqlite {

class StoreGate {
 public:
  explicit StoreGate(Store& store) : store_(store) {}

  /// Refuses, with a sentence that says which plugin the instance has now.
  void close(std::string_view instance, std::string_view successor);
  void open();
  [[nodiscard]] bool is_closed();

 private:
  Store& store_;
};

}  // namespace patchbay::sqlite
