// BackendTime: the backend's own time, as its newest answer told it, and whether it still answers.
// Answers of the gateway -> this -> the mark of a write's first request, and the observer. Pure;
// owned by the write queue, on its strand.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "write/gateway.hpp"
#include "write/request_in_flight.hpp"

namespace patchbay {

class BackendTime {
 public:
  /// Takes in the answer to a request. Returns what is news to the observer: the new time, or 0
  /// when the backend has answered before and does so no longer.
  [[nodiscard]] std::optional<std::int64_t> on_answer(const RequestInFlight& request,
                                                      const std::vector<Verdict>& verdicts,
                                                      std::int64_t date_s);
  [[nodiscard]] bool is_known() const noexcept { return date_s_ != 0; }
  /// Of the newest answer that told it, in seconds since 1970; 0 while unknown.
  [[nodiscard]] std::int64_t date_s() const noexcept { return date_s_; }

 private:
  std::int64_t date_s_ = 0;
  bool answers_ = false;
};

}  // namespace patchbay
