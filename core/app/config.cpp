#include "app/config.hpp"

#include <string_view>

#include "app/config_schema.hpp"
#include "base/yaml_document.hpp"

extern char** environ;

namespace unigate::app {

namespace {

using base::YamlDocument;

std::vector<std::string> linesOf(const YamlDocument::Problems& problems) {
  std::vector<std::string> lines;
  for (const auto& problem : problems) lines.push_back(problem.text());
  return lines;
}

void read(json::View value, std::string& out) {
  if (value.isNull()) out.clear();
  if (const auto text = value.string()) out = *text;
}
void read(json::View value, std::int64_t& out) {
  out = value.int64Or(out);
}
void read(json::View value, bool& out) {
  out = value.booleanOr(out);
}

void readEndpoints(json::View providers, gateway::EndpointBook::Overrides& out) {
  for (const json::Member& provider : providers.members()) {
    for (const json::Member& environment : provider.value["endpoints"].members()) {
      for (const json::Member& endpoint : environment.value.members()) {
        out[std::string(provider.name)][std::string(environment.name)][std::string(endpoint.name)] =
            endpoint.value.stringOr("");
      }
    }
  }
}

Config fromJson(const json::Document& root) {
  Config config;
  const json::View server = root["server"];
  read(server["listen"], config.listen);
  read(server["metrics_listen"], config.metricsListen);
  read(server["tls"]["certificate"], config.tlsCertificate);
  read(server["tls"]["key"], config.tlsKey);
  read(server["docs_directory"], config.docsDirectory);
  read(server["threads"], config.threads);
  read(root["store"]["url"], config.storeUrl);
  read(root["vault"]["key_encryption_key"], config.keyEncryptionKey);
  const json::View plugins = root["plugins"];
  if (plugins["directories"].isArray()) {
    config.pluginDirectories.clear();
    for (const json::View& each : plugins["directories"].items()) {
      config.pluginDirectories.emplace_back(each.stringOr(""));
    }
  }
  read(plugins["allow_drafts"], config.allowDrafts);
  readEndpoints(root["providers"], config.endpoints);
  const json::View upstream = root["upstream"];
  read(upstream["allow_loopback_http"], config.allowLoopbackHttp);
  read(upstream["allow_private_addresses"], config.allowPrivateAddresses);
  read(upstream["connect_timeout_ms"], config.connectTimeoutMs);
  read(upstream["connections_per_host_max"], config.connectionsPerHostMax);
  read(upstream["ca_file"], config.caFile);
  const json::View limits = root["limits"];
  read(limits["default_per_minute"], config.defaultPerMinute);
  read(limits["connections_max"], config.connectionsMax);
  read(limits["connections_per_address_max"], config.connectionsPerAddressMax);
  read(limits["operations_in_flight_max"], config.operationsInFlightMax);
  for (const json::Member& each : root["routing"]["defaults"].members()) {
    config.routingDefaults.emplace(each.name, each.value.stringOr(""));
  }
  read(root["log"]["level"], config.logLevel);
  read(root["log"]["file"], config.logFile);
  return config;
}

}  // namespace

tl::expected<Config, std::vector<std::string>> loadConfig(const std::string& path) {
  auto document = YamlDocument::loadFile(path);
  if (!document) return tl::unexpected(linesOf(document.error()));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name(variable.substr(0, equals));
    const auto pointer = YamlDocument::overridePointer(name);
    if (!pointer) continue;
    if (auto problem = document->applyOverride(*pointer, variable.substr(equals + 1), name)) {
      return tl::unexpected(std::vector<std::string>{problem->text()});
    }
  }
  const auto problems = document->check(configSchema());
  if (!problems.empty()) return tl::unexpected(linesOf(problems));
  Config config = fromJson(document->json());
  if (config.tlsCertificate.empty() != config.tlsKey.empty()) {
    return tl::unexpected(std::vector<std::string>{
        path + ": server.tls: certificate and key go together; set both, or both to null"});
  }
  return config;
}

}  // namespace unigate::app
