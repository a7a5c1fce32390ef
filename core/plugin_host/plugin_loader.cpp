#include "plugin_host/plugin_loader.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unigate/plugin.h>
#include <unistd.h>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "plugin_host/descriptor_check.hpp"

namespace unigate::plugin_host {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLibraryBytesMax = 256u * 1024 * 1024;
constexpr std::string_view kEntryPrefix = "unigate_plugin_v";

// Why others could change this file or directory; empty when they can't.
std::string ownershipFault(const fs::path& path, bool directory, Trust trust) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return std::string("can't be read: ") + std::strerror(errno);
  if (directory ? !S_ISDIR(status.st_mode) : !S_ISREG(status.st_mode)) {
    return directory ? "is no directory" : "is no regular file (links are not followed)";
  }
  if (trust == Trust::anyOwner) return {};
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return "is writable by group or others; chmod go-w it";
  }
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return "belongs to user " + std::to_string(status.st_uid) +
           "; it must be root's or the gateway's";
  }
  return {};
}

std::optional<std::string> readFile(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(size), '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (stream.gcount() != static_cast<std::streamsize>(bytes.size())) return std::nullopt;
  return bytes;
}

// Looks for the entry point of our major among what the library exports.
std::string abiFault(const ElfFile& elf) {
  std::set<std::uint32_t> majors;
  for (const ExportedSymbol& symbol : elf.exports) {
    const std::string_view name = symbol.name;
    if (name.substr(0, kEntryPrefix.size()) != kEntryPrefix) continue;
    const std::string_view digits = name.substr(kEntryPrefix.size());
    std::uint32_t major = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), major);
    if (error == std::errc() && end == digits.data() + digits.size()) majors.insert(major);
  }
  if (majors.count(UG_ABI_MAJOR) != 0) return {};
  const std::string ours = std::to_string(UG_ABI_MAJOR);
  if (majors.empty()) return "exports no " UG_ENTRY_SYMBOL ", so it is no unigate plugin";
  return "exports abi major " + std::to_string(*majors.rbegin()) + ", this gateway speaks " + ours +
         "; rebuild with sdk " + ours + ".x";
}

std::string manifestAbiFault(const Manifest& manifest) {
  if (manifest.abiMajor != UG_ABI_MAJOR) {
    return "abi.major is " + std::to_string(manifest.abiMajor) + ", this gateway speaks " +
           std::to_string(UG_ABI_MAJOR);
  }
  if (manifest.abiMinMinor > UG_ABI_MINOR) {
    return "abi.min_minor is " + std::to_string(manifest.abiMinMinor) + ", this gateway speaks " +
           std::to_string(UG_ABI_MAJOR) + "." + std::to_string(UG_ABI_MINOR) +
           "; upgrade the gateway";
  }
  return {};
}

std::string filesFault(const fs::path& library, const fs::path& manifest, Trust trust) {
  const fs::path directory = library.has_parent_path() ? library.parent_path() : fs::path(".");
  std::error_code error;
  const fs::path real = fs::canonical(directory, error);
  if (error) return "its directory can't be read: " + error.message();
  if (std::string fault = ownershipFault(real, true, trust); !fault.empty()) {
    return "its directory " + real.string() + " " + fault;
  }
  if (std::string fault = ownershipFault(library, false, trust); !fault.empty()) return fault;
  if (!fs::exists(manifest, error)) {
    return "has no manifest; put " + manifest.filename().string() + " beside it";
  }
  if (std::string fault = ownershipFault(manifest, false, trust); !fault.empty()) {
    return "its manifest " + manifest.filename().string() + " " + fault;
  }
  if (fs::file_size(library, error) > kLibraryBytesMax || error) return "is larger than 256 MiB";
  return {};
}

// What the dynamic loader said, out of Boost's longer sentence.
std::string loaderWords(std::string_view message) {
  constexpr std::string_view kBefore = "dlerror system message: ";
  if (const std::size_t at = message.find(kBefore); at != std::string_view::npos) {
    message.remove_prefix(at + kBefore.size());
    message = message.substr(0, message.rfind("): "));
  }
  return base::printable(message, 400);
}

}  // namespace

fs::path manifestPathOf(const fs::path& library) {
  return library.parent_path() / (library.stem().string() + ".plugin.yaml");
}

tl::expected<CheckedFile, std::string> checkFile(const fs::path& library, Trust trust) {
  const auto refuse = [&](const std::string& why) {
    return tl::unexpected(library.filename().string() + ": " + why);
  };
  const fs::path manifestPath = manifestPathOf(library);
  if (std::string fault = filesFault(library, manifestPath, trust); !fault.empty())
    return refuse(fault);
  auto manifest = loadManifest(manifestPath);
  if (!manifest) return tl::unexpected(std::move(manifest.error()));
  const auto bytes = readFile(library);
  if (!bytes) return refuse("can't be read");
  if (!manifest->sha256.empty()) {
    if (const std::string digest = base::sha256Hex(*bytes); digest != manifest->sha256) {
      return refuse("sha256 is " + digest + ", the manifest says " + manifest->sha256);
    }
  }
  auto elf = readElf(*bytes);
  if (!elf) return refuse(elf.error());
  if (std::string fault = abiFault(*elf); !fault.empty()) return refuse(fault);
  if (std::string fault = manifestAbiFault(*manifest); !fault.empty()) return refuse(fault);
  return CheckedFile{library, std::move(*manifest), std::move(*elf)};
}

tl::expected<const ug_plugin*, std::string> enterLibrary(
    const CheckedFile& file, const ug_host* host, const std::function<std::string()>& lastLine) {
  const std::string name = file.library.filename().string() + ": ";
  ug_entry_fn entry = nullptr;
  try {
    // NODELETE: a frame, a unique symbol or a thread-local that outlives dlclose would crash us.
    constexpr auto kMode =
        static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    boost::dll::shared_library library(fs::absolute(file.library), kMode);
    entry = reinterpret_cast<ug_entry_fn>(
        reinterpret_cast<void*>(library.get<void()>(UG_ENTRY_SYMBOL)));
  } catch (const std::exception& error) {
    return tl::unexpected(name + "can't be loaded: " + loaderWords(error.what()));
  }
  const ug_plugin* table = nullptr;
  try {
    table = entry(host);
  } catch (...) {
    return tl::unexpected(name + "its entry point threw an exception");
  }
  if (table == nullptr) {
    const std::string said = lastLine();
    return tl::unexpected(name + "its entry point refused this gateway" +
                          (said.empty() ? std::string(" without a word") : ": " + said));
  }
  if (std::string fault = findTableFault(*table); !fault.empty())
    return tl::unexpected(name + fault);
  if (std::string fault = findDescriptorFault(*table->descriptor, file.manifest); !fault.empty()) {
    return tl::unexpected(name + fault);
  }
  return table;
}

tl::expected<LoadedPlugin, std::string> loadPlugin(const CheckedFile& file,
                                                   const LoadSettings& settings) {
  const ug_host* host =
      makeHostTable({file.manifest.id, settings.product, settings.plugin.limits, settings.log});
  auto table = enterLibrary(file, host, [host] { return lastLogLine(host); });
  if (!table) return tl::unexpected(std::move(table.error()));
  auto plugin = Plugin::make(*table, file.manifest, settings.plugin);
  if (!plugin) {
    return tl::unexpected(manifestPathOf(file.library).filename().string() + ": " + plugin.error());
  }
  return LoadedPlugin{std::move(*plugin), host};
}

}  // namespace unigate::plugin_host
