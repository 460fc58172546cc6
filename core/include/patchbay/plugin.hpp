// PluginDescriptor: the one symbol that a plugin exports, constant data that says what the plugin
// is before any of its code runs. PATCHBAY_PLUGIN in the plugin's plugin.cpp -> the host's loader.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <patchbay/pattern.hpp>
#include <string_view>

namespace patchbay {

constexpr std::uint64_t kPluginMagic = 0x31'59'41'42'48'43'54'50ULL;  // "PTCHBAY1"
constexpr std::uint32_t kInterfaceVersion = 1;

/// The promises of a pattern; `patchbay check` proves them.
enum Trait : std::uint32_t {
  kTraitDurable = 1U << 0U,     ///< Accepted writes survive the process.
  kTraitOptimistic = 1U << 1U,  ///< The view shows a write from `accept` on.
};

/// The contract types whose sizes are in an AbiStamp, in its order.
constexpr std::array<std::string_view, 12> kStampedTypes{
    "Row",      "TableSchema", "Write",      "Operation", "Outcome", "Batch",
    "Handover", "OwnState",    "Settlement", "Query",     "Error",   "Result<void>"};

/// The properties host and plugin must share: two builds that differ here would read each other's
/// objects wrongly, so the host refuses such a plugin.
struct AbiStamp {
  std::uint32_t compiler_abi = 0;
  std::uint32_t cxx11_abi = 0;
  std::uint32_t sanitizer = 0;  ///< 0 none, 1 address, 2 thread.
  std::array<std::uint32_t, kStampedTypes.size()> sizes{};

  friend bool operator==(const AbiStamp&, const AbiStamp&) = default;
};

/// The stamp of the translation unit that calls this.
[[nodiscard]] constexpr AbiStamp abi_stamp() noexcept {
  AbiStamp stamp;
#ifdef __GXX_ABI_VERSION
  stamp.compiler_abi = __GXX_ABI_VERSION;
#endif
#ifdef _GLIBCXX_USE_CXX11_ABI
  stamp.cxx11_abi = _GLIBCXX_USE_CXX11_ABI;
#endif
#if defined(__SANITIZE_ADDRESS__)
  stamp.sanitizer = 1;
#elif defined(__SANITIZE_THREAD__)
  stamp.sanitizer = 2;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  stamp.sanitizer = 1;
#elif __has_feature(thread_sanitizer)
  stamp.sanitizer = 2;
#endif
#endif
  stamp.sizes = {sizeof(Row),        sizeof(TableSchema), sizeof(Write),    sizeof(Operation),
                 sizeof(Outcome),    sizeof(Batch),       sizeof(Handover), sizeof(OwnState),
                 sizeof(Settlement), sizeof(Query),       sizeof(Error),    sizeof(Result<void>)};
  return stamp;
}

/// Plugin metadata. The loader reads everything before `create` from the file, without running any
/// code of the module; texts end with a zero inside their arrays. The module outlives its patterns.
struct PluginDescriptor {
  std::uint64_t magic = kPluginMagic;
  std::uint32_t interface_version = kInterfaceVersion;
  std::uint32_t traits = 0;
  AbiStamp abi;
  std::array<char, 64> id{};
  std::array<char, 32> version{};
  std::array<char, 160> description{};
  Pattern* (*create)() = nullptr;  ///< Makes an idle pattern; may throw, does nothing else.
  void (*destroy)(Pattern*) noexcept = nullptr;
};

/// A text as a descriptor holds it; an empty or too long one does not compile.
template <std::size_t N>
[[nodiscard]] consteval std::array<char, N> descriptor_text(std::string_view text) {
  std::array<char, N> out{};
  if (text.empty() || text.size() >= N) throw "a descriptor text is empty or too long";
  std::copy(text.begin(), text.end(), out.begin());
  return out;
}

/// Says whether the text can name a plugin: lower-case letters, digits and hyphens, at least one.
[[nodiscard]] constexpr bool is_plugin_id(std::string_view id) noexcept {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// The id as a descriptor holds it; one that is_plugin_id denies does not compile.
[[nodiscard]] consteval std::array<char, 64> descriptor_id(std::string_view id) {
  if (!is_plugin_id(id)) throw "a plugin id has lower-case letters, digits and hyphens only";
  return descriptor_text<64>(id);
}

}  // namespace patchbay

/// Exports a plugin. Stands outside any namespace, once in a module:
/// `PATCHBAY_PLUGIN(MyPattern, "my-pattern", "1.0.0", "One line.", patchbay::kTraitDurable);`
#define PATCHBAY_PLUGIN(PatternType, id_text, version_text, description_text, trait_bits)    \
  extern "C"                                                                                 \
      __attribute__((visibility("default"),                                                  \
                     used)) constinit const ::patchbay::PluginDescriptor patchbay_plugin = { \
          ::patchbay::kPluginMagic,                                                          \
          ::patchbay::kInterfaceVersion,                                                     \
          trait_bits,                                                                        \
          ::patchbay::abi_stamp(),                                                           \
          ::patchbay::descriptor_id(id_text),                                                \
          ::patchbay::descriptor_text<32>(version_text),                                     \
          ::patchbay::descriptor_text<160>(description_text),                                \
          []() -> ::patchbay::Pattern* { return new PatternType(); },                        \
          [](::patchbay::Pattern* pattern) noexcept { delete pattern; }}
