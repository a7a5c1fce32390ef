// Takes one plugin from its two files to a Plugin, with every check on the way. Used by the
// registry and by the check kit.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "plugin_host/elf_file.hpp"
#include "plugin_host/host_table.hpp"
#include "plugin_host/manifest.hpp"
#include "plugin_host/plugin.hpp"

struct ug_host;

namespace unigate::plugin_host {

// A plugin that passed every check which needs none of its code.
struct CheckedFile {
  std::filesystem::path library;
  Manifest manifest;
  ElfFile elf;
};

// Whether files that others could have changed are refused: always, but for a developer's own
// build.
enum class Trust { strict, anyOwner };

// Both files are regular, not writable by group or others and owned by root or us; so is their
// directory. The manifest is sound, the digest fits, the library is for this machine and exports
// this ABI major. None of the plugin's code runs. The error is one line that starts with the file's
// name.
tl::expected<CheckedFile, std::string> checkFile(const std::filesystem::path& library,
                                                 Trust trust = Trust::strict);

// The path of the manifest that belongs to a library: "acme.plugin.yaml" beside "acme.so".
std::filesystem::path manifestPathOf(const std::filesystem::path& library);

struct LoadSettings {
  Plugin::Settings plugin;
  std::string product;
  PluginLog log;
};

struct LoadedPlugin {
  std::shared_ptr<Plugin> plugin;
  const ug_host* host = nullptr;
};

// Loads the library, for ever, and calls its entry point with `host`; the table must be whole and
// its descriptor equal to the manifest. `lastLine` is asked for the plugin's words when it refuses
// the host. One thread at a time.
tl::expected<const ug_plugin*, std::string> enterLibrary(
    const CheckedFile& file, const ug_host* host, const std::function<std::string()>& lastLine);

// enterLibrary with a host table of its own, then Plugin::make. One thread at a time.
tl::expected<LoadedPlugin, std::string> loadPlugin(const CheckedFile& file,
                                                   const LoadSettings& settings);

}  // namespace unigate::plugin_host
