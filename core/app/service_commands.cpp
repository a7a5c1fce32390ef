// `unigate service`: provider credentials of an organisation, checked against the plugin's manifest
// and stored sealed.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "app/commands.hpp"
#include "app/service_import.hpp"
#include "base/ids.hpp"
#include "gateway/registered_credentials.hpp"
#include "onboarding/credential_check.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

using plugin_host::Credential;
using plugin_host::Manifest;

std::string noOrganisation(const std::string& id) {
  return "there is no organisation " + id + "; `unigate org list` shows them";
}

struct Credentials {
  std::vector<std::pair<std::string, vault::SecretString>> secrets;
  std::vector<std::pair<std::string, std::string>> settings;
};

std::string joinNames(const Manifest& manifest) {
  std::string names;
  for (const Credential& each : manifest.credentials)
    names += (names.empty() ? "" : ", ") + each.name;
  return names;
}

// A member's name as it may be shown: in a file with names and values swapped it is a secret.
std::string shownName(std::string_view name) {
  constexpr std::size_t kCharsMax = 32;
  const bool plain = name.size() <= kCharsMax && std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || c == '_';
                     });
  return plain ? "\"" + std::string(name) + "\"" : "of one of the names in the file";
}

base::Result<Credentials> readCredentials(const Manifest& manifest, const std::string& path,
                                          const std::string& environment) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::fail(400, "unreadable", path + ": can't be read");
  std::ostringstream content;
  content << file.rdbuf();
  json::Document document;
  json::ReadError error;
  std::string text = content.str();
  const bool parsed = document.parse(text, error);
  vault::wipe(text);
  if (!parsed || !document.root().isObject()) {
    return base::fail(
        400, "invalid_json",
        path + ": must be a JSON object of text, such as {\"" + manifest.credentials.front().name +
            "\":\"...\"}" +
            (parsed ? ""
                    : " (" + error.message + " at byte " + std::to_string(error.offset) + ")"));
  }
  Credentials credentials;
  for (const json::Member& member : document.root().members()) {
    const Credential* field = manifest.findCredential(member.name);
    if (field == nullptr) {
      return base::fail(400, "unknown_field",
                        manifest.id + " has no credential " + shownName(member.name) +
                            "; it has: " + joinNames(manifest));
    }
    const auto value = member.value.string();
    if (!value) return base::fail(400, "invalid", field->name + " must be text");
    const std::string fault = onboarding::credentialFault(*field, *value, environment);
    if (!fault.empty()) return base::fail(400, "invalid", fault);
    if (field->secret) {
      credentials.secrets.emplace_back(field->name, vault::SecretString(*value));
    } else {
      credentials.settings.emplace_back(field->name, std::string(*value));
    }
  }
  for (const Credential& field : manifest.credentials) {
    if (field.required && !document[field.name].exists()) {
      return base::fail(400, "missing",
                        field.name + " is missing: " + manifest.id + " can't work without it");
    }
  }
  return credentials;
}

std::string settingsJson(const Credentials& credentials) {
  json::Writer out;
  out.beginObject();
  for (const auto& [name, value] : credentials.settings) out.member(name, value);
  out.endObject();
  return out.take();
}

base::Result<std::vector<store::SecretRecord>> seal(Office& office,
                                                    const store::ProviderAccount& account,
                                                    const Credentials& credentials) {
  std::vector<store::SecretRecord> sealed;
  for (const auto& [field, secret] : credentials.secrets) {
    auto row = gateway::sealedSecret(account.orgId, account.id, field, secret,
                                     {*office.vault, office.clock, office.random});
    if (!row) return base::fail(row.error());
    sealed.push_back(std::move(*row));
  }
  return sealed;
}

int storeCredentials(Office& office, const Arguments& arguments, const Manifest& manifest,
                     const Credentials& credentials) {
  const std::string org = arguments.get("org");
  const std::string environment = arguments.get("environment");
  auto existing = office.reader->account(org, environment, manifest.id);
  if (!existing) return failed(existing.error().detail);
  store::ProviderAccount account = existing->value_or(store::ProviderAccount{});
  const std::int64_t now = office.clock.unixMs();
  if (account.id.empty()) {
    account.id = base::makeId("acc_", office.clock, office.random);
    account.createdAt = now;
  }
  account.orgId = org;
  account.environment = environment;
  account.provider = manifest.id;
  account.settings = settingsJson(credentials);
  account.status = "unverified";
  account.updatedAt = now;
  const auto sealed = seal(office, account, credentials);
  if (!sealed) return failed(sealed.error().detail);
  if (const auto status = office.store->putAccount(account, *sealed); !status)
    return failed(status.error().detail);
  if (arguments.json()) {
    json::Writer out;
    out.beginObject()
        .member("account_id", account.id)
        .member("provider", manifest.id)
        .member("environment", environment);
    out.key("stored").beginArray();
    for (const auto& [field, secret] : credentials.secrets) out.value(field);
    for (const auto& [field, value] : credentials.settings) out.value(field);
    out.endArray().endObject();
    std::printf("%s\n", out.take().c_str());
  } else {
    std::printf("stored the %s credentials of %s for %s, sealed with key %s\n", environment.c_str(),
                manifest.id.c_str(), org.c_str(), office.vault->keyId().c_str());
  }
  return 0;
}

