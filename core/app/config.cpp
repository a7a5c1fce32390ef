#include "app/config.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "app/config_schema.hpp"
#include "base/yaml_document.hpp"
#include "net/client_address.hpp"

extern char** environ;

namespace unigate::app {

namespace {

using base::YamlDocument;

// What a value with a pattern looks like, for people who don't read regular expressions.
std::string_view exampleOf(std::string_view path) {
  struct Example {
    std::string_view path;
    std::string_view text;
  };
  constexpr std::array kExamples = {
      Example{"server.listen", "127.0.0.1:8080 or [::1]:8080"},
      Example{"server.metrics_listen", "127.0.0.1:9090, or null for none"},
      Example{"server.public_url", "https://pay.example.com"},
      Example{"store.url", "sqlite:var/unigate.db or postgresql://user@host/db"},
      Example{"store.owner_url", "postgresql://owner@host/db"},
      Example{"limits.redis_url", "redis://127.0.0.1:6379, or null for this process alone"},
      Example{"vault.previous_keys", "[file:var/kek.old]"},
      Example{"vault.key_encryption_key", "file:var/kek, env:NAME or systemd:CREDENTIAL"},
  };
  for (const Example& each : kExamples) {
    if (each.path == path) return each.text;
  }
  const bool endpoint =
      path.rfind("providers.", 0) == 0 && path.find(".endpoints.") != std::string_view::npos;
  return endpoint ? "https://api.example.com" : "";
}

std::vector<std::string> linesOf(const YamlDocument::Problems& problems) {
  std::vector<std::string> lines;
  for (auto problem : problems) {
    const std::string_view example = exampleOf(problem.path);
    if (!example.empty() && problem.message.rfind("must ", 0) == 0) {
      problem.message = "must look like " + std::string(example);
    }
    lines.push_back(problem.text());
  }
  return lines;
}

// What the schema can't say: ports that exist, parts that go together, what this version can't do.
std::string findFault(const Config& config, const json::Document& root) {
  for (const auto& [path, address] : {std::pair{"server.listen", config.listen},
                                      std::pair{"server.metrics_listen", config.metricsListen}}) {
    if (address.empty()) continue;
    const std::string port = address.substr(address.rfind(':') + 1);
    int number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    if (number > 65535) return std::string(path) + ": there is no port above 65535";
  }
  const auto portOf = [](const std::string& address) {
    return address.substr(address.rfind(':') + 1);
  };
  if (!config.metricsListen.empty() && portOf(config.listen) == portOf(config.metricsListen) &&
      portOf(config.listen) != "0") {
    return "server.metrics_listen: must have another port than server.listen";
  }
  if (const auto proxies = net::TrustedProxies::parse(config.trustedProxies); !proxies)
    return "server.trusted_proxies: " + proxies.error().detail;
  const std::string defaultPlan(root["limits"]["default_plan"].stringOr(""));
  if (!defaultPlan.empty() && config.plans.table().count(defaultPlan) == 0)
    return "limits.default_plan: there is no plan \"" + defaultPlan + "\" in plans";
  if (config.tlsCertificate.empty() != config.tlsKey.empty())
    return "server.tls: certificate and key go together; set both, or both to null";
  if (root["plugins"]["sandbox"].stringOr("preferred") == "required") {
    return "plugins.sandbox: this version has no sandbox and runs plugins in its own process; "
           "write preferred or off";
  }
  std::string identityFault;
  readIdentity(root["identity"], identityFault);
  return identityFault;
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

void readProviders(json::View providers, Config& config) {
  gateway::EndpointBook::Overrides& out = config.endpoints;
  for (const json::Member& provider : providers.members()) {
    if (const auto roots = provider.value["webhook_roots"].string())
      config.webhookRoots.emplace(provider.name, *roots);
    if (const json::View connect = provider.value["connect"]; connect.isObject()) {
      Config::Connect& settings = config.connect[std::string(provider.name)];
      read(connect["fee_basis_points"], settings.feeBasisPoints);
      read(connect["return_url"], settings.returnUrl);
    }
    for (const json::Member& environment : provider.value["endpoints"].members()) {
      for (const json::Member& endpoint : environment.value.members()) {
        out[std::string(provider.name)][std::string(environment.name)][std::string(endpoint.name)] =
            endpoint.value.stringOr("");
      }
    }
  }
}

void readPlans(const json::Document& root, Config& config) {
  std::map<std::string, identity::Plan> table;
  for (const json::Member& each : root["plans"].members()) {
    identity::Plan plan;
    plan.callsPerMonth = each.value["calls_per_month"].int64();
    plan.services = each.value["services"].int64();
    table.emplace(each.name, plan);
  }
  std::string defaultPlan;
  read(root["limits"]["default_plan"], defaultPlan);
  config.plans = identity::Plans(std::move(table), std::move(defaultPlan));
}

Config fromJson(const json::Document& root) {
  Config config;
  const json::View server = root["server"];
  read(server["listen"], config.listen);
  read(server["metrics_listen"], config.metricsListen);
  read(server["tls"]["certificate"], config.tlsCertificate);
  read(server["tls"]["key"], config.tlsKey);
  read(server["docs_directory"], config.docsDirectory);
  read(server["public_url"], config.publicUrl);
  read(server["threads"], config.threads);
  for (const json::View& each : server["trusted_proxies"].items())
    config.trustedProxies.emplace_back(each.stringOr(""));
  read(root["store"]["url"], config.storeUrl);
  read(root["store"]["owner_url"], config.storeOwnerUrl);
  read(root["store"]["log_retention_months"], config.logRetentionMonths);
  read(root["audit"]["checkpoint_file"], config.auditCheckpointFile);
  read(root["audit"]["checkpoint_every_minutes"], config.auditCheckpointMinutes);
  read(root["vault"]["key_encryption_key"], config.keyEncryptionKey);
  for (const json::View& each : root["vault"]["previous_keys"].items())
    config.previousKeys.emplace_back(each.stringOr(""));
  const json::View plugins = root["plugins"];
  if (plugins["directories"].isArray()) {
    config.pluginDirectories.clear();
    for (const json::View& each : plugins["directories"].items()) {
      config.pluginDirectories.emplace_back(each.stringOr(""));
    }
  }
  read(plugins["allow_drafts"], config.allowDrafts);
  readProviders(root["providers"], config);
  const json::View upstream = root["upstream"];
  read(upstream["allow_loopback_http"], config.allowLoopbackHttp);
  read(upstream["allow_private_addresses"], config.allowPrivateAddresses);
  read(upstream["connect_timeout_ms"], config.connectTimeoutMs);
  read(upstream["connections_per_host_max"], config.connectionsPerHostMax);
  read(upstream["ca_file"], config.caFile);
  std::string identityFault;  // told by findFault
  config.identity = readIdentity(root["identity"], identityFault);
  const json::View limits = root["limits"];
  read(limits["default_per_minute"], config.defaultPerMinute);
  read(limits["per_organisation_per_minute"], config.limits.perOrganisation);
  read(limits["per_address_per_minute"], config.limits.perAddress);
  read(limits["login_per_minute"], config.limits.loginPerAddress);
  read(limits["webhook_per_minute"], config.limits.webhookPerAddress);
  for (const json::Member& each : limits["routes"].members())
    config.limits.routes.emplace(each.name, each.value.int64Or(0));
  read(limits["redis_url"], config.redisUrl);
  readPlans(root, config);
  read(limits["connections_max"], config.connectionsMax);
  read(limits["connections_per_address_max"], config.connectionsPerAddressMax);
  read(limits["operations_in_flight_max"], config.operationsInFlightMax);
  for (const json::Member& each : root["routing"]["defaults"].members()) {
    config.routingDefaults.emplace(each.name, each.value.stringOr(""));
  }
  read(root["reconcile"]["every_hours"], config.reconcileEveryHours);
  read(root["reconcile"]["look_back_hours"], config.reconcileLookBackHours);
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
  if (const std::string fault = findFault(config, document->json()); !fault.empty())
    return tl::unexpected(std::vector<std::string>{path + ": " + fault});
  return config;
}

}  // namespace unigate::app
