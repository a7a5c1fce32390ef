#include "app/service_import.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/commands.hpp"
#include "app/open_plugins.hpp"
#include "onboarding/connector.hpp"
#include "onboarding/credential_check.hpp"
#include "onboarding/detection.hpp"
#include "onboarding/sealed_token.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

using onboarding::Candidate;
using onboarding::Detection;
using onboarding::FieldFinding;
using onboarding::ServiceFinding;

base::Result<onboarding::EnvFile> readEnvFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::fail(400, "unreadable", path + ": can't be read");
  // One byte more than is taken, so that a file that is too long is told.
  std::string text(onboarding::kEnvBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto parsed = onboarding::EnvFile::parse(text);
  vault::wipe(text);
  if (!parsed) return base::fail(400, "invalid_env_file", path + ": " + parsed.error().detail);
  return parsed;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& each : names) text += (text.empty() ? "" : ", ") + each;
  return text;
}

void printService(const ServiceFinding& service, const std::string& environment) {
  std::printf("%s (%s): confidence %s, keys of %s\n", service.displayName.c_str(),
              service.provider.c_str(), service.confidence.c_str(), service.environment.c_str());
  std::printf("  %s\n", service.reason.c_str());
  for (const FieldFinding& field : service.fields) {
    const Candidate* chosen = field.chosen(environment);
    if (chosen != nullptr) {
      std::printf("  %-24s %-12s from %s\n", field.credential.c_str(),
                  onboarding::masked(chosen->value.reveal()).c_str(), chosen->variable.c_str());
    } else if (!field.candidates.empty()) {
      const Candidate& unfit = field.candidates.front();
      std::printf(
          "  %-24s %-12s %s: %s\n", field.credential.c_str(), "(not taken)", unfit.variable.c_str(),
          unfit.fault.empty() ? "it is a key of the other environment" : unfit.fault.c_str());
    } else if (field.required) {
      std::printf("  %-24s %-12s %s\n", field.credential.c_str(), "MISSING",
                  field.wouldFill.empty() ? field.description.c_str()
                                          : ("set " + listed(field.wouldFill)).c_str());
    }
  }
  if (!service.features.empty()) std::printf("  features: %s\n", listed(service.features).c_str());
  for (const std::string& each : service.warnings) std::printf("  note: %s\n", each.c_str());
}

void printReview(const Detection& found, const std::string& environment) {
  for (const ServiceFinding& each : found.services) printService(each, environment);
  for (const onboarding::OtherService& each : found.others) {
    std::printf("%s: seen (%s), no provider installed\n", each.name.c_str(),
                listed(each.variables).c_str());
  }
  if (!found.unknown.empty())
    std::printf("not recognised, left alone: %s\n", listed(found.unknown).c_str());
  if (!found.repeated.empty()) {
    std::printf("given more than once, the last one counts: %s\n", listed(found.repeated).c_str());
  }
}

// True when the person at the terminal says yes.
bool confirmed() {
  std::printf("Try these credentials at their providers and store those that work? [y/N] ");
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

std::vector<onboarding::ConnectRequest> requestsOf(const Arguments& arguments,
                                                   const gateway::Tenant& tenant,
                                                   const Detection& found) {
  auto pasted = onboarding::credentialsOf(found);
  std::vector<onboarding::ConnectRequest> requests;
  for (auto& [provider, environments] : pasted) {
    if (arguments.has("provider") && arguments.get("provider") != provider) continue;
    const auto values = environments.find(tenant.environment);
    if (values == environments.end()) continue;
    onboarding::ConnectRequest request;
    request.tenant = tenant;
    request.provider = provider;
    request.values = std::move(values->second);
    request.actor = "command line";
    requests.push_back(std::move(request));
  }
  return requests;
}

void printJson(const std::vector<std::string>& providers,
               const std::vector<base::Result<onboarding::Connected>>& results,
               const std::optional<identity::CreatedKey>& key, const std::string& environment) {
  json::Writer out;
  out.beginObject().member("environment", environment).key("services").beginArray();
  for (std::size_t i = 0; i < results.size(); ++i) {
    out.beginObject()
        .member("provider", providers[i])
        .member("status", results[i] ? "connected" : "failed");
    if (!results[i]) {
      out.key("problem")
          .beginObject()
          .member("code", results[i].error().code)
          .member("detail", results[i].error().detail)
          .endObject();
    }
    out.endObject();
  }
  out.endArray().key("api_key");
  if (key) {
    out.beginObject().member("id", key->id).member("api_key", key->text.reveal()).endObject();
  } else {
    out.null();
  }
  out.endObject();
  std::printf("%s\n", out.take().c_str());
}

void printResults(const std::vector<std::string>& providers,
                  const std::vector<base::Result<onboarding::Connected>>& results,
                  const std::optional<identity::CreatedKey>& key) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::printf("%s: %s\n", providers[i].c_str(),
                results[i] ? results[i]->verified ? "works, stored" : "stored, can't be tried"
                           : ("not stored: " + results[i].error().detail).c_str());
  }
  if (!key) return;
  std::printf("API key %s, shown this once:\n%s\n", key->id.c_str(),
              std::string(key->text.reveal()).c_str());
}

