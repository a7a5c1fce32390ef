// /api/onboarding: a pasted .env file becomes connected services and one API key. Between the two
// requests what was pasted is in the client's sealed token alone.
#include <algorithm>
#include <map>
#include <set>

#include "onboarding/connector.hpp"
#include "onboarding/credential_check.hpp"
#include "onboarding/detection.hpp"
#include "onboarding/sealed_token.hpp"
#include "rest/api.hpp"
#include "rest/fields.hpp"
#include "rest/management.hpp"
#include "rest/problem_json.hpp"
#include "rest/service_scope.hpp"

namespace unigate::rest {

namespace {

using onboarding::Candidate;
using onboarding::Detection;
using onboarding::FieldFinding;
using onboarding::ServiceFinding;
using Need = FieldReader::Need;

constexpr std::size_t kFeaturesMax = 64;
constexpr std::size_t kNameCharsMax = 64;
constexpr std::size_t kServicesMax = 64;
constexpr std::size_t kKeyNameCharsMax = 200;

// ---- parse ----

std::vector<plugin_host::Manifest> manifestsOf(const plugin_host::PluginRegistry& plugins) {
  std::vector<plugin_host::Manifest> manifests;
  std::set<std::string> ids;
  for (plugin_host::PluginEntry& entry : plugins.entries()) {
    if (!entry.manifest || entry.state != plugin_host::PluginState::loaded) continue;
    if (ids.insert(entry.id).second) manifests.push_back(std::move(*entry.manifest));
  }
  return manifests;
}

void writeTexts(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
  out.key(name).beginArray();
  for (const std::string& each : texts) out.value(each);
  out.endArray();
}

void writeText(json::Writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  if (text.empty()) {
    out.null();
  } else {
    out.value(text);
  }
}

// The candidates of a field that are taken in one environment or the other; without any, the first
// with what is wrong with it.
std::vector<const Candidate*> shownOf(const FieldFinding& field) {
  std::vector<const Candidate*> shown;
  for (const char* environment : {"test", "live"}) {
    const Candidate* chosen = field.chosen(environment);
    if (chosen != nullptr && (shown.empty() || shown.front() != chosen)) shown.push_back(chosen);
  }
  if (shown.empty() && !field.candidates.empty()) shown.push_back(&field.candidates.front());
  return shown;
}

void writeCredentials(json::Writer& out, const ServiceFinding& service) {
  out.key("credentials").beginArray();
  for (const FieldFinding& field : service.fields) {
    for (const Candidate* each : shownOf(field)) {
      out.beginObject()
          .member("name", field.credential)
          .member("variable", each->variable)
          .member("value", onboarding::masked(each->value.reveal()));
      writeText(out, "environment", each->environment);
      writeText(out, "problem", each->fault);
      out.endObject();
    }
  }
  out.endArray();
}

void writeMissing(json::Writer& out, const ServiceFinding& service) {
  out.key("missing").beginArray();
  for (const FieldFinding& field : service.fields) {
    if (field.chosen("test") != nullptr || field.chosen("live") != nullptr) continue;
    out.beginObject()
        .member("name", field.credential)
        .member("required", field.required)
        .member("description", field.description);
    writeTexts(out, "variables", field.wouldFill);
    out.endObject();
  }
  out.endArray();
}

void writeService(json::Writer& out, const ServiceFinding& service) {
  out.beginObject()
      .member("provider", service.provider)
      .member("display_name", service.displayName)
      .member("confidence", service.confidence)
      .member("reason", service.reason)
      .member("environment", service.environment)
      .key("complete")
      .beginObject()
      .member("test", service.complete("test"))
      .member("live", service.complete("live"))
      .endObject();
  writeTexts(out, "features", service.features);
  writeCredentials(out, service);
  writeMissing(out, service);
  writeTexts(out, "warnings", service.warnings);
  out.endObject();
}

std::string reviewOf(const Detection& found, const std::string& token, std::int64_t nowMs) {
  json::Writer out;
  out.beginObject().member("object", "onboarding_review").key("services").beginArray();
  for (const ServiceFinding& each : found.services) writeService(out, each);
  out.endArray().key("no_provider_installed").beginArray();
  for (const onboarding::OtherService& each : found.others) {
    out.beginObject().member("service", each.id).member("name", each.name);
    writeTexts(out, "variables", each.variables);
    out.endObject();
  }
  out.endArray();
  writeTexts(out, "unknown", found.unknown);
  writeTexts(out, "repeated", found.repeated);
  out.member("token", token)
      .member("token_expires_at", base::toRfc3339(nowMs + onboarding::kTokenLifeMs))
      .endObject();
  return out.take();
}

onboarding::TokenOwner ownerOf(const ManagementCall& call) {
  return {call.orgId(), callerOf(call)};
}

base::Result<ManagementReply> parseEnv(const ManagementCall& call) {
  FieldReader fields(call.call.body.root(), call.call.request.body);
  const json::View content = fields.member("env_content", Need::required);
  if (content.exists() && !content.isString())
    fields.fault("env_content", "env_content must be the text of a .env file.");
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto file = onboarding::EnvFile::parse(content.stringOr(""));
  if (!file) return base::fail(file.error());
  const Detection found = onboarding::detect(*file, manifestsOf(call.shared.gateway.plugins));
  const auto token = call.shared.sealer->seal(ownerOf(call), onboarding::credentialsOf(found));
  if (!token) return base::fail(token.error());
  return ManagementReply{200, reviewOf(found, *token, call.shared.clock.unixMs())};
}

// ---- configure ----

using Choices = std::map<std::string, std::vector<std::string>>;  // features by provider

// `features`: by provider, those that shall be on; providers that are not named are left out.
std::optional<Choices> readChoices(FieldReader& fields) {
  const json::View given = fields.member("features", Need::optional);
  if (given.isNothing()) return std::nullopt;
  Choices choices;
  if (!given.isObject() || given.size() == 0 || given.size() > kServicesMax) {
    fields.fault("features",
                 "features must be an object such as {\"provider\": [\"payments\", \"refunds\"]}.");
    return choices;
  }
  FieldReader inner(given, "features", fields);
  for (const json::Member& member : given.members())
    choices[std::string(member.name)] =
        inner.texts(member.name, Need::required, kFeaturesMax, kNameCharsMax);
  inner.finishInto(fields);
  return choices;
}

base::Result<std::vector<onboarding::ConnectRequest>> requestsOf(
    const ManagementCall& call, const gateway::Tenant& tenant,
    onboarding::PastedCredentials& pasted, const std::optional<Choices>& choices) {
  std::vector<onboarding::ConnectRequest> requests;
  if (choices) {
    for (const auto& [provider, features] : *choices) {
      if (pasted.count(provider) > 0) continue;
      return base::fail(422, "service_not_pasted",
                        "The pasted file holds no usable credentials of " +
                            base::printable(provider) + "; leave it out of features.",
                        "features");
    }
  }
  for (auto& [provider, environments] : pasted) {
    onboarding::ConnectRequest request;
    if (choices) {
      const auto chosen = choices->find(provider);
      if (chosen == choices->end()) continue;
      request.features = chosen->second;
    }
    request.tenant = tenant;
    request.provider = provider;
    request.actor = callerOf(call);
    // What the file has for the other environment alone is missed by name.
    if (const auto found = environments.find(tenant.environment); found != environments.end())
      request.values = std::move(found->second);
    requests.push_back(std::move(request));
  }
  if (requests.empty()) {
    return base::fail(422, "nothing_to_configure",
                      "The pasted file holds no usable credentials of an installed provider.",
                      "token");
  }
  return requests;
}

void writeProblem(json::Writer& out, const base::Problem& problem) {
  out.key("problem")
      .beginObject()
      .member("code", problem.code)
      .member("detail", detailForClient(problem));
  if (!problem.param.empty()) out.member("param", problem.param);
  for (const auto& [name, text] : problem.members) out.key(name).rawJson(text);
  out.endObject();
}

void writeResults(json::Writer& out, const std::vector<std::string>& providers,
                  const std::vector<base::Result<onboarding::Connected>>& results) {
  out.beginArray();
  for (std::size_t i = 0; i < results.size(); ++i) {
    out.beginObject().member("provider", providers[i]);
    if (results[i]) {
      out.member("status", "connected").member("verified", results[i]->verified);
      writeTexts(out, "features", results[i]->features);
      out.key("problem").null();
    } else {
      out.member("status", "failed").member("verified", false);
      writeTexts(out, "features", {});
      writeProblem(out, results[i].error());
    }
    out.endObject();
  }
  out.endArray();
}

// What the key of onboarding may do: all of the unified API and nothing of the management API, and
// no more than the caller.
std::vector<std::string> scopesFor(const identity::Principal& caller) {
  std::vector<std::string> scopes;
  for (const std::string& resource : unifiedResources()) {
    for (const std::string_view access : {"write", "read"}) {
      if (caller.userId.empty() && !caller.allows(resource, access)) continue;
      scopes.push_back(resource + ":" + std::string(access));
      break;
    }
  }
  return scopes;
}

base::Result<ManagementReply> configureServices(const ManagementCall& call) {
  FieldReader fields(call.call.body.root(), call.call.request.body);
  const json::View token = fields.member("token", Need::required);
  if (token.exists() && !token.isString())
    fields.fault("token", "token must be the text that POST /api/onboarding/parse gave.");
  const auto choices = readChoices(fields);
  const auto environment = fields.text("environment", Need::optional, 8);
  const auto name = fields.text("key_name", Need::optional, kKeyNameCharsMax);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto tenant = serviceTenant(call, environment);
  if (!tenant) return base::fail(tenant.error());
  auto pasted = call.shared.sealer->open(ownerOf(call), token.stringOr(""));
  if (!pasted) return base::fail(pasted.error());
  identity::NewKey key;
  key.scopes = scopesFor(*call.call.principal);
  if (key.scopes.empty()) {
    return base::fail(403, "scope_missing",
                      "The key of onboarding can do no more than yours, and yours has no scope of "
                      "the unified API.");
  }
  auto requests = requestsOf(call, *tenant, *pasted, choices);
  if (!requests) return base::fail(requests.error());
  std::vector<std::string> providers;
  for (const auto& each : *requests) providers.push_back(each.provider);
  const auto results = call.shared.connector->connect(call.reader, std::move(*requests));

  json::Writer list;
  writeResults(list, providers, results);
  const bool any = std::any_of(results.begin(), results.end(),
                               [](const auto& each) { return each.has_value(); });
  if (!any) {
    base::Problem problem{422,
                          "no_service_connected",
                          "None of the services could be connected, so nothing was stored and no "
                          "key was made; services says why of each.",
                          "",
                          false,
                          0,
                          {}};
    problem.members.emplace_back("services", list.take());
    return base::fail(std::move(problem));
  }
  key.orgId = call.orgId();
  key.environment = *identity::environmentFromText(tenant->environment);
  key.name = name.value_or("Onboarding");
  const auto made = call.shared.directory.createKey(key);
  if (!made) return base::fail(made.error());
  json::Writer out;
  out.beginObject()
      .member("object", "onboarding")
      .member("environment", tenant->environment)
      .key("services")
      .rawJson(list.view())
      .key("api_key")
      .beginObject()
      .member("id", made->id)
      .member("api_key", made->text.reveal())
      .member("environment", tenant->environment)
      .member("name", key.name);
  writeTexts(out, "scopes", key.scopes);
  out.endObject().endObject();
  return ManagementReply{201, out.take()};
}

}  // namespace

void addOnboardingRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back(managed("POST", "/api/onboarding/parse", "onboarding", "write", Body::required,
                           {}, parseEnv));
  routes.push_back(managed("POST", "/api/onboarding/configure", "onboarding", "write",
                           Body::required, {}, configureServices));
}

}  // namespace unigate::rest
