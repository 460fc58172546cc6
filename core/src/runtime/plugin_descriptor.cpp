#include "runtime/plugin_descriptor.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "runtime/elf_symbols.hpp"

namespace patchbay {
namespace {

std::string sanitizer_name(std::uint32_t number) {
  constexpr std::array<const char*, 3> kNames{"none", "address", "thread"};
  return number < kNames.size() ? kNames[number] : std::to_string(number);
}

/// Makes the errors of one file.
class Refusal {
 public:
  explicit Refusal(const std::filesystem::path& path)
      : start_("The plugin " + path.string() + " ") {}

  [[nodiscard]] tl::unexpected<Error> rejected(const std::string& why) const {
    return failure(ErrorCode::rejected, start_ + why);
  }
  [[nodiscard]] tl::unexpected<Error> unsupported(const std::string& why) const {
    return failure(ErrorCode::unsupported, start_ + why);
  }

 private:
  std::string start_;
};

/// No interface version may move these two: they lead every descriptor.
Result<void> check_head(std::span<const std::byte> content, const Refusal& refusal) {
  std::uint64_t magic = 0;
  std::uint32_t interface_version = 0;
  const std::string symbol = kPluginSymbol;
  if (content.size() >= sizeof(magic) + sizeof(interface_version)) {
    std::memcpy(&magic, content.data(), sizeof(magic));
    std::memcpy(&interface_version, content.data() + sizeof(magic), sizeof(interface_version));
  }
  if (magic != kPluginMagic) {
    return refusal.rejected("has a symbol " + symbol + " that is not a plugin descriptor (wrong " +
                            "magic number); declare it with PATCHBAY_PLUGIN.");
  }
  if (interface_version != kInterfaceVersion) {
    return refusal.unsupported("speaks interface version " + std::to_string(interface_version) +
                               ", this host version " + std::to_string(kInterfaceVersion) +
                               "; build it with the SDK of this host.");
  }
  if (content.size() != sizeof(PluginDescriptor)) {
    return refusal.rejected("has a descriptor of " + std::to_string(content.size()) +
                            " bytes instead of " + std::to_string(sizeof(PluginDescriptor)) +
                            "; build it with the SDK of this host.");
  }
  return {};
}

template <std::size_t N>
std::optional<std::string> terminated(const std::array<char, N>& text) {
  const auto end = std::ranges::find(text, '\0');
  if (end == text.end()) return std::nullopt;
  return std::string(text.begin(), end);
}

/// The file as a module that can be loaded and unloaded, apart from what it describes.
Result<std::span<const std::byte>> find_descriptor(const ElfSymbols& elf, const Refusal& refusal) {
  for (const ExportedSymbol& symbol : elf.exported()) {
    if (!symbol.unique) continue;
    return refusal.rejected("exports the unique symbol " + std::string(symbol.name) +
                            " and could never be unloaded; build it with patchbay_add_plugin, or " +
                            "with -fno-gnu-unique.");
  }
  if (elf.stays_loaded()) {
    return refusal.rejected(
        "was linked with -z nodelete and could never be unloaded; link it "
        "without.");
  }
  const ExportedSymbol* symbol = elf.find(kPluginSymbol);
  if (symbol == nullptr) {
    return refusal.rejected("does not export the symbol " + std::string(kPluginSymbol) +
                            "; declare the pattern with PATCHBAY_PLUGIN in one source file.");
  }
  const auto content = elf.content(*symbol);
  if (!symbol->data || !content) {
    return refusal.rejected(
        "makes its descriptor only when it runs; declare the pattern with "
        "PATCHBAY_PLUGIN, which makes it a constant.");
  }
  return *content;
}

Result<PluginInspection> read_descriptor(const PluginDescriptor& descriptor,
                                         const Refusal& refusal) {
  const std::string difference = stamp_difference(descriptor.abi, abi_stamp());
  if (!difference.empty()) {
    return refusal.unsupported("was built differently from this host: " + difference +
                               "; build it with the same compiler, options and SDK.");
  }
  const auto id = terminated(descriptor.id);
  const auto version = terminated(descriptor.version);
  const auto description = terminated(descriptor.description);
  if (!id || !version || !description) {
    return refusal.rejected(
        "has a descriptor whose id, version or description does not end within "
        "its array; declare it with PATCHBAY_PLUGIN.");
  }
  if (!is_plugin_id(*id)) {
    return refusal.rejected("has the id \"" + *id +
                            "\"; an id has lower-case letters, digits and hyphens only.");
  }
  return PluginInspection{{}, *id, *version, *description, descriptor.traits};
}

}  // namespace

std::string stamp_difference(const AbiStamp& plugin, const AbiStamp& host) {
  std::string text;
  const auto differ = [&text](std::string_view what, const std::string& theirs,
                              const std::string& ours) {
    if (theirs == ours) return;
    text += (text.empty() ? "" : ", ") + std::string(what) + " " + theirs + " instead of " + ours;
  };
  differ("compiler ABI", std::to_string(plugin.compiler_abi), std::to_string(host.compiler_abi));
  differ("_GLIBCXX_USE_CXX11_ABI", std::to_string(plugin.cxx11_abi),
         std::to_string(host.cxx11_abi));
  differ("sanitizer", sanitizer_name(plugin.sanitizer), sanitizer_name(host.sanitizer));
  for (std::size_t at = 0; at < kStampedTypes.size(); ++at) {
    differ("size of " + std::string(kStampedTypes[at]), std::to_string(plugin.sizes[at]),
           std::to_string(host.sizes[at]));
  }
  return text;
}

Result<PluginInspection> inspect_plugin(std::span<const std::byte> bytes,
                                        const std::filesystem::path& path) {
  const Refusal refusal(path);
  const auto elf = ElfSymbols::parse(bytes, path.string());
  if (!elf) return tl::unexpected(elf.error());
  const auto content = find_descriptor(*elf, refusal);
  if (!content) return tl::unexpected(content.error());
  if (auto head = check_head(*content, refusal); !head) return tl::unexpected(head.error());

  PluginDescriptor descriptor;
  std::memcpy(&descriptor, content->data(), sizeof(descriptor));
  auto inspection = read_descriptor(descriptor, refusal);
  if (inspection) inspection->path = path;
  return inspection;
}

}  // namespace patchbay
