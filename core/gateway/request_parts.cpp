#include "gateway/request_parts.hpp"

#include <utility>

#include "base/text.hpp"
#include "vault/secret_string.hpp"

namespace unigate::gateway {

namespace {

tl::unexpected<std::string> missing(const std::string& field) {
  return tl::unexpected("credential \"" + field + "\" is not stored");
}

std::string inBraces(const std::string& name) {
  return "{" + name + "}";
}

}  // namespace

OutgoingRequest outgoingOf(plugin_host::HttpStep&& step) {
  return {std::move(step.method),  std::move(step.path), std::move(step.query),
          std::move(step.headers), std::move(step.body), step.timeoutMs};
}

net::UpstreamRequest toUpstream(const std::string& baseUrl, const OutgoingRequest& request,
                                const std::string& traceparent) {
  net::UpstreamRequest upstream;
  upstream.method = request.method;
  upstream.url = baseUrl + request.path;
  if (!request.query.empty()) upstream.url += "?" + request.query;
  upstream.headers = request.headers;
  upstream.headers.emplace_back("User-Agent", "unigate/" UNIGATE_VERSION);
  if (!traceparent.empty()) upstream.headers.emplace_back("traceparent", traceparent);
  upstream.body = request.body;
  upstream.timeoutMs = request.timeoutMs;
  return upstream;
}

tl::expected<AuthHeader, std::string> authHeader(const plugin_host::AuthScheme& scheme,
                                                 const CredentialSource& credential) {
  if (scheme.type == "bearer" || scheme.type == "header") {
    const std::string_view secret = credential(scheme.credential);
    if (secret.empty()) return missing(scheme.credential);
    if (scheme.type == "bearer")
      return AuthHeader{"Authorization", "Bearer " + std::string(secret)};
    return AuthHeader{scheme.headerName, std::string(secret)};
  }
  if (scheme.type == "basic") {
    const std::string_view user = credential(scheme.username);
    if (user.empty()) return missing(scheme.username);
    std::string pair = std::string(user) + ":";
    if (!scheme.password.empty()) {
      const std::string_view password = credential(scheme.password);
      if (password.empty()) return missing(scheme.password);
      pair += password;
    }
    AuthHeader header{"Authorization", "Basic " + base::toBase64(pair)};
    vault::wipe(pair);
    return header;
  }
  return tl::unexpected("auth type " + scheme.type + " is not known to this gateway");
}

AuthHeader authHeaderWithNames(const plugin_host::AuthScheme& scheme) {
  if (scheme.type == "header") return {scheme.headerName, inBraces(scheme.credential)};
  if (scheme.type == "bearer") return {"Authorization", "Bearer " + inBraces(scheme.credential)};
  if (scheme.type == "basic") {
    const std::string password = scheme.password.empty() ? "" : inBraces(scheme.password);
    return {"Authorization", "Basic " + inBraces(scheme.username) + ":" + password};
  }
  return {"Authorization", "Bearer {access_token}"};
}

}  // namespace unigate::gateway
