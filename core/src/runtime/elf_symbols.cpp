#include "runtime/elf_symbols.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace patchbay {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half kMachine = EM_RISCV;
#else
#error "add this machine's ELF number"
#endif

constexpr auto kByteOrder = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

bool is_shared_object(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == kByteOrder &&
         header.e_type == ET_DYN;
}

}  // namespace

/// Fills an ElfSymbols; every read is checked against the end of the bytes.
class ElfSymbols::Reader {
 public:
  Reader(ElfSymbols& elf, const std::string& path) : elf_(elf), path_(path) {}

  Result<void> read() {
    Elf64_Ehdr header{};
    if (!copy(0, header) || !is_shared_object(header)) {
      return failure(ErrorCode::rejected, "The file " + path_ + " is not a shared object of a " +
                                              "64-bit system; give the .so of a plugin.");
    }
    if (header.e_machine != kMachine) {
      return failure(ErrorCode::unsupported, "The plugin " + path_ +
                                                 " was built for another kind " +
                                                 "of processor; build it on this one.");
    }
    if (!read_segments(header) || !read_sections(header)) {
      return failure(ErrorCode::corrupt, "The plugin " + path_ + " is cut off or damaged: its " +
                                             "tables point outside the file; build it again.");
    }
    if (executable_) {
      return failure(ErrorCode::rejected, "The file " + path_ + " is a program, not a shared " +
                                              "object; give the .so of a plugin.");
    }
    return {};
  }

 private:
  template <typename T>
  [[nodiscard]] bool copy(std::uint64_t offset, T& out) const {
    const auto bytes = elf_.bytes_;
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return false;
    std::memcpy(&out, bytes.data() + offset, sizeof(T));
    return true;
  }

  bool read_segments(const Elf64_Ehdr& header) {
    for (std::uint64_t index = 0; index < header.e_phnum; ++index) {
      Elf64_Phdr segment{};
      if (!copy(header.e_phoff + index * sizeof(Elf64_Phdr), segment)) return false;
      if (segment.p_type == PT_LOAD) {
        elf_.segments_.push_back({segment.p_vaddr, segment.p_offset, segment.p_filesz});
      }
      if (segment.p_type == PT_DYNAMIC && !read_flags(segment)) return false;
    }
    return true;
  }

  bool read_flags(const Elf64_Phdr& segment) {
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz;
         at += sizeof(Elf64_Dyn)) {
      Elf64_Dyn entry{};
      if (!copy(segment.p_offset + at, entry)) return false;
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag != DT_FLAGS_1) continue;
      elf_.stays_loaded_ = (entry.d_un.d_val & DF_1_NODELETE) != 0;
      executable_ = (entry.d_un.d_val & DF_1_PIE) != 0;
    }
    return true;
  }

  bool read_sections(const Elf64_Ehdr& header) {
    for (std::uint64_t index = 0; index < header.e_shnum; ++index) {
      Elf64_Shdr section{};
      if (!copy(header.e_shoff + index * sizeof(Elf64_Shdr), section)) return false;
      if (section.sh_type != SHT_DYNSYM) continue;
      Elf64_Shdr names{};
      if (section.sh_link >= header.e_shnum ||
          !copy(header.e_shoff + section.sh_link * sizeof(Elf64_Shdr), names)) {
        return false;
      }
      if (!read_symbols(section, names)) return false;
    }
    return true;
  }

  bool read_symbols(const Elf64_Shdr& section, const Elf64_Shdr& names) {
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol{};
      if (!copy(section.sh_offset + at, symbol)) return false;
      if (symbol.st_shndx == SHN_UNDEF) continue;
      const auto name = text(names.sh_offset + symbol.st_name);
      if (!name) return false;
      elf_.exported_.push_back({*name, symbol.st_value, symbol.st_size,
                                ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE,
                                ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT});
    }
    return true;
  }

  [[nodiscard]] std::optional<std::string_view> text(std::uint64_t offset) const {
    const auto bytes = elf_.bytes_;
    if (offset >= bytes.size()) return std::nullopt;
    const auto* begin = reinterpret_cast<const char*>(bytes.data()) + offset;
    const void* end = std::memchr(begin, 0, bytes.size() - offset);
    if (end == nullptr) return std::nullopt;
    return std::string_view(begin, static_cast<std::size_t>(static_cast<const char*>(end) - begin));
  }

  ElfSymbols& elf_;
  const std::string& path_;
  bool executable_ = false;
};

Result<ElfSymbols> ElfSymbols::parse(std::span<const std::byte> bytes, const std::string& path) {
  ElfSymbols elf;
  elf.bytes_ = bytes;
  if (auto read = Reader(elf, path).read(); !read) return tl::unexpected(read.error());
  return elf;
}

const ExportedSymbol* ElfSymbols::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(exported_, name, &ExportedSymbol::name);
  return found == exported_.end() ? nullptr : &*found;
}

std::optional<std::span<const std::byte>> ElfSymbols::content(
    const ExportedSymbol& symbol) const noexcept {
  for (const Segment& segment : segments_) {
    if (symbol.address < segment.address) continue;
    const std::uint64_t into = symbol.address - segment.address;
    if (into > segment.size || segment.size - into < symbol.size) continue;
    if (segment.offset > bytes_.size() || bytes_.size() - segment.offset < into + symbol.size) {
      return std::nullopt;
    }
    return bytes_.subspan(segment.offset + into, symbol.size);
  }
  return std::nullopt;
}

}  // namespace patchbay
