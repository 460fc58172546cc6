// Verdicts: what an SQLSTATE means for the write that met it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::backend {

/// Shape: `status` is the HTTP status to answer with; 503 unless refused.
struct Verdict {
  enum class Kind : std::uint8_t {
    refused,  ///< For good: recorded and answered.
    again,    ///< Rolled back by a conflict: tried again here.
    later,    ///< Nothing wrong with the write: 503, the client repeats.
  };
  Kind kind = Kind::later;
  int status = 503;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// "" (the server did not answer) is `later`.
[[nodiscard]] Verdict judge(std::string_view sqlstate) noexcept;

}  // namespace patchbay::backend
