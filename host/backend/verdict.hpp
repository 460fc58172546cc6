// Verdicts: what an SQLSTATE means for the write that met it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::backend {

/// Shape: `status` is the HTTP status to answer with; 503 unless refused.
struct Verdict {
  enum class Kind : std::uint8_t {
    refused,  ///< For good: recorded and answered. `status` is one of kRefusalStatuses.
    again,    ///< Rolled back by a conflict: retried here.
    later,    ///< Nothing is wrong with the write: 503, the client repeats it.
  };
  Kind kind = Kind::later;
  int status = 503;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// Judges an SQLSTATE; "" (the server did not answer) is `later`.
[[nodiscard]] Verdict judge(std::string_view code) noexcept;

}  // namespace patchbay::backend
