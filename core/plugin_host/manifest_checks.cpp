#include "plugin_host/manifest_checks.hpp"

#include <algorithm>
#include <regex>

#include "plugin_host/host_headers.hpp"

namespace unigate::plugin_host {
namespace {

using Fault = std::optional<ManifestFault>;

// A place in the manifest, as pointer and as people write it.
class Place {
 public:
  explicit Place(std::string_view name) : pointer_("/" + std::string(name)), path_(name) {}

  Place operator/(std::string_view name) const {
    Place result = *this;
    result.pointer_ += "/" + std::string(name);
    result.path_ += "." + std::string(name);
    return result;
  }
  Fault fault(std::string message) const {
    return ManifestFault{pointer_, path_, std::move(message)};
  }

 private:
  std::string pointer_;
  std::string path_;
};

constexpr const char* kNameRule = "a name has lower-case letters, digits and '_' only";

bool isNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool isName(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), isNameChar);
}

bool isOperationName(std::string_view text) {
  if (text.size() > 64 || text.find('.') == std::string_view::npos) return false;
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : !isNameChar(c)) return false;
    before = c;
  }
  return before != '.';
}

bool isHostName(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.front() == '.' || text.back() == '.') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool isHeaderName(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return isNameChar(c) || (c >= 'A' && c <= 'Z') || kMarks.find(c) != std::string_view::npos;
  });
}

Fault findPatternFault(const Place& place, const std::string& pattern) {
  try {
    const std::regex compiled(pattern, std::regex::ECMAScript);
    return std::nullopt;
  } catch (const std::regex_error& error) {
    return place.fault("is no regular expression: " + std::string(error.what()));
  }
}

// Host of "https://host[:port][/path]"; empty with `why` set when the URL is another thing.
std::string hostOfUrl(std::string_view url, std::string& why) {
  constexpr std::string_view kScheme = "https://";
  if (url.substr(0, kScheme.size()) != kScheme) {
    why = "must start with https://";
    return {};
  }
  const std::string_view rest = url.substr(kScheme.size());
  if (rest.find_first_of("@?#\\ ") != std::string_view::npos) {
    why = "must be https://host[:port][/path] without user, query and fragment";
    return {};
  }
  if (!rest.empty() && rest.back() == '/') {
    why = "must not end in '/', for a request's path starts with one";
    return {};
  }
  std::string_view authority = rest.substr(0, rest.find('/'));
  if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const bool digits =
        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (port.empty() || port.size() > 5 || !digits) why = "has a bad port";
    authority = authority.substr(0, colon);
  }
  if (!isHostName(authority)) why = "has a bad host name (lower-case letters, digits, '-' and '.')";
  return why.empty() ? std::string(authority) : std::string();
}

Fault findOperationFault(const Operation& operation) {
  const Place place = Place("operations") / operation.name;
  if (!isOperationName(operation.name)) {
    return place.fault("a name looks like payments.create: lower case, with a dot");
  }
  if (operation.movesMoney && operation.readOnly) {
    return place.fault("moves_money and read_only exclude each other");
  }
  if (operation.movesMoney && operation.recovery == RecoveryMode::none) {
    return place.fault(
        "moves_money needs a recovery: native, native_ref, query, query_first or at_most_once");
  }
  if (operation.readOnly && operation.recovery != RecoveryMode::none) {
    return place.fault("a read_only operation has nothing to recover; remove recovery");
  }
  if (operation.recoveryWindowS != 0 && operation.recovery != RecoveryMode::native) {
    return place.fault("recovery_window_s belongs to recovery native alone; remove it");
  }
  if (!operation.proof.empty() && operation.readOnly) {
    return (place / "proof").fault("belongs to an operation that changes something; remove it");
  }
  return std::nullopt;
}

Fault findCredentialFault(const Manifest& manifest, const Credential& credential) {
  const Place place = Place("credentials") / credential.name;
  if (!isName(credential.name)) return place.fault(kNameRule);
  if (!credential.testMarker.empty() && credential.testMarker == credential.liveMarker) {
    return place.fault("test_marker and live_marker are the same");
  }
  if (!credential.alternate.empty()) {
    const Credential* other = manifest.findCredential(credential.alternate);
    if (other == nullptr || other == &credential) {
      return (place / "alternate")
          .fault("\"" + credential.alternate + "\" is no other field of credentials");
    }
  }
  return findPatternFault(place / "pattern", credential.pattern);
}

