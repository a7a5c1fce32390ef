#include "plugin_host/manifest.hpp"

#include <algorithm>
#include <array>
#include <unigate/json.hpp>
#include <unigate/money.hpp>

#include "base/yaml_document.hpp"
#include "plugin_host/manifest_checks.hpp"
#include "plugin_host/schemas.hpp"

namespace unigate::plugin_host {
namespace {

constexpr std::array<std::pair<std::string_view, RecoveryMode>, 6> kRecoveryModes = {{
    {"none", RecoveryMode::none},
    {"native", RecoveryMode::native},
    {"native_ref", RecoveryMode::nativeRef},
    {"query", RecoveryMode::query},
    {"query_first", RecoveryMode::queryFirst},
    {"at_most_once", RecoveryMode::atMostOnce},
}};

constexpr std::string_view kManifestSuffix = ".plugin.yaml";

// The schema was checked before, so that an absent or ill-typed member is an optional one.
std::string text(const json::View& object, std::string_view name) {
  return std::string(object[name].stringOr(""));
}

std::uint32_t number(const json::View& object, std::string_view name, std::uint32_t fallback) {
  return static_cast<std::uint32_t>(object[name].int64Or(fallback));
}

std::string schemaText(const json::View& schema) {
  return schema.isString() ? std::string(kUnifiedSchema) : json::toText(schema);
}

RecoveryMode recoveryOf(std::string_view word) {
  for (const auto& [name, mode] : kRecoveryModes) {
    if (name == word) return mode;
  }
  return RecoveryMode::none;
}

Operation readOperation(const json::Member& member) {
  const json::View& from = member.value;
  Operation operation;
  operation.name = member.name;
  operation.inputSchema = schemaText(from["input"]);
  operation.outputSchema = schemaText(from["output"]);
  operation.recovery = recoveryOf(from["recovery"].stringOr("none"));
  operation.recoveryWindowS = number(from, "recovery_window_s", 0);
  operation.movesMoney = from["moves_money"].booleanOr(false);
  operation.readOnly = from["read_only"].booleanOr(false);
  operation.proof = text(from, "proof");
  return operation;
}

Credential readCredential(const json::Member& member) {
  const json::View& from = member.value;
  return {
      std::string(member.name),  from["secret"].booleanOr(true), from["required"].booleanOr(false),
      text(from, "description"), text(from, "pattern"),          text(from, "test_marker"),
      text(from, "live_marker"), text(from, "alternate")};
}

AuthScheme readAuthScheme(const json::Member& member) {
  const json::View& from = member.value;
  AuthScheme scheme;
  scheme.name = member.name;
  scheme.type = text(from, "type");
  scheme.credential = text(from, "credential");
  scheme.username = text(from, "username");
  scheme.password = text(from, "password");
  scheme.headerName = text(from, "name");
  scheme.endpoint = text(from, "endpoint");
  scheme.path = text(from, "path");
  scheme.clientId = text(from, "client_id");
  scheme.clientSecret = text(from, "client_secret");
  return scheme;
}

void readWebhooks(const json::View& from, Manifest& manifest) {
  for (const auto& member : from["events"].members()) {
    manifest.webhookEvents.emplace_back(member.name, member.value.stringOr(""));
  }
  if (const json::View registration = from["registration"]; registration.isObject()) {
    manifest.webhookRegistration =
        WebhookRegistration{text(registration, "secret"), text(registration, "id")};
  }
  manifest.certificateRoots = text(from, "certificate_roots");
}

Passthrough readPassthrough(const json::View& from) {
  Passthrough passthrough;
  passthrough.auth = text(from, "auth");
  for (const auto& member : from["headers"].members()) {
    passthrough.headers.emplace_back(member.name, member.value.stringOr(""));
  }
  for (const auto& item : from["forward"].items()) {
    passthrough.forward.emplace_back(item.stringOr(""));
  }
  for (const auto& item : from["routes"].items()) {
    passthrough.routes.push_back({text(item, "prefix"), text(item, "endpoint")});
  }
  return passthrough;
}

Sandbox sandboxOf(std::string_view word) {
  if (word == "required") return Sandbox::required;
  return word == "off" ? Sandbox::off : Sandbox::preferred;
}

Manifest readManifest(const json::View& from) {
  Manifest manifest;
  manifest.id = text(from, "id");
  manifest.version = text(from, "version");
  manifest.displayName = text(from, "display_name");
  manifest.license = text(from, "license");
  manifest.apiVersion = text(from, "api_version");
  manifest.sha256 = money::lower(text(from, "sha256"));
  manifest.abiMajor = number(from["abi"], "major", 1);
  manifest.abiMinMinor = number(from["abi"], "min_minor", 0);
  for (const auto& member : from["operations"].members()) {
    manifest.operations.push_back(readOperation(member));
  }
  for (const auto& item : from["capabilities"].items()) {
    manifest.capabilities.emplace_back(item.stringOr(""));
  }
  for (const auto& member : from["credentials"].members()) {
    manifest.credentials.push_back(readCredential(member));
  }
  for (const auto& item : from["env"]["variables"].items()) {
    manifest.envRules.push_back(
        {text(item, "name"), text(item, "pattern"), text(item, "credential")});
  }
  for (const auto& item : from["env"]["features"].items()) {
    manifest.envFeatures.emplace_back(item.stringOr(""));
  }
  for (const auto& member : from["auth"].members()) {
    manifest.authSchemes.push_back(readAuthScheme(member));
  }
  for (const auto& member : from["endpoints"].members()) {
    manifest.endpoints.push_back(
        {std::string(member.name), text(member.value, "live"), text(member.value, "test")});
  }
  for (const auto& item : from["egress"].items()) {
    manifest.egressHosts.push_back(money::lower(item.stringOr("")));
  }
  readWebhooks(from["webhooks"], manifest);
  if (const json::View passthrough = from["passthrough"]; passthrough.isObject()) {
    manifest.passthrough = readPassthrough(passthrough);
  }
  if (const json::View probe = from["probe"]; probe.isObject()) {
    manifest.probe = Probe{text(probe, "operation"),
                           probe["input"].isObject() ? json::toText(probe["input"]) : "{}"};
  }
  manifest.limits.timeoutMs = number(from["limits"], "timeout_ms", manifest.limits.timeoutMs);
  manifest.limits.concurrency = number(from["limits"], "concurrency", manifest.limits.concurrency);
  manifest.sandbox = sandboxOf(from["sandbox"].stringOr("preferred"));
  return manifest;
}

template <typename Items>
auto findByName(const Items& items, std::string_view name) -> decltype(items.data()) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

// The rules that no schema can say, as one line.
std::string findFault(const base::YamlDocument& document, const std::string& file,
                      const Manifest& manifest, const std::string& idOfFile) {
  const auto line = [&](const std::string& pointer, const std::string& path,
                        const std::string& message) {
    return base::YamlProblem{file, document.lineOf(pointer), path, message}.text();
  };
  if (manifest.id != idOfFile) {
    return line("/id", "id",
                "\"" + manifest.id + "\" does not fit the file's name; call the file " +
                    manifest.id + std::string(kManifestSuffix));
  }
  if (auto fault = findManifestFault(manifest)) {
    return line(fault->pointer, fault->path, fault->message);
  }
  if (!manifest.certificateRoots.empty() && manifest.certificateRoots != kSystemRoots) {
    std::error_code ignored;
    const auto roots = std::filesystem::path(file).parent_path() / manifest.certificateRoots;
    if (!std::filesystem::is_regular_file(roots, ignored)) {
      return line("/webhooks/certificate_roots", "webhooks.certificate_roots",
                  "there is no file " + manifest.certificateRoots +
                      " beside the manifest; put the PEM bundle there or write system");
    }
  }
  return {};
}

}  // namespace

std::string_view toText(RecoveryMode mode) {
  for (const auto& [name, value] : kRecoveryModes) {
    if (value == mode) return name;
  }
  return "none";
}

const PassthroughRoute* Passthrough::findRoute(std::string_view path) const {
  const PassthroughRoute* best = nullptr;
  for (const PassthroughRoute& route : routes) {
    std::string_view prefix = route.prefix;
    while (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
    const bool takes = path.substr(0, prefix.size()) == prefix &&
                       (path.size() == prefix.size() || path[prefix.size()] == '/');
    if (takes && (best == nullptr || best->prefix.size() < route.prefix.size())) best = &route;
  }
  return best;
}

const Operation* Manifest::findOperation(std::string_view name) const {
  return findByName(operations, name);
}
const Credential* Manifest::findCredential(std::string_view name) const {
  return findByName(credentials, name);
}
const AuthScheme* Manifest::findAuthScheme(std::string_view name) const {
  return findByName(authSchemes, name);
}
const Endpoint* Manifest::findEndpoint(std::string_view name) const {
  return findByName(endpoints, name);
}

std::string idOfManifestFile(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name.size() <= kManifestSuffix.size() || !name.ends_with(kManifestSuffix)) return {};
  return name.substr(0, name.size() - kManifestSuffix.size());
}

tl::expected<Manifest, std::string> loadManifest(const std::filesystem::path& path) {
  const std::string idOfFile = idOfManifestFile(path);
  if (idOfFile.empty()) {
    return tl::unexpected(path.string() + ": the name of a manifest is <id>.plugin.yaml");
  }
  auto document = base::YamlDocument::loadFile(path.string());
  if (!document) {
    return tl::unexpected(document.error().empty() ? path.string() + ": can't be read"
                                                   : document.error().front().text());
  }
  if (const auto problems = document->check(manifestSchemaText()); !problems.empty()) {
    const std::string more =
        problems.size() > 1 ? " (and " + std::to_string(problems.size() - 1) + " more)" : "";
    return tl::unexpected(problems.front().text() + more);
  }
  Manifest manifest = readManifest(document->json().root());
  if (std::string fault = findFault(*document, path.string(), manifest, idOfFile); !fault.empty()) {
    return tl::unexpected(std::move(fault));
  }
  return manifest;
}

}  // namespace unigate::plugin_host
