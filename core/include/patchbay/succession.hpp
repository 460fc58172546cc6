// Succession: how a pattern learns, when it starts, that it is to replace one that runs: an
// optional interface of the host, by name and revision. Host -> pattern, in `start`.
//
// Until it has adopted, such a pattern gets rows, but neither writes nor outcomes, and what it
// wants done (Effects) is dropped. Whatever writes its own store holds from an earlier time were
// handed over then: they are no source of writes, and the handover replaces them. A write that
// another program makes in its file before the cut is new: it is sent by the step `adopt`.
//
// A store in use by the very pattern that is replaced cannot be opened before the cut: `start` and
// `on_batch` leave it alone, and `adopt` opens it, by what the predecessor's own state says.
#pragma once

#include <cstdint>
#include <patchbay/host.hpp>
#include <string_view>

namespace patchbay {

inline constexpr std::string_view kSuccessionName = "patchbay.succession";
inline constexpr std::uint32_t kSuccessionRevision = 1;

/// What the interface is: that it is there says all.
struct Succession {};

/// True while a pattern is started to replace one that runs. [startup]
[[nodiscard]] inline bool is_successor(Host& host) {
  return host.extension(kSuccessionName, kSuccessionRevision) != nullptr;
}

}  // namespace patchbay
