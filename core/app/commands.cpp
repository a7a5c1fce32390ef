#include "app/commands.hpp"

#include <cstdio>

#include "app/harden.hpp"
#include "app/open_store.hpp"
#include "app/server.hpp"
#include "app/vault_roots.hpp"
#include "store/migrations.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

int failed(const std::string& text) {
  std::fprintf(stderr, "unigate: %s\n", text.c_str());
  return 1;
}

int misused(const std::string& usage, const std::string& text) {
  if (!text.empty()) std::fprintf(stderr, "unigate: %s\n", text.c_str());
  std::fprintf(stderr, "usage: %s\n", usage.c_str());
  return 2;
}

std::optional<Arguments> parseOrExplain(const Words& words, const std::vector<OptionSpec>& specs,
                                        const std::string& usage, int& exitCode, bool takesWords) {
  auto arguments = Arguments::parse(words, specs);
  if (!arguments) {
    exitCode = misused(usage, arguments.error().detail);
    return std::nullopt;
  }
  if (arguments->has("help")) {
    std::printf("usage: %s\n", usage.c_str());
    exitCode = 0;
    return std::nullopt;
  }
  if (!takesWords && !arguments->rest().empty() && usage.find("FILE.so") == std::string::npos) {
    exitCode = misused(usage, "\"" + arguments->rest().front() + "\" is not expected here");
    return std::nullopt;
  }
  return std::move(*arguments);
}

std::optional<Config> configOrExplain(const std::string& path) {
  auto config = loadConfig(path);
  if (config) return std::move(*config);
  for (const std::string& line : config.error()) failed(line);
  return std::nullopt;
}

std::unique_ptr<Office> openOffice(const Config& config) {
  auto office = std::make_unique<Office>();
  hardenProcess();
  office->config = config;
  auto vault = vault::Vault::open(config.keyEncryptionKey, office->random, config.previousKeys);
  if (!vault) {
    failed(vault.error().detail);
    return nullptr;
  }
  office->vault = std::move(*vault);
  auto store = openStore(config, office->clock);
  if (!store) {
    failed(store.error().detail);
    return nullptr;
  }
  office->store = std::move(*store);
  if (const auto status = joinVault(*office->vault, *office->store, office->clock, office->random);
      !status) {
    failed(status.error().detail);
    return nullptr;
  }
  office->directory = std::make_unique<identity::Directory>(*office->store, *office->vault,
                                                            office->clock, office->random);
  auto reader = office->store->openReader();
  if (!reader) {
    failed(reader.error().detail);
    return nullptr;
  }
  office->reader = std::move(*reader);
  return office;
}

int serveCommand(const Words& words) {
  int exitCode = 0;
  const auto arguments = parseOrExplain(words, {}, "unigate serve [--config FILE]", exitCode);
  if (!arguments) return exitCode;
  const auto config = configOrExplain(arguments->config());
  if (!config) return 1;
  if (const auto status = runServer(*config); !status) return failed(status.error().detail);
  return 0;
}

int migrateCommand(const Words& words) {
  int exitCode = 0;
  const auto arguments =
      parseOrExplain(words, {}, "unigate migrate [--config FILE] [--json]", exitCode);
  if (!arguments) return exitCode;
  const auto config = configOrExplain(arguments->config());
  if (!config) return 1;
  const base::SystemClock clock;
  const bool owned = !config->storeOwnerUrl.empty();
  const auto report = owned ? store::migrate(config->storeOwnerUrl, clock, config->storeUrl)
                            : store::migrate(config->storeUrl, clock);
  if (!report) return failed(report.error().detail);
  if (arguments->json()) {
    json::Writer out;
    out.beginObject().member("version", report->version).key("applied").beginArray();
    for (const store::Migration& each : report->applied) out.value(each.name);
    out.endArray().endObject();
    std::printf("%s\n", out.take().c_str());
    return 0;
  }
  for (const store::Migration& each : report->applied) {
    std::printf("applied %04lld %s\n", static_cast<long long>(each.version), each.name.c_str());
  }
  std::printf("the database is at version %lld\n", static_cast<long long>(report->version));
  return 0;
}

int configCommand(const Words& words) {
  const std::string usage = "unigate config check [--config FILE] [--json]";
  if (words.empty()) return misused(usage, "");
  if (words.front() != "check")
    return misused(usage, "there is no \"config " + words.front() + "\"");
  int exitCode = 0;
  const auto arguments = parseOrExplain({words.begin() + 1, words.end()}, {}, usage, exitCode);
  if (!arguments) return exitCode;
  const auto config = loadConfig(arguments->config());
  if (arguments->json()) {
    json::Writer out;
    out.beginObject().member("ok", config.has_value()).key("problems").beginArray();
    if (!config) {
      for (const std::string& line : config.error()) out.value(line);
    }
    out.endArray().endObject();
    std::printf("%s\n", out.take().c_str());
    return config ? 0 : 1;
  }
  if (!config) {
    for (const std::string& line : config.error()) failed(line);
    return 1;
  }
  std::printf("%s is sound\n", arguments->config().c_str());
  return 0;
}

int keygenCommand(const Words& words) {
  int exitCode = 0;
  const auto arguments = parseOrExplain(words, {{"out", "FILE", "where to write the key", true}},
                                        "unigate keygen --out FILE [--json]", exitCode);
  if (!arguments) return exitCode;
  base::SystemRandom random;
  const std::string path = arguments->get("out");
  if (const auto status = vault::createKekFile(path, random); !status)
    return failed(status.error().detail);
  const auto vault = vault::Vault::open("file:" + path, random);
  if (!vault) return failed(vault.error().detail);
  if (arguments->json()) {
    json::Writer out;
    out.beginObject().member("file", path).member("key_id", (*vault)->keyId()).endObject();
    std::printf("%s\n", out.take().c_str());
  } else {
    std::printf(
        "%s: new key-encryption key %s (mode 0400). Keep a copy apart from the database: without "
        "it stored "
        "credentials are lost.\n",
        path.c_str(), (*vault)->keyId().c_str());
  }
  return 0;
}

}  // namespace unigate::app
