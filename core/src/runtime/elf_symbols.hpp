// ElfSymbols: what a shared object exports, read from its bytes, so that the plugin loader knows a
// file before any of its code runs. Pure; a view into bytes that the caller owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <patchbay/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// A symbol that the file defines and exports.
struct ExportedSymbol {
  std::string_view name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  bool unique = false;  ///< STB_GNU_UNIQUE: pins the file in the process until its end.
  bool data = false;    ///< STT_OBJECT.
};

class ElfSymbols {
 public:
  /// ErrorCode::rejected when these are not the bytes of a shared object for this machine,
  /// ErrorCode::corrupt when they contradict themselves. `path` is for the message.
  [[nodiscard]] static Result<ElfSymbols> parse(std::span<const std::byte> bytes,
                                                const std::string& path);

  [[nodiscard]] const std::vector<ExportedSymbol>& exported() const noexcept { return exported_; }
  [[nodiscard]] const ExportedSymbol* find(std::string_view name) const noexcept;
  /// The symbol's bytes as they are in the file, before relocation; nullopt when they are not in
  /// it (zero-initialised data, or an address outside the file).
  [[nodiscard]] std::optional<std::span<const std::byte>> content(
      const ExportedSymbol& symbol) const noexcept;
  /// True when the file asks to stay loaded until the process ends (linked with -z nodelete).
  [[nodiscard]] bool stays_loaded() const noexcept { return stays_loaded_; }

 private:
  struct Segment {
    std::uint64_t address = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  class Reader;

  std::span<const std::byte> bytes_;
  std::vector<Segment> segments_;
  std::vector<ExportedSymbol> exported_;
  bool stays_loaded_ = false;
};

}  // namespace patchbay
