#include "plugin_host/elf_file.hpp"

#include <elf.h>

#include <cstring>
#include <optional>

namespace unigate::plugin_host {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kThisMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kThisMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half kThisMachine = EM_RISCV;
#else
#error "name this machine's ELF number here"
#endif

constexpr std::size_t kSymbolsMax = 1'000'000;

std::string machineName(Elf64_Half machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "aarch64";
    case EM_RISCV:
      return "riscv";
    case EM_386:
      return "i386";
    case EM_ARM:
      return "arm";
    default:
      return "machine " + std::to_string(machine);
  }
}

// Copies a T out of `bytes`; empty when it does not lie wholly inside.
template <typename T>
std::optional<T> readAt(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

std::optional<std::string_view> rangeOf(std::string_view bytes, const Elf64_Shdr& section) {
  if (section.sh_offset > bytes.size() || bytes.size() - section.sh_offset < section.sh_size) {
    return std::nullopt;
  }
  return bytes.substr(section.sh_offset, section.sh_size);
}

std::string headerFault(std::string_view bytes, const Elf64_Ehdr& header) {
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return "is no ELF library";
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return "is a 32-bit library, this gateway is 64-bit";
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) return "is a big-endian library";
  if (header.e_machine != kThisMachine) {
    return "is built for " + machineName(header.e_machine) + ", this gateway runs on " +
           machineName(kThisMachine);
  }
  if (header.e_type != ET_DYN) return "is no shared library";
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0 ||
      !readAt<Elf64_Shdr>(bytes, header.e_shoff)) {
    return "has no section table (truncated or stripped of it)";
  }
  return {};
}

// A library cut short would kill the process with SIGBUS when it is mapped.
bool segmentsFit(std::string_view bytes, const Elf64_Ehdr& header) {
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = readAt<Elf64_Phdr>(bytes, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) return false;
    if (segment->p_type != PT_LOAD) continue;
    if (segment->p_offset > bytes.size() || bytes.size() - segment->p_offset < segment->p_filesz) {
      return false;
    }
  }
  return header.e_phnum > 0 && header.e_phentsize == sizeof(Elf64_Phdr);
}

tl::expected<std::vector<ExportedSymbol>, std::string> readExports(std::string_view symbols,
                                                                   std::string_view names) {
  const std::size_t count = symbols.size() / sizeof(Elf64_Sym);
  if (count > kSymbolsMax) return tl::unexpected<std::string>("has an absurd number of symbols");
  std::vector<ExportedSymbol> exports;
  for (std::size_t i = 0; i < count; ++i) {
    const auto symbol = *readAt<Elf64_Sym>(symbols, i * sizeof(Elf64_Sym));
    const auto binding = ELF64_ST_BIND(symbol.st_info);
    const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    if (binding == STB_LOCAL || symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS ||
        (visibility != STV_DEFAULT && visibility != STV_PROTECTED)) {
      continue;
    }
    if (symbol.st_name >= names.size())
      return tl::unexpected<std::string>("has a damaged symbol table");
    const std::string_view tail = names.substr(symbol.st_name);
    const std::size_t end = tail.find('\0');
    if (end == std::string_view::npos)
      return tl::unexpected<std::string>("has a damaged symbol table");
    exports.push_back(
        {std::string(tail.substr(0, end)), binding == STB_GNU_UNIQUE, binding == STB_WEAK});
  }
  return exports;
}

}  // namespace

tl::expected<ElfFile, std::string> readElf(std::string_view bytes) {
  const auto header = readAt<Elf64_Ehdr>(bytes, 0);
  if (!header) return tl::unexpected<std::string>("is no ELF library (too short)");
  if (std::string fault = headerFault(bytes, *header); !fault.empty()) {
    return tl::unexpected<std::string>(std::move(fault));
  }
  if (!segmentsFit(bytes, *header)) {
    return tl::unexpected<std::string>("has damaged segments (truncated?)");
  }
  const auto sectionAt = [&](std::uint64_t index) {
    return readAt<Elf64_Shdr>(bytes, header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto section = sectionAt(i);
    if (!section) return tl::unexpected<std::string>("has a damaged section table (truncated?)");
    if (section->sh_type != SHT_DYNSYM) continue;
    const auto nameSection = sectionAt(section->sh_link);
    const auto symbols = rangeOf(bytes, *section);
    const auto names = nameSection ? rangeOf(bytes, *nameSection) : std::nullopt;
    if (!symbols || !names)
      return tl::unexpected<std::string>("has a damaged symbol table (truncated?)");
    auto exports = readExports(*symbols, *names);
    if (!exports) return tl::unexpected<std::string>(std::move(exports.error()));
    return ElfFile{std::move(*exports)};
  }
  return tl::unexpected<std::string>("has no dynamic symbols");
}

}  // namespace unigate::plugin_host
