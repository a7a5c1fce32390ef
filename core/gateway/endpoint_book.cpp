#include "gateway/endpoint_book.hpp"

#include <algorithm>

namespace unigate::gateway {

namespace {

// Scheme and host (lower case, no port) of an absolute URL; empty when it has none or carries user
// information.
struct Parts {
  std::string scheme;
  std::string host;
};

Parts partsOf(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return {};
  std::string_view authority = url.substr(colon + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return {};
  std::string host;
  if (!authority.empty() && authority.front() == '[') {
    host = std::string(authority.substr(0, authority.find(']') + 1));
  } else {
    host = std::string(authority.substr(0, authority.find(':')));
  }
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return {std::string(url.substr(0, colon)), host};
}

// A literal loopback address or localhost; "127.0.0.1.example.com" is a name like any other.
bool isLoopback(const std::string& host) {
  const bool digitsAndDots = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "[::1]" || (digitsAndDots && host.rfind("127.", 0) == 0);
}

std::string trimSlash(std::string_view url) {
  while (!url.empty() && url.back() == '/') url.remove_suffix(1);
  return std::string(url);
}

}  // namespace

const std::string* EndpointBook::overrideOf(std::string_view provider, std::string_view environment,
                                            std::string_view endpoint) const {
  const auto byProvider = overrides_.find(std::string(provider));
  if (byProvider == overrides_.end()) return nullptr;
  const auto byEnvironment = byProvider->second.find(std::string(environment));
  if (byEnvironment == byProvider->second.end()) return nullptr;
  const auto found = byEnvironment->second.find(std::string(endpoint));
  return found == byEnvironment->second.end() ? nullptr : &found->second;
}

base::Result<std::string> EndpointBook::baseUrl(const plugin_host::Manifest& manifest,
                                                std::string_view environment,
                                                std::string_view endpoint) const {
  if (const std::string* url = overrideOf(manifest.id, environment, endpoint)) {
    const Parts parts = partsOf(*url);
    const bool allowed = !parts.host.empty() &&
                         (parts.scheme == "https" ||
                          (parts.scheme == "http" && allowLoopbackHttp_ && isLoopback(parts.host)));
    if (allowed) return trimSlash(*url);
    return base::fail(503, "endpoint_not_allowed",
                      "The configured address of " + manifest.id + "." + std::string(endpoint) +
                          " is not allowed: use https, or http to a loopback address with "
                          "upstream.allow_loopback_http.");
  }
  const plugin_host::Endpoint* declared = manifest.findEndpoint(endpoint);
  const std::string& url = declared == nullptr     ? std::string()
                           : environment == "live" ? declared->liveUrl
                                                   : declared->testUrl;
  const Parts parts = partsOf(url);
  const auto& hosts = manifest.egressHosts;
  if (parts.scheme != "https" || std::find(hosts.begin(), hosts.end(), parts.host) == hosts.end()) {
    return base::fail(503, "endpoint_not_allowed",
                      manifest.id + " has no " + std::string(environment) +
                          " address for endpoint \"" + std::string(endpoint) +
                          "\" inside its egress list.");
  }
  return trimSlash(url);
}

std::string EndpointBook::findFault(const plugin_host::Manifest& manifest) const {
  const auto found = overrides_.find(manifest.id);
  if (found == overrides_.end()) return {};
  for (const auto& [environment, endpoints] : found->second) {
    for (const auto& [name, url] : endpoints) {
      const std::string where =
          "providers." + manifest.id + ".endpoints." + environment + "." + name;
      if (manifest.findEndpoint(name) == nullptr) {
        return where + ": the plugin has no endpoint of that name";
      }
      if (!baseUrl(manifest, environment, name)) {
        return where +
               ": use an https address, or http to a loopback address with "
               "upstream.allow_loopback_http: true";
      }
    }
  }
  return {};
}

}  // namespace unigate::gateway
