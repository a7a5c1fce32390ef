#include "webhooks/roots_book.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace unigate::webhooks {

namespace {

// Fills `pem`; the fault is what is wrong with the file.
std::optional<std::string> readRoots(const std::filesystem::path& file, std::string& pem) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return "can't be read";
  pem.assign(std::istreambuf_iterator<char>(stream), {});
  return findRootsRefusal(pem);
}

}  // namespace

tl::expected<RootsBook, std::string> RootsBook::make(
    const std::vector<plugin_host::PluginEntry>& plugins, const Overrides& overrides) {
  RootsBook book;
  for (const plugin_host::PluginEntry& entry : plugins) {
    const auto named = overrides.find(entry.id);
    if (!entry.manifest || (named == overrides.end() && entry.manifest->certificateRoots.empty()))
      continue;
    TrustRoots roots;
    if (named == overrides.end() && entry.manifest->certificateRoots == plugin_host::kSystemRoots) {
      roots.system = true;
    } else {
      const std::filesystem::path file =
          named != overrides.end() ? std::filesystem::path(named->second)
                                   : entry.path.parent_path() / entry.manifest->certificateRoots;
      if (auto fault = readRoots(file, roots.pem)) {
        return tl::unexpected("the webhook roots of " + entry.id + ": " + file.string() + " " +
                              *fault);
      }
    }
    book.roots_.emplace(entry.id, std::move(roots));
  }
  return book;
}

const TrustRoots& RootsBook::of(std::string_view provider) const {
  static const TrustRoots kNone;
  const auto found = roots_.find(provider);
  return found == roots_.end() ? kNone : found->second;
}

}  // namespace unigate::webhooks
