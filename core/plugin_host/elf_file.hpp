// A look into a shared library without running any of it: is it for this machine, what does it
// export? Used by the registry before a plugin is loaded, and by the check kit's export scan.
//
// Boost's library_info (1.74) isn't used for it: it reads .symtab, which a stripped library lacks,
// not the .dynsym that the loader uses, and it trusts every offset in the file.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace unigate::plugin_host {

struct ExportedSymbol {
  std::string name;
  bool unique = false;  // STB_GNU_UNIQUE: such a library can't be told apart from a second copy
  bool weak = false;
};

struct ElfFile {
  std::vector<ExportedSymbol> exports;  // of the dynamic symbol table, in its order
};

// `bytes` is the whole file. The error says in a few words why it is no library for this machine.
// Every offset is checked; reads nothing outside of `bytes`. Any thread.
tl::expected<ElfFile, std::string> readElf(std::string_view bytes);

}  // namespace unigate::plugin_host
