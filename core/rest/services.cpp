// /api/services: the providers of this organisation, with their credentials, features and checks.
#include "onboarding/connector.hpp"
#include "onboarding/service_view.hpp"
#include "rest/fields.hpp"
#include "rest/lists.hpp"
#include "rest/management.hpp"
#include "rest/service_scope.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;

constexpr std::size_t kFeaturesMax = 64;
constexpr std::size_t kNameCharsMax = 64;
constexpr std::size_t kEnvironmentCharsMax = 8;

onboarding::ServiceView viewOf(const ManagementCall& call) {
  return {call.shared.gateway.plugins, call.shared.clock, &call.shared.gateway.credentials};
}

base::Result<ManagementReply> documentReply(const ManagementCall& call,
                                            const gateway::Tenant& tenant, int status = 200) {
  auto document = viewOf(call).one(call.reader, tenant, call.param(0));
  if (!document) return base::fail(document.error());
  return ManagementReply{status, std::move(*document)};
}

base::Result<ManagementReply> listServices(const ManagementCall& call) {
  const auto tenant = serviceTenant(call, call.call.queryValue("environment"));
  if (!tenant) return base::fail(tenant.error());
  const auto documents = viewOf(call).all(call.reader, *tenant);
  if (!documents) return base::fail(documents.error());
  return ManagementReply{200, listBody(*documents, false, "")};
}

base::Result<ManagementReply> getService(const ManagementCall& call) {
  const auto tenant = serviceTenant(call, call.call.queryValue("environment"));
  if (!tenant) return base::fail(tenant.error());
  return documentReply(call, *tenant);
}

// The members of `credentials`: text sets a field, null forgets it.
void readCredentials(json::View given, FieldReader& fields, onboarding::ConnectRequest& request) {
  if (!given.exists()) return;
  if (!given.isObject()) {
    fields.fault("credentials", "credentials must be an object of texts, one for each field.");
    return;
  }
  for (const json::Member& member : given.members()) {
    if (member.value.isNull()) {
      request.cleared.emplace_back(member.name);
    } else if (const auto text = member.value.string()) {
      request.values.emplace_back(member.name, vault::SecretString(*text));
    } else {
      fields.fault("credentials", "Each member of credentials must be text, or null to forget it.");
    }
  }
}

base::Result<ManagementReply> configureService(const ManagementCall& call) {
  FieldReader fields(call.call.body.root(), call.call.request.body);
  onboarding::ConnectRequest request;
  request.provider = call.param(0);
  request.actor = callerOf(call);
  readCredentials(fields.member("credentials", Need::optional), fields, request);
  const auto environment = fields.text("environment", Need::optional, kEnvironmentCharsMax);
  if (call.call.body.root()["features"].exists())
    request.features = fields.texts("features", Need::optional, kFeaturesMax, kNameCharsMax);
  if (fields.isNull("expires_at")) {
    request.expiresAt = 0;
  } else if (const auto expires = fields.time("expires_at", Need::optional)) {
    request.expiresAt = *expires * 1000;
    if (*request.expiresAt <= call.shared.clock.unixMs())
      fields.fault("expires_at", "expires_at must lie in the future.");
  }
  request.keepPrevious = fields.flag("keep_previous").value_or(false);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  auto tenant = serviceTenant(call, environment);
  if (!tenant) return base::fail(tenant.error());
  request.tenant = *tenant;
  std::vector<onboarding::ConnectRequest> requests;
  requests.push_back(std::move(request));
  const auto results = call.shared.connector->connect(call.reader, std::move(requests));
  if (!results.front()) return base::fail(results.front().error());
  return documentReply(call, *tenant);
}

base::Result<ManagementReply> switchFeatures(const ManagementCall& call) {
  FieldReader fields(call.call.body.root(), call.call.request.body);
  const json::View given = fields.member("features", Need::required);
  const auto environment = fields.text("environment", Need::optional, kEnvironmentCharsMax);
  std::vector<std::pair<std::string, bool>> switches;
  if (given.exists() && (!given.isObject() || given.size() == 0 || given.size() > kFeaturesMax))
    fields.fault("features", "features must be an object such as {\"refunds\": false}.");
  for (const json::Member& member : given.members()) {
    const auto on = member.value.boolean();
    if (!on) fields.fault("features", "Each member of features must be true or false.");
    switches.emplace_back(member.name, on.value_or(false));
  }
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto tenant = serviceTenant(call, environment);
  if (!tenant) return base::fail(tenant.error());
  if (auto switched = call.shared.connector->switchFeatures(call.reader, *tenant, call.param(0),
                                                            switches, callerOf(call));
      !switched) {
    return base::fail(switched.error());
  }
  return documentReply(call, *tenant);
}

base::Result<ManagementReply> verifyService(const ManagementCall& call) {
  std::optional<std::string> environment;
  if (call.call.hasBody) {
    FieldReader fields(call.call.body.root(), call.call.request.body);
    environment = fields.text("environment", Need::optional, kEnvironmentCharsMax);
    if (auto status = fields.finish(); !status) return base::fail(status.error());
  }
  const auto tenant = serviceTenant(call, environment);
  if (!tenant) return base::fail(tenant.error());
  const auto checked =
      call.shared.connector->verify(call.reader, *tenant, call.param(0), callerOf(call));
  if (!checked) return base::fail(checked.error());
  return documentReply(call, *tenant);
}

base::Result<ManagementReply> disconnectService(const ManagementCall& call) {
  const auto tenant = serviceTenant(call, call.call.queryValue("environment"));
  if (!tenant) return base::fail(tenant.error());
  if (auto gone =
          call.shared.connector->disconnect(call.reader, *tenant, call.param(0), callerOf(call));
      !gone) {
    return base::fail(gone.error());
  }
  return ManagementReply{204, ""};
}

}  // namespace

base::Result<gateway::Tenant> serviceTenant(const ManagementCall& call,
                                            std::optional<std::string_view> named) {
  if (named && *named != "test" && *named != "live")
    return base::fail(400, "invalid_request", "environment must be test or live.", "environment");
  const identity::Principal& caller = *call.call.principal;
  if (!caller.userId.empty())
    return gateway::Tenant{call.orgId(), std::string(named.value_or("test"))};
  const std::string own(identity::toText(caller.environment));
  if (named && *named != own) {
    return base::fail(400, "wrong_environment",
                      "This key is of the " + own +
                          " environment; leave environment out, or use a key of the other one.",
                      "environment");
  }
  return gateway::Tenant{call.orgId(), own};
}

const std::string& callerOf(const ManagementCall& call) {
  const identity::Principal& caller = *call.call.principal;
  return caller.userId.empty() ? caller.keyId : caller.userId;
}

void addServiceManagementRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  const std::string one = "/api/services/{provider}";
  routes.push_back(managed("GET", "/api/services", "services", "read", Body::none, {"environment"},
                           listServices));
  routes.push_back(
      managed("GET", one, "services", "read", Body::none, {"environment"}, getService));
  routes.push_back(managed("POST", one + "/configure", "services", "write", Body::required, {},
                           configureService));
  routes.push_back(
      managed("PUT", one + "/features", "services", "write", Body::required, {}, switchFeatures));
  routes.push_back(
      managed("POST", one + "/verify", "services", "write", Body::optional, {}, verifyService));
  routes.push_back(
      managed("DELETE", one, "services", "write", Body::none, {"environment"}, disconnectService));
}

}  // namespace unigate::rest
