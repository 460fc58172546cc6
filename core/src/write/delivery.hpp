// Delivery: the requests of one send of the write gateway, and the verdicts they bring. Writes ->
// requests, one at a time -> answers -> one verdict for each write. Pure; used by one thread at a
// time; held by the gateway until all verdicts are there.
//
//   next() ─► a request with writes from the front ─► take(answer) ─┬─► their verdicts ─► next()
//     └─ writes that no request can carry are refused here          ├─► refused whole: half as many
//                                                                   └─► one without outcome: the
//                                                                   end
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "write/backend_answer.hpp"
#include "write/gateway.hpp"
#include "write/write_encoding.hpp"

namespace patchbay {

class Delivery {
 public:
  explicit Delivery(std::vector<OutgoingWrite> writes);

  /// Refuses what no request can carry. Returns the next request, or nothing when all have
  /// verdicts.
  [[nodiscard]] std::optional<BackendCall> next();
  /// Takes in the answer to the request that `next` returned last.
  void take(const BackendAnswer& answer);
  /// The verdicts, one for each write, in their order, once `next` has returned nothing.
  [[nodiscard]] std::vector<Verdict> take_verdicts() { return std::move(verdicts_); }
  /// The Date of the newest answer; 0: none.
  [[nodiscard]] std::int64_t date_s() const noexcept { return date_s_; }

 private:
  [[nodiscard]] bool is_complete() const noexcept { return verdicts_.size() == writes_.size(); }
  [[nodiscard]] BackendCall next_changes();
  void stop_behind_unknown(std::size_t begin);

  std::vector<OutgoingWrite> writes_;
  std::optional<BackendCall> lone_call_;  // of a lone write that goes by its REST route
  std::vector<std::string> elements_;     // of POST /changes, else
  std::vector<Verdict> verdicts_;
  std::size_t end_ = 0;      // the request in flight has the writes without verdict up to here
  std::size_t at_most_ = 0;  // writes a request may have; halves when one is refused whole
  std::int64_t date_s_ = 0;
};

}  // namespace patchbay
