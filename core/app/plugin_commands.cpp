// `unigate plugin`: what is installed and in what state, and the author's conformance kit.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>

#include "app/commands.hpp"
#include "app/plugin_template.hpp"
#include "plugin_host/check/plugin_check.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

int listPlugins(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  plugin_host::PluginRegistry::Settings settings;
  settings.directories = config->pluginDirectories;
  settings.allowDrafts = config->allowDrafts;
  plugin_host::PluginRegistry plugins(std::move(settings));
  plugins.load();
  json::Writer out;
  out.beginArray();
  for (const auto& entry : plugins.entries()) {
    const std::string version = entry.manifest ? entry.manifest->version : "";
    out.beginObject()
        .member("id", entry.id)
        .member("version", version)
        .member("state", plugin_host::toText(entry.state))
        .member("reason", entry.reason)
        .member("path", entry.path.string())
        .endObject();
    if (!arguments.json()) {
      const std::string state(plugin_host::toText(entry.state));
      std::printf("%-18s %-8s %-12s %s\n", entry.id.empty() ? "-" : entry.id.c_str(),
                  version.c_str(), state.c_str(),
                  entry.reason.empty() ? entry.path.c_str() : entry.reason.c_str());
    }
  }
  out.endArray();
  if (arguments.json()) std::printf("%s\n", out.take().c_str());
  return 0;
}

int checkPlugin(const Arguments& arguments, const std::string& usage) {
  if (arguments.rest().size() != 1)
    return misused(usage, "name one library: unigate plugin check FILE.so");
  plugin_host::check::CheckOptions options;
  options.library = arguments.rest().front();
  options.json = arguments.json();
  options.transcripts = arguments.get("transcripts");
  if (arguments.has("seed")) {
    const std::string text = arguments.get("seed");
    if (text.empty() || text.size() > 18 ||
        text.find_first_not_of("0123456789") != std::string::npos) {
      return misused(usage, "--seed must be a whole number");
    }
    options.seed = std::stoull(text);
  }
  std::error_code unknown;
  if (!std::filesystem::exists(options.library, unknown))
    return failed(arguments.rest().front() + ": there is no such file");
  return plugin_host::check::runPluginCheck(options, std::cout);
}

// Writes the SDK's one-request example under another name: a plugin that builds, passes its checks
// and is to be changed.
int newPlugin(const Arguments& arguments) {
  const std::string id = arguments.get("id");
  if (!std::regex_match(id, std::regex("[a-z][a-z0-9_]{1,31}"))) {
    return failed("--id must be 2 to 32 of a-z, 0-9 and _, and start with a letter");
  }
  const std::filesystem::path out = arguments.get("out", id);
  std::error_code error;
  if (std::filesystem::exists(out, error) && !std::filesystem::is_empty(out, error)) {
    return failed(out.string() + " is there already and is not empty; choose another --out");
  }
  json::Writer list;
  list.beginArray();
  for (const TemplateFile& file : pluginTemplate()) {
    const auto named = [&id](std::string_view text) {
      return std::regex_replace(std::string(text), std::regex("one_request"), id);
    };
    const std::filesystem::path path = out / named(file.path);
    std::filesystem::create_directories(path.parent_path(), error);
    std::ofstream stream(path, std::ios::binary);
    stream << named(file.text);
    stream.close();
    if (!stream) return failed(path.string() + ": can't be written");
    list.value(path.string());
    if (!arguments.json()) std::printf("%s\n", path.c_str());
  }
  list.endArray();
  if (arguments.json()) {
    std::printf("%s\n", list.take().c_str());
    return 0;
  }
  std::printf(
      "Build it: cmake -S %s -B %s/build -DCMAKE_PREFIX_PATH=<prefix of the SDK> && cmake --build "
      "%s/build\n"
      "Check it: unigate plugin check %s/build/plugins/%s.so --transcripts %s/transcripts\n",
      out.c_str(), out.c_str(), out.c_str(), out.c_str(), id.c_str(), out.c_str());
  return 0;
}

}  // namespace

int pluginCommand(const Words& words) {
  const std::string usage =
      "unigate plugin list | plugin check FILE.so [--seed N] [--transcripts DIR] | plugin new --id "
      "ID [--out DIR]\n"
      "       plugin dry-run --plugin FILE.so (--operation NAME [--input FILE|-] [--response "
      "FILE]\n"
      "         [--settings FILE] [--key KEY] [--mode test|live] [--recovering query|resend] | "
      "--batch FILE) [--now MS]\n"
      "       plugin verify-webhooks --plugin FILE.so --vectors FILE [--events]\n"
      "       [--config FILE] [--json]";
  if (words.empty()) return misused(usage, "");
  const Words rest(words.begin() + 1, words.end());
  int exitCode = 0;
  if (words.front() == "list") {
    const auto arguments = parseOrExplain(rest, {}, usage, exitCode);
    if (!arguments) return exitCode;
    if (!arguments->rest().empty())
      return misused(usage, "\"" + arguments->rest().front() + "\" is not expected here");
    return listPlugins(*arguments);
  }
  if (words.front() == "check") {
    const auto arguments = parseOrExplain(rest,
                                          {{"seed", "N", "seed of all that is random", false},
                                           {"transcripts", "DIR", "recorded exchanges", false}},
                                          usage, exitCode);
    return arguments ? checkPlugin(*arguments, usage) : exitCode;
  }
  if (words.front() == "new") {
    const auto arguments = parseOrExplain(
        rest, {{"id", "ID", "id of the provider", true}, {"out", "DIR", "where to", false}}, usage,
        exitCode);
    return arguments ? newPlugin(*arguments) : exitCode;
  }
  if (words.front() == "dry-run") {
    const auto arguments =
        parseOrExplain(rest,
                       {{"plugin", "FILE.so", "the library", true},
                        {"operation", "NAME", "e.g. payments.create", false},
                        {"input", "FILE", "JSON of the operation's input; - reads it", false},
                        {"response", "FILE", "JSON array of answers", false},
                        {"settings", "FILE", "JSON of public credential fields", false},
                        {"key", "KEY", "idempotency key for the provider", false},
                        {"mode", "test|live", "which addresses", false},
                        {"recovering", "query|resend", "after a lost answer", false},
                        {"batch", "FILE", "JSON array of cases", false},
                        {"now", "MS", "the time, milliseconds since 1970", false}},
                       usage, exitCode);
    return arguments ? dryRunPlugin(*arguments, usage) : exitCode;
  }
  if (words.front() == "verify-webhooks") {
    const auto arguments =
        parseOrExplain(rest,
                       {{"plugin", "FILE.so", "the library", true},
                        {"vectors", "FILE", "recorded webhooks with their verdicts", true},
                        {"events", "", "show the unified events of those accepted", false}},
                       usage, exitCode);
    return arguments ? verifyWebhooks(*arguments) : exitCode;
  }
  return misused(usage, "there is no \"plugin " + words.front() + "\"");
}

}  // namespace unigate::app
