// How a request to a provider is put together: address, the host's own headers, authentication.
// Used by the calls that are really sent and by the dry run, so that what is shown is what goes
// out. Pure functions, any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "net/upstream_client.hpp"
#include "plugin_host/manifest.hpp"
#include "plugin_host/step.hpp"

namespace unigate::gateway {

// One request of the provider's API before it has an address and credentials.
struct OutgoingRequest {
  std::string method;
  std::string path;   // starts with '/'
  std::string query;  // without '?', may be empty
  net::HeaderList headers;
  std::string body;
  std::int64_t timeoutMs = 30'000;
};

OutgoingRequest outgoingOf(plugin_host::HttpStep&& step);

// The request as the upstream client takes it, still without authentication. `baseUrl` comes from
// the endpoint book; `traceparent` may be empty.
net::UpstreamRequest toUpstream(const std::string& baseUrl, const OutgoingRequest& request,
                                const std::string& traceparent);

struct AuthHeader {
  std::string name;
  std::string value;
};

// Gives the value of a credential field, empty when it is not stored.
using CredentialSource = std::function<std::string_view(std::string_view name)>;

// The header of a bearer, basic or header scheme. The error names the credential that is missing.
tl::expected<AuthHeader, std::string> authHeader(const plugin_host::AuthScheme& scheme,
                                                 const CredentialSource& credential);

// The same for people, with names in braces instead of secrets: "Bearer {secret_key}", "Basic
// {key_id}:{key_secret}", "Bearer {access_token}".
AuthHeader authHeaderWithNames(const plugin_host::AuthScheme& scheme);

}  // namespace unigate::gateway