Fault findEnvFault(const Manifest& manifest) {
  for (std::size_t i = 0; i < manifest.envRules.size(); ++i) {
    const EnvRule& rule = manifest.envRules[i];
    const Place place = Place("env") / "variables" / std::to_string(i);
    if (rule.name.empty() == rule.pattern.empty())
      return place.fault("give either name or pattern");
    if (manifest.findCredential(rule.credential) == nullptr) {
      return (place / "credential").fault("\"" + rule.credential + "\" is not in credentials");
    }
    if (auto fault = findPatternFault(place / "pattern", rule.pattern)) return fault;
  }
  return std::nullopt;
}

// A member of an auth scheme that names a credential.
Fault findReferenceFault(const Manifest& manifest, const Place& place,
                         const std::string& credential, bool required) {
  if (credential.empty()) {
    return required ? place.fault("is missing; name a field of credentials") : std::nullopt;
  }
  if (manifest.findCredential(credential) == nullptr) {
    return place.fault("\"" + credential + "\" is not in credentials");
  }
  return std::nullopt;
}

Fault findAuthFault(const Manifest& manifest, const AuthScheme& scheme) {
  const Place place = Place("auth") / scheme.name;
  if (!isName(scheme.name)) return place.fault(kNameRule);
  const auto reference = [&](const char* member, const std::string& credential, bool required) {
    return findReferenceFault(manifest, place / member, credential, required);
  };
  if (scheme.type == "bearer") return reference("credential", scheme.credential, true);
  if (scheme.type == "basic") {
    if (auto fault = reference("username", scheme.username, true)) return fault;
    return reference("password", scheme.password, false);
  }
  if (scheme.type == "header") {
    if (!isHeaderName(scheme.headerName)) return (place / "name").fault("must name a header");
    return reference("credential", scheme.credential, true);
  }
  if (auto fault = reference("client_id", scheme.clientId, true)) return fault;
  if (auto fault = reference("client_secret", scheme.clientSecret, true)) return fault;
  if (manifest.findEndpoint(scheme.endpoint) == nullptr) {
    return (place / "endpoint").fault("\"" + scheme.endpoint + "\" is not in endpoints");
  }
  if (scheme.path.empty() || scheme.path.front() != '/') {
    return (place / "path").fault("must start with '/'");
  }
  return std::nullopt;
}

Fault findUrlFault(const Manifest& manifest, const Place& place, const std::string& url) {
  std::string why;
  const std::string host = hostOfUrl(url, why);
  if (!why.empty()) return place.fault("\"" + url + "\" " + why);
  const auto& egress = manifest.egressHosts;
  if (std::find(egress.begin(), egress.end(), host) == egress.end()) {
    return place.fault("host " + host + " is not in egress; add it there");
  }
  return std::nullopt;
}

Fault findEndpointFault(const Manifest& manifest, const Endpoint& endpoint) {
  const Place place = Place("endpoints") / endpoint.name;
  if (!isName(endpoint.name)) return place.fault(kNameRule);
  if (auto fault = findUrlFault(manifest, place / "live", endpoint.liveUrl)) return fault;
  return findUrlFault(manifest, place / "test", endpoint.testUrl);
}

Fault findWebhookFault(const Manifest& manifest) {
  const Place place = Place("webhooks");
  if (manifest.webhookRegistration) {
    const Place registration = place / "registration";
    const WebhookRegistration& fields = *manifest.webhookRegistration;
    if (auto fault = findReferenceFault(manifest, registration / "secret", fields.secret, false))
      return fault;
    if (!fields.secret.empty() && !manifest.findCredential(fields.secret)->secret) {
      return (registration / "secret")
          .fault("\"" + fields.secret + "\" is public; give it secret: true");
    }
    if (auto fault = findReferenceFault(manifest, registration / "id", fields.id, false))
      return fault;
    if (manifest.findOperation("webhook_endpoints.create") == nullptr) {
      return registration.fault("needs the operation webhook_endpoints.create");
    }
  }
  const std::string& roots = manifest.certificateRoots;
  if (roots.find('/') != std::string::npos || (!roots.empty() && roots.front() == '.')) {
    return (place / "certificate_roots")
        .fault("must be system or the name of a file beside the manifest, without a directory");
  }
  return std::nullopt;
}

