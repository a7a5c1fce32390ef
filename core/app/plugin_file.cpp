#include "app/plugin_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "plugin_host/plugin_loader.hpp"
#include "plugin_host/sample_settings.hpp"

namespace unigate::app {

namespace {

constexpr std::size_t kFileBytesMax = 64UL * 1024 * 1024;

void tellLine(std::string_view pluginId, std::uint32_t, std::string_view message) {
  std::fprintf(stderr, "%s: %s\n", std::string(pluginId).c_str(), std::string(message).c_str());
}

}  // namespace

tl::expected<std::unique_ptr<PluginFile>, std::string> PluginFile::load(
    const std::string& library) {
  std::error_code unknown;
  if (!std::filesystem::exists(library, unknown))
    return tl::unexpected(library + ": there is no such file");
  std::unique_ptr<PluginFile> file(new PluginFile());
  auto checked =
      plugin_host::checkFile(std::filesystem::absolute(library), plugin_host::Trust::anyOwner);
  if (!checked) return tl::unexpected(checked.error());
  plugin_host::LoadSettings settings;
  settings.plugin.clock = &file->clock_;
  // An author's trial is not a provider in service: nothing is quarantined.
  settings.plugin.faultsBeforeQuarantine = UINT32_MAX;
  settings.product = "unigate/" UNIGATE_VERSION;
  settings.log = tellLine;
  auto loaded = plugin_host::loadPlugin(*checked, settings);
  if (!loaded) return tl::unexpected(loaded.error());
  file->plugin_ = std::move(loaded->plugin);
  return file;
}

tl::expected<std::string, std::string> PluginFile::settings(const std::string& settingsJson) const {
  return plugin_host::sampleSettings(plugin_->manifest(), settingsJson);
}

tl::expected<std::shared_ptr<plugin_host::Instance>, std::string> PluginFile::instance(
    plugin_host::Mode mode, const std::string& settingsJson) {
  const auto whole = settings(settingsJson);
  if (!whole) return tl::unexpected(whole.error());
  const auto found = instances_.find({mode, *whole});
  if (found != instances_.end()) return found->second;
  auto made = plugin_->createInstance(mode, *whole);
  if (!made) return tl::unexpected(made.error().detail);
  instances_[{mode, *whole}] = *made;
  return *made;
}

tl::expected<std::string, std::string> readText(const std::string& path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return tl::unexpected(path + ": can't be read");
    text.assign(std::istreambuf_iterator<char>(stream), {});
  }
  if (text.size() > kFileBytesMax) return tl::unexpected(path + ": is larger than 64 MiB");
  return text;
}

tl::expected<std::unique_ptr<json::Document>, std::string> readJson(const std::string& path) {
  const auto text = readText(path);
  if (!text) return tl::unexpected(text.error());
  auto document = std::make_unique<json::Document>();
  json::ReadError error;
  if (!document->parse(*text, error, {64, kFileBytesMax})) {
    return tl::unexpected(path + ": no strict JSON: " + error.message + " at byte " +
                          std::to_string(error.offset));
  }
  return document;
}

}  // namespace unigate::app
