// PluginInspection: what a plugin says of itself, read from the bytes of its file without running
// any of its code, or the reason why this host cannot use it. For the plugin loader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <patchbay/plugin.hpp>
#include <patchbay/result.hpp>
#include <span>
#include <string>

namespace patchbay {

/// Copied out of the file: plain values of the host.
struct PluginInspection {
  std::filesystem::path path;  ///< Where the file really is, links resolved.
  std::string id;
  std::string version;
  std::string description;
  std::uint32_t traits = 0;
};

/// The one symbol of a plugin.
inline constexpr const char* kPluginSymbol = "patchbay_plugin";

/// Reads the descriptor of a plugin. ErrorCode::rejected: it is not a plugin, or one that breaks
/// the rules of the contract.
/// ErrorCode::unsupported: another interface or another build; the message names every part that
/// differs.
[[nodiscard]] Result<PluginInspection> inspect_plugin(std::span<const std::byte> bytes,
                                                      const std::filesystem::path& path);

/// How two stamps differ, for people; "" when they are equal.
[[nodiscard]] std::string stamp_difference(const AbiStamp& plugin, const AbiStamp& host);

}  // namespace patchbay
