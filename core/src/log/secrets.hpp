// Secrets: texts that no line of the log may show, whichever part writes it and whatever it quotes.
// Configuration → here → log::write, and every part that prints an error. One list for the process.
// Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::log {

/// Shorter secrets are not hidden: without every "a" no message could be read, and all would know.
inline constexpr std::size_t kHiddenBytesMin = 4;

/// Adds a secret: from now on `hidden` takes this text out. [any thread]
void hide(std::string_view secret);
/// `text` with "…" in place of every secret that `hide` was told. [any thread]
[[nodiscard]] std::string hidden(std::string_view text);

}  // namespace patchbay::log