int setService(const Arguments& arguments) {
  const std::string environment = arguments.get("environment");
  if (environment != "test" && environment != "live")
    return failed("--environment must be test or live");
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  plugin_host::PluginRegistry::Settings settings;
  settings.directories = config->pluginDirectories;
  plugin_host::PluginRegistry plugins(std::move(settings));
  plugins.load();
  const plugin_host::Plugin* plugin = plugins.find(arguments.get("provider"));
  if (plugin == nullptr) {
    std::string known;
    for (const auto& entry : plugins.entries()) {
      if (entry.state == plugin_host::PluginState::loaded)
        known += (known.empty() ? "" : ", ") + entry.id;
    }
    return failed("no plugin \"" + arguments.get("provider") + "\" is in service (" +
                  (known.empty() ? "none is" : known) + "); `unigate plugin list` says why");
  }
  const auto credentials = readCredentials(plugin->manifest(), arguments.get("from"), environment);
  if (!credentials) return failed(credentials.error().detail);
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto org = office->reader->organisationById(arguments.get("org"));
  if (!org) return failed(org.error().detail);
  if (!org->has_value()) return failed(noOrganisation(arguments.get("org")));
  return storeCredentials(*office, arguments, plugin->manifest(), *credentials);
}

int listServices(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto org = office->reader->organisationById(arguments.get("org"));
  if (!org) return failed(org.error().detail);
  if (!org->has_value()) return failed(noOrganisation(arguments.get("org")));
  json::Writer out;
  out.beginArray();
  for (const char* environment : {"test", "live"}) {
    const auto rows = office->reader->accounts(arguments.get("org"), environment);
    if (!rows) return failed(rows.error().detail);
    for (const store::ProviderAccount& row : *rows) {
      const auto secrets = office->reader->secrets(row.orgId, row.id);
      if (!secrets) return failed(secrets.error().detail);
      out.beginObject()
          .member("account_id", row.id)
          .member("provider", row.provider)
          .member("environment", row.environment)
          .member("status", row.status)
          .key("secrets")
          .beginArray();
      std::string fields;
      for (const store::SecretRecord& secret : *secrets) {
        out.beginObject().member("field", secret.field).member("last4", secret.last4).endObject();
        fields += (fields.empty() ? "" : ", ") + secret.field + " ..." + secret.last4;
      }
      out.endArray().endObject();
      if (!arguments.json()) {
        std::printf("%-12s %-4s  %-10s  %s\n", row.provider.c_str(), row.environment.c_str(),
                    row.status.c_str(), fields.c_str());
      }
    }
  }
  out.endArray();
  if (arguments.json()) std::printf("%s\n", out.take().c_str());
  return 0;
}

}  // namespace

int serviceCommand(const Words& words) {
  const std::string usage =
      "unigate service set --org ID --provider NAME --environment test|live --from FILE.json | "
      "service list --org ID | service import --env-file FILE --org ID [--environment test|live]\n"
      "       [--provider NAME] [--no-key] [--yes]\n"
      "       [--config FILE] [--json]";
  if (words.empty()) return misused(usage, "");
  const Words rest(words.begin() + 1, words.end());
  int exitCode = 0;
  const OptionSpec org{"org", "ID", "organisation", true};
  if (words.front() == "set") {
    const auto arguments = parseOrExplain(rest,
                                          {org,
                                           {"provider", "NAME", "id of the plugin", true},
                                           {"environment", "ENV", "test or live", true},
                                           {"from", "FILE", "JSON object of credentials", true}},
                                          usage, exitCode);
    return arguments ? setService(*arguments) : exitCode;
  }
  if (words.front() == "import") {
    const auto arguments = parseOrExplain(rest,
                                          {org,
                                           {"env-file", "FILE", "the .env file", true},
                                           {"environment", "ENV", "test (the default) or live"},
                                           {"provider", "NAME", "this provider alone"},
                                           {"no-key", "", "make no API key"},
                                           {"yes", "", "store without asking"}},
                                          usage, exitCode);
    return arguments ? importServices(*arguments) : exitCode;
  }
  if (words.front() == "list") {
    const auto arguments = parseOrExplain(rest, {org}, usage, exitCode);
    return arguments ? listServices(*arguments) : exitCode;
  }
  return misused(usage, "there is no \"service " + words.front() + "\"");
}

}  // namespace unigate::app