Fault findRouteFault(const Manifest& manifest, const Place& place, const PassthroughRoute& route) {
  const bool sound = route.prefix.front() == '/' && route.prefix.find("//") == std::string::npos &&
                     route.prefix.find_first_of("?#\\% ") == std::string::npos &&
                     std::all_of(route.prefix.begin(), route.prefix.end(),
                                 [](char c) { return c > 0x20 && c < 0x7F; });
  if (!sound) return (place / "prefix").fault("must be a plain path that starts with '/'");
  if (manifest.findEndpoint(route.endpoint) == nullptr) {
    return (place / "endpoint").fault("\"" + route.endpoint + "\" is not in endpoints");
  }
  return std::nullopt;
}

Fault findPassthroughFault(const Manifest& manifest) {
  if (!manifest.passthrough) return std::nullopt;
  const Place place = Place("passthrough");
  const Passthrough& passthrough = *manifest.passthrough;
  if (manifest.findAuthScheme(passthrough.auth) == nullptr) {
    return (place / "auth").fault("\"" + passthrough.auth + "\" is not in auth");
  }
  for (const auto& [name, value] : passthrough.headers) {
    const Place at = place / "headers" / name;
    if (!isHeaderName(name)) return at.fault("is no name of a header");
    if (isHostHeader(name)) return at.fault("is written by the gateway; remove it");
    const bool sound =
        std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    if (!sound) return at.fault("must be visible ASCII");
  }
  for (const std::string& name : passthrough.forward) {
    const Place at = place / "forward";
    if (!isHeaderName(name)) return at.fault("\"" + name + "\" is no name of a header");
    if (isHostHeader(name)) return at.fault(name + " is written by the gateway; remove it");
  }
  for (std::size_t i = 0; i < passthrough.routes.size(); ++i) {
    const Place at = place / "routes" / std::to_string(i);
    if (auto fault = findRouteFault(manifest, at, passthrough.routes[i])) return fault;
    for (std::size_t before = 0; before < i; ++before) {
      if (passthrough.routes[before].prefix == passthrough.routes[i].prefix)
        return (at / "prefix").fault("is there twice; remove one");
    }
  }
  return std::nullopt;
}

Fault findProbeFault(const Manifest& manifest) {
  if (!manifest.probe) return std::nullopt;
  const Place place = Place("probe") / "operation";
  const Operation* operation = manifest.findOperation(manifest.probe->operation);
  if (operation == nullptr) {
    return place.fault("\"" + manifest.probe->operation + "\" is not in operations");
  }
  if (operation->movesMoney) {
    return place.fault("\"" + operation->name + "\" moves money, and a probe must be harmless");
  }
  return std::nullopt;
}

template <typename Items, typename Check>
Fault firstFault(const Items& items, const Check& check) {
  for (const auto& item : items) {
    if (Fault fault = check(item)) return fault;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ManifestFault> findManifestFault(const Manifest& manifest) {
  if (auto fault = firstFault(manifest.operations, findOperationFault)) return fault;
  const auto credentialFault = [&](const Credential& item) {
    return findCredentialFault(manifest, item);
  };
  if (auto fault = firstFault(manifest.credentials, credentialFault)) return fault;
  if (auto fault = findEnvFault(manifest)) return fault;
  for (const std::string& host : manifest.egressHosts) {
    if (!isHostName(host)) {
      return Place("egress").fault("\"" + host +
                                   "\" is no host name (no scheme, port or wildcard)");
    }
  }
  const auto endpointFault = [&](const Endpoint& item) {
    return findEndpointFault(manifest, item);
  };
  if (auto fault = firstFault(manifest.endpoints, endpointFault)) return fault;
  const auto authFault = [&](const AuthScheme& item) { return findAuthFault(manifest, item); };
  if (auto fault = firstFault(manifest.authSchemes, authFault)) return fault;
  if (auto fault = findWebhookFault(manifest)) return fault;
  if (auto fault = findPassthroughFault(manifest)) return fault;
  return findProbeFault(manifest);
}

}  // namespace unigate::plugin_host
