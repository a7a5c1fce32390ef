#include "plugin_host/plugin_registry.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <unigate/json.hpp>

#include "base/text.hpp"
#include "plugin_host/plugin_loader.hpp"

namespace unigate::plugin_host {
namespace {

namespace fs = std::filesystem;

const base::Clock& systemClock() {
  static const base::SystemClock clock;
  return clock;
}

}  // namespace

std::string_view toText(PluginState state) {
  switch (state) {
    case PluginState::loaded:
      return "loaded";
    case PluginState::quarantined:
      return "quarantined";
    case PluginState::refused:
      break;
  }
  return "refused";
}

struct PluginRegistry::Loaded {
  PluginEntry entry;
  std::shared_ptr<Plugin> plugin;  // shared with instances; null when refused
  const ug_host* host = nullptr;
};

PluginRegistry::PluginRegistry(Settings settings) : settings_(std::move(settings)) {
  if (settings_.clock == nullptr) settings_.clock = &systemClock();
}

PluginRegistry::~PluginRegistry() {
  for (const auto& slot : slots_) {
    if (slot->host != nullptr) muteHostTable(slot->host);
  }
}

void PluginRegistry::load() {
  for (const std::string& directory : settings_.directories) loadDirectory(directory);
}

void PluginRegistry::loadDirectory(const std::string& directory) {
  // By id: the library and the manifest, either may be missing.
  std::map<std::string, std::pair<fs::path, fs::path>> found;
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  while (!error && entries != fs::directory_iterator()) {
    const fs::path& path = entries->path();
    if (path.extension() == ".so") found[path.stem().string()].first = path;
    if (const std::string id = idOfManifestFile(path); !id.empty()) found[id].second = path;
    entries.increment(error);
  }
  if (error) {
    auto slot = std::make_unique<Loaded>();
    slot->entry.path = directory;
    slot->entry.reason = "plugin directory " + directory + " can't be read: " + error.message();
    slots_.push_back(std::move(slot));
  }
  for (const auto& [id, paths] : found) addEntry(paths.first, paths.second);
}

namespace {

constexpr std::size_t kVerifiedBytesMax = 256 * 1024;

// The record of another version proves nothing of this one.
std::string verifiedBeside(const fs::path& manifestFile, const Manifest& manifest) {
  std::ifstream file(manifestFile.parent_path() / (manifest.id + ".verified.json"),
                     std::ios::binary);
  std::string text(kVerifiedBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  json::Document document;
  json::ReadError error;
  if (text.size() > kVerifiedBytesMax || !document.parse(text, error) ||
      document["provider"].stringOr("") != manifest.id ||
      document["version"].stringOr("") != manifest.version) {
    return {};
  }
  return text;
}

}  // namespace

void PluginRegistry::addEntry(const fs::path& library, const fs::path& manifest) {
  auto slot = std::make_unique<Loaded>();
  PluginEntry& entry = slot->entry;
  entry.path = library.empty() ? manifest : library;
  entry.id = library.empty() ? idOfManifestFile(manifest) : library.stem().string();
  if (!manifest.empty()) {
    if (auto read = loadManifest(manifest)) {
      entry.manifest = std::move(*read);
      entry.verified = verifiedBeside(manifest, *entry.manifest);
    }
  }
  const auto twin = std::find_if(slots_.begin(), slots_.end(), [&](const auto& other) {
    return other->entry.id == entry.id && other->plugin != nullptr;
  });
  if (twin != slots_.end()) {
    entry.reason = entry.path.filename().string() + ": " + entry.id + " is already loaded from " +
                   (*twin)->entry.path.string() + "; remove one of them";
  } else if (library.empty()) {
    entry.reason = manifest.filename().string() + ": there is no " + entry.id + ".so beside it";
  } else {
    addLoaded(*slot);
  }
  slots_.push_back(std::move(slot));
}

void PluginRegistry::addLoaded(Loaded& slot) {
  auto file = checkFile(slot.entry.path);
  if (!file) {
    slot.entry.reason = std::move(file.error());
    return;
  }
  LoadSettings settings;
  settings.plugin.limits = settings_.limits;
  settings.plugin.allowDrafts = settings_.allowDrafts;
  settings.plugin.clock = settings_.clock;
  settings.product = settings_.product;
  settings.log = settings_.log;
  auto loaded = loadPlugin(*file, settings);
  if (!loaded) {
    slot.entry.reason = std::move(loaded.error());
    return;
  }
  slot.plugin = std::move(loaded->plugin);
  slot.host = loaded->host;
  slot.entry.state = PluginState::loaded;
}

PluginEntry PluginRegistry::snapshot(const Loaded& slot) const {
  PluginEntry entry = slot.entry;
  if (slot.plugin == nullptr) return entry;
  if (auto reason = slot.plugin->quarantineReason()) {
    entry.state = PluginState::quarantined;
    entry.reason = std::move(*reason);
  }
  return entry;
}

std::vector<PluginEntry> PluginRegistry::entries() const {
  std::vector<PluginEntry> result;
  for (const auto& slot : slots_) result.push_back(snapshot(*slot));
  return result;
}

Plugin* PluginRegistry::find(std::string_view id) const {
  for (const auto& slot : slots_) {
    if (slot->entry.id != id || slot->plugin == nullptr) continue;
    return slot->plugin->quarantineReason() ? nullptr : slot->plugin.get();
  }
  return nullptr;
}

base::Result<std::shared_ptr<Plugin>> PluginRegistry::use(std::string_view id) const {
  const Loaded* refused = nullptr;
  for (const auto& slot : slots_) {
    if (slot->entry.id != id) continue;
    if (slot->plugin == nullptr) {
      refused = slot.get();
      continue;
    }
    if (auto reason = slot->plugin->quarantineReason()) {
      return base::fail(503, "provider_quarantined",
                        "provider " + slot->entry.id + " is out of service: " + *reason,
                        "provider");
    }
    return slot->plugin;
  }
  if (refused != nullptr && !id.empty()) {
    return base::fail(
        503, "provider_refused",
        "provider " + refused->entry.id + " could not be loaded: " + refused->entry.reason,
        "provider");
  }
  return base::fail(404, "unknown_provider", "there is no provider " + base::printable(id),
                    "provider");
}

}  // namespace unigate::plugin_host
