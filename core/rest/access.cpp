#include "rest/access.hpp"

#include <algorithm>
#include <memory>

#include "identity/users.hpp"
#include "rest/limits.hpp"

namespace unigate::rest {

namespace {

constexpr std::string_view kKeyStart = "unf_";
constexpr std::string_view kManagement = "/api/";

// What a user's request is about: named in the query or the body, or else the test environment.
std::string environmentOf(const Call& call) {
  for (const auto text : {call.queryValue("environment"),
                          call.hasBody ? call.body["environment"].string() : std::nullopt}) {
    if (text == std::optional<std::string_view>("live")) return "live";
  }
  return "test";
}

}  // namespace

base::Result<std::string_view> credentialOf(const net::Request& request) {
  for (const char* name : {"Authorization", "X-Platform-Key"}) {
    if (headerCount(request, name) > 1) {
      return base::fail(401, "unauthorized",
                        std::string(name) + " is given more than once; send one key, once.", name);
    }
  }
  const std::string* authorization = request.header("Authorization");
  const std::string* platform = request.header("X-Platform-Key");
  std::string_view key;
  if (authorization != nullptr) {
    constexpr std::string_view kScheme = "bearer ";
    std::string scheme = authorization->substr(0, kScheme.size());
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (scheme != kScheme) {
      return base::fail(401, "unauthorized", "Send the API key as `Authorization: Bearer <key>`.",
                        "Authorization");
    }
    key = std::string_view(*authorization).substr(kScheme.size());
    while (!key.empty() && key.front() == ' ') key.remove_prefix(1);
  }
  if (platform != nullptr) {
    if (platform->empty()) {
      return base::fail(401, "unauthorized", "X-Platform-Key is empty; send the API key in it.",
                        "X-Platform-Key");
    }
    if (!key.empty() && key != *platform) {
      return base::fail(401, "unauthorized",
                        "Authorization and X-Platform-Key hold different keys; send one.");
    }
    key = *platform;
  }
  if (key.empty()) {
    return base::fail(401, "unauthorized",
                      "Send an API key: `Authorization: Bearer <key>` or `X-Platform-Key: <key>`.");
  }
  return key;
}

bool looksLikeToken(std::string_view credential) {
  return credential.rfind(kKeyStart, 0) != 0 && credential.find('.') != std::string_view::npos;
}

base::Status admit(const Call& call, std::string_view resource, std::string_view access) {
  const identity::Principal& principal = *call.principal;
  if (principal.allows(resource, access)) return {};
  const std::string right = std::string(resource) + ":" + std::string(access);
  if (principal.isUser()) {
    return base::fail(403, "role_missing",
                      "Your role here is " + principal.role + ", which does not include " + right +
                          ". Ask an owner or admin of the organisation.");
  }
  return base::fail(403, "scope_missing", "This key lacks the scope " + right + ".");
}

base::Status keepToken(Call& call, const Route& route, std::string_view token) {
  const bool management = route.pattern.rfind(kManagement, 0) == 0;
  const identity::Users& users = *call.shared.users;
  if (!management && users.isOwnToken(token)) {
    return base::fail(403, "api_key_required",
                      "A user's token is for the management API; send an API key here. POST "
                      "/api/keys makes one.");
  }
  if (!management || !users.mayBeToken(token)) {
    return base::fail(401, "invalid_token",
                      "The access token is not valid, or no longer; refresh it or log in again.");
  }
  call.userToken = token;
  return {};
}

base::Status recognise(Call& call, store::ReadSession& reader, std::string_view resource,
                       std::string_view access) {
  auto principal = call.shared.users->authenticate(reader, call.userToken);
  if (!principal) return base::fail(principal.error());
  call.principal = std::make_shared<const identity::Principal>(std::move(*principal));
  call.tenant = {call.principal->orgId, environmentOf(call)};
  if (auto status = call.shared.limits.takeNow(call); !status) return status;
  if (auto status = admit(call, resource, access); !status) return status;
  if (call.badRequest) return base::fail(*call.badRequest);
  return {};
}

base::Status needUser(const Call& call) {
  if (call.principal && call.principal->isUser()) return {};
  return base::fail(403, "user_required",
                    "This is for users alone; send a user's access token, from POST "
                    "/api/auth/login.");
}

}  // namespace unigate::rest