// Connects what was found; the exit code.
int connectFound(Office& office, OpenPlugins& plugins, const Arguments& arguments,
                 const Detection& found, const gateway::Tenant& tenant) {
  auto requests = requestsOf(arguments, tenant, found);
  if (requests.empty())
    return failed("there are no usable " + tenant.environment + " credentials in the file");
  std::vector<std::string> providers;
  for (const auto& each : requests) providers.push_back(each.provider);
  onboarding::Connector connector({*office.store,
                                   *plugins.registry,
                                   *office.vault,
                                   *plugins.endpoints,
                                   office.clock,
                                   office.random,
                                   nullptr,
                                   {}},
                                  upstreamSettings(office.config));
  const auto results = connector.connect(*office.reader, std::move(requests));
  const auto works = std::count_if(results.begin(), results.end(),
                                   [](const auto& each) { return each.has_value(); });
  std::optional<identity::CreatedKey> key;
  if (works > 0 && !arguments.has("no-key")) {
    identity::NewKey wanted;
    wanted.orgId = tenant.orgId;
    wanted.environment = *identity::environmentFromText(tenant.environment);
    wanted.name = "Import";
    auto made = office.directory->createKey(wanted);
    if (!made) return failed(made.error().detail);
    key = std::move(*made);
  }
  if (arguments.json()) {
    printJson(providers, results, key, tenant.environment);
  } else {
    printResults(providers, results, key);
  }
  return works == static_cast<std::ptrdiff_t>(results.size()) ? 0 : 1;
}

}  // namespace

int importServices(const Arguments& arguments) {
  const gateway::Tenant tenant{arguments.get("org"), arguments.get("environment", "test")};
  if (!identity::environmentFromText(tenant.environment))
    return failed("--environment must be test or live");
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto file = readEnvFile(arguments.get("env-file"));
  if (!file) return failed(file.error().detail);
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto org = office->reader->organisationById(tenant.orgId);
  if (!org) return failed(org.error().detail);
  if (!org->has_value())
    return failed("there is no organisation " + tenant.orgId + "; `unigate org list` shows them");
  telemetry::Logger log({telemetry::Level::error, office->config.logFile, 1024});
  auto plugins = openPlugins(office->config, office->clock, log);
  if (!plugins) return failed(plugins.error().detail);
  std::vector<plugin_host::Manifest> manifests;
  for (plugin_host::PluginEntry& entry : plugins->registry->entries()) {
    if (entry.manifest && entry.state == plugin_host::PluginState::loaded)
      manifests.push_back(std::move(*entry.manifest));
  }
  const Detection found = onboarding::detect(*file, manifests);
  const bool yes = arguments.has("yes");
  if (!arguments.json()) printReview(found, tenant.environment);
  if (found.services.empty()) return failed("no installed provider was found in the file");
  if (!yes) {
    if (::isatty(STDIN_FILENO) == 0 || arguments.json())
      return failed("nothing was stored; add --yes to store what works");
    if (!confirmed()) return failed("nothing was stored");
  }
  return connectFound(*office, *plugins, arguments, found, tenant);
}

}  // namespace unigate::app
