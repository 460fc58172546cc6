// The log: spdlog behind five functions, so that one file knows the library.
// Messages are complete sentences: what, where, what to do. Thread-safe.
#pragma once

#include <optional>
#include <string_view>

namespace patchbay::log {

enum class Level { debug, info, warning, misbehaving, error };

/// "debug", "info", "warning" or "error"; nullopt for anything else.
[[nodiscard]] std::optional<Level> parse_level(std::string_view word) noexcept;
/// Sets the lowest level written and the form (one line of text to standard error). [startup]
void configure(Level lowest);
void write(Level level, std::string_view component, std::string_view message);

inline void debug(std::string_view component, std::string_view message) {
  write(Level::debug, component, message);
}
inline void info(std::string_view component, std::string_view message) {
  write(Level::info, component, message);
}
inline void warning(std::string_view component, std::string_view message) {
  write(Level::warning, component, message);
}
inline void error(std::string_view component, std::string_view message) {
  write(Level::error, component, message);
}
/// Logs that a plugin, named in the line, broke the contract; its effect was dropped. [any thread]
inline void misbehaving(std::string_view component, std::string_view message) {
  write(Level::misbehaving, component, message);
}

}  // namespace patchbay::log
