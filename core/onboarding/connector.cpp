#include "onboarding/connector.hpp"

#include <algorithm>
#include <map>
#include <unigate/json.hpp>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "gateway/account_directory.hpp"
#include "gateway/features.hpp"
#include "gateway/registered_credentials.hpp"
#include "onboarding/credential_check.hpp"

namespace unigate::onboarding {

namespace {

using plugin_host::Credential;
using plugin_host::Manifest;
using Settings = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kPassthrough = gateway::kPassthroughFeature;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& each : names) text += (text.empty() ? "" : ", ") + each;
  return text;
}

std::string fieldNames(const Manifest& manifest) {
  std::vector<std::string> names;
  for (const Credential& each : manifest.credentials) names.push_back(each.name);
  return listed(names);
}

std::set<std::string> textsOf(const std::string& jsonArray) {
  std::set<std::string> texts;
  json::Document document;
  json::ReadError error;
  if (document.parse(jsonArray, error)) {
    for (const json::View each : document.root().items()) texts.emplace(each.stringOr(""));
  }
  return texts;
}

std::string arrayOf(const std::set<std::string>& texts) {
  json::Writer out;
  out.beginArray();
  for (const std::string& each : texts) out.value(each);
  out.endArray();
  return out.take();
}

Settings settingsOf(const std::string& jsonObject) {
  Settings settings;
  json::Document document;
  json::ReadError error;
  if (document.parse(jsonObject, error)) {
    for (const json::Member& each : document.root().members())
      settings.emplace(each.name, each.value.stringOr(""));
  }
  return settings;
}

std::string objectOf(const Settings& settings) {
  json::Writer out;
  out.beginObject();
  for (const auto& [name, value] : settings) out.member(name, value);
  out.endObject();
  return out.take();
}

bool isPrevious(std::string_view field) {
  return field.substr(0, store::kPreviousField.size()) == store::kPreviousField;
}

std::string previousOf(std::string_view field) {
  return std::string(store::kPreviousField) + std::string(field);
}

base::Status checkFeatureName(const Manifest& manifest, const std::string& name) {
  const auto all = gateway::featuresOf(manifest);
  if (std::find(all.begin(), all.end(), name) != all.end()) return {};
  return base::fail(422, "unknown_feature",
                    manifest.id + " has no feature \"" + base::printable(name) +
                        "\"; it has: " + listed(all) + ".",
                    "features");
}

// Raw calls can do whatever the other features can: they go with the first that is off, unless they
// are named themselves.
void settlePassthrough(const Manifest& manifest, std::set<std::string>& off, bool named) {
  if (!named && manifest.passthrough && !off.empty()) off.emplace(kPassthrough);
}

// The features that are off when those in `on` shall be on.
base::Result<std::set<std::string>> offOf(const Manifest& manifest,
                                          const std::vector<std::string>& on) {
  std::set<std::string> off(manifest.envFeatures.begin(), manifest.envFeatures.end());
  bool named = false;
  for (const std::string& each : on) {
    if (auto known = checkFeatureName(manifest, each); !known) return base::fail(known.error());
    off.erase(each);
    named = named || each == kPassthrough;
  }
  settlePassthrough(manifest, off, named);
  return off;
}

base::Problem notConfigured(const gateway::Tenant& tenant, const std::string& provider) {
  return {404,
          "service_not_configured",
          "No " + tenant.environment + " credentials are stored for " + base::printable(provider) +
              ". Store them with POST /api/services/{provider}/configure.",
          "provider",
          false,
          0,
          {}};
}

}  // namespace

// What is stored of an account.
struct Connector::Stored {
  std::optional<store::ProviderAccount> account;
  store::ServiceRecord service;
  gateway::OpenedSecrets secrets;   // the newest
  gateway::OpenedSecrets previous;  // by the names of the fields
};

struct Connector::Prepared {
  ConnectRequest request;
  Stored stored;
  plugin_host::Plugin* plugin = nullptr;
  std::string accountId;
  Settings settings;  // merged
  std::set<std::string> featuresOff;
  std::shared_ptr<gateway::Account> account;  // with the merged credentials
  bool dropsPrevious = false;                 // changes nothing else
};

base::Result<Connector::Stored> Connector::storedOf(store::ReadSession& reader,
                                                    const gateway::Tenant& tenant,
                                                    const std::string& provider) const {
  Stored stored;
  auto account = reader.account(tenant.orgId, tenant.environment, provider);
  if (!account) return base::fail(account.error());
  stored.account = std::move(*account);
  stored.service.orgId = tenant.orgId;
  stored.service.environment = tenant.environment;
  stored.service.provider = provider;
  if (!stored.account) return stored;
  const std::string& id = stored.account->id;
  auto service = store::findService(reader, tenant.orgId, id);
  if (!service) return base::fail(service.error());
  if (service->has_value()) stored.service = std::move(**service);
  stored.service.accountId = id;
  auto secrets = gateway::openSecrets(reader, parts_.vault, tenant.orgId, id, provider);
  if (!secrets) return base::fail(secrets.error());
  for (auto& [field, value] : *secrets) {
    if (isPrevious(field)) {
      stored.previous.emplace(field.substr(store::kPreviousField.size()), std::move(value));
    } else {
      stored.secrets.emplace(field, std::move(value));
    }
  }
  return stored;
}

base::Result<Connector::Prepared> Connector::prepare(store::ReadSession& reader,
                                                     ConnectRequest request) const {
  Prepared prepared;
  prepared.plugin = parts_.plugins.find(request.provider);
  if (prepared.plugin == nullptr) {
    auto used = parts_.plugins.use(request.provider);
    if (!used) return base::fail(used.error());
    return base::fail(404, "unknown_provider", "There is no such provider.", "provider");
  }
  const Manifest& manifest = prepared.plugin->manifest();
  auto stored = storedOf(reader, request.tenant, request.provider);
  if (!stored) return base::fail(stored.error());
  prepared.stored = std::move(*stored);
  const Stored& before = prepared.stored;
  prepared.featuresOff = textsOf(before.service.featuresOff);
  if (request.features) {
    auto off = offOf(manifest, *request.features);
    if (!off) return base::fail(off.error());
    prepared.featuresOff = std::move(*off);
  }

  gateway::OpenedSecrets secrets;
  for (const auto& [field, value] : before.secrets) secrets.emplace(field, value.clone());
  if (before.account) prepared.settings = settingsOf(before.account->settings);
  for (const std::string& field : request.cleared) {
    if (manifest.findCredential(field) == nullptr)
      return base::fail(
          422, "invalid_credentials",
          manifest.id + " has no credential of this name; it has: " + fieldNames(manifest) + ".",
          "credentials");
    secrets.erase(field);
    prepared.settings.erase(field);
  }
  for (const auto& [field, value] : request.values) {
    const Credential* known = manifest.findCredential(field);
    if (known == nullptr) {
      return base::fail(
          422, "invalid_credentials",
          manifest.id + " has no credential of this name; it has: " + fieldNames(manifest) + ".",
          "credentials");
    }
    const std::string fault = credentialFault(*known, value.reveal(), request.tenant.environment);
    if (!fault.empty()) {
      return base::fail(422, "invalid_credentials", fault + ".", "credentials." + known->name);
    }
    if (known->secret) {
      secrets.insert_or_assign(field, value.clone());
    } else {
      prepared.settings.insert_or_assign(field, std::string(value.reveal()));
    }
  }
  for (const Credential& field : manifest.credentials) {
    const bool there = secrets.count(field.name) + prepared.settings.count(field.name) > 0;
    if (field.required && !there) {
      return base::fail(422, "credentials_missing",
                        field.name + " is missing: " + manifest.id + " can't work without it" +
                            (field.description.empty() ? "." : " (" + field.description + ")."),
                        "credentials." + field.name);
    }
  }
  prepared.dropsPrevious = request.values.empty() && request.cleared.empty() &&
                           before.account.has_value() && !request.keepPrevious;
  prepared.accountId =
      before.account ? before.account->id : base::makeId("acc_", parts_.clock, parts_.random);
  auto account = gateway::makeAccount(*prepared.plugin, request.tenant, prepared.accountId,
                                      objectOf(prepared.settings), std::move(secrets),
                                      std::make_shared<gateway::OAuthTokens>(parts_.clock));
  if (!account) return base::fail(account.error());
  prepared.account = std::move(*account);
  prepared.request = std::move(request);
  return prepared;
}

base::Result<store::SecretRecord> Connector::sealed(const std::string& orgId,
                                                    const std::string& accountId,
                                                    const std::string& field,
                                                    const vault::SecretString& secret) const {
  return gateway::sealedSecret(orgId, accountId, field, secret,
                               {parts_.vault, parts_.clock, parts_.random});
}

base::Result<Connected> Connector::keep(Prepared& prepared) const {
  const ConnectRequest& request = prepared.request;
  const Stored& before = prepared.stored;
  const std::string& orgId = request.tenant.orgId;
  const std::int64_t read = before.account ? before.account->updatedAt : 0;
  const std::int64_t now = std::max(parts_.clock.unixMs(), read + 1);
  const bool probed = canProbe(*prepared.account);

  store::ServiceChange change;
  change.actor = request.actor;
  change.readUpdatedAt = read;
  change.account = before.account.value_or(store::ProviderAccount{});
  change.account.id = prepared.accountId;
  change.account.orgId = orgId;
  change.account.environment = request.tenant.environment;
  change.account.provider = request.provider;
  change.account.settings = prepared.account->settingsJson;
  change.account.status = probed ? "active" : "unverified";
  change.account.verifiedAt = probed ? now : 0;
  if (!before.account) change.account.createdAt = now;
  change.account.updatedAt = now;

  change.service = before.service;
  change.service.accountId = prepared.accountId;
  change.service.featuresOff = arrayOf(prepared.featuresOff);
  if (!prepared.dropsPrevious || request.expiresAt)
    change.service.expiresAt = request.expiresAt.value_or(0);
  change.service.working = probed ? "newest" : "";
  change.service.checkedAt = probed ? now : 0;
  change.service.checkCode.clear();
  change.service.checkDetail.clear();
  change.service.updatedAt = now;

  const bool keeps = request.keepPrevious && before.account.has_value();
  change.service.previousSettings = keeps ? before.account->settings : "";
  change.service.previousSince = keeps ? now : 0;
  for (const auto& [field, value] : before.previous) {
    if (!keeps || before.secrets.count(field) == 0) change.removed.push_back(previousOf(field));
  }
  for (const std::string& field : request.cleared) change.removed.push_back(field);
  if (keeps) {
    for (const auto& [field, value] : before.secrets) {
      auto row = sealed(orgId, prepared.accountId, previousOf(field), value);
      if (!row) return base::fail(row.error());
      change.secrets.push_back(std::move(*row));
    }
  }
  for (const auto& [field, value] : request.values) {
    if (!prepared.plugin->manifest().findCredential(field)->secret) continue;
    auto row = sealed(orgId, prepared.accountId, field, value);
    if (!row) return base::fail(row.error());
    change.secrets.push_back(std::move(*row));
  }
  if (auto stored = store::putService(parts_.store, change); !stored)
    return base::fail(stored.error());
  changed(prepared.accountId);

  Connected connected{request.provider, prepared.accountId, {}, probed, now};
  for (const std::string& each : gateway::featuresOf(prepared.plugin->manifest())) {
    if (prepared.featuresOff.count(each) == 0) connected.features.push_back(each);
  }
  return connected;
}

void Connector::changed(const std::string& accountId) const {
  if (parts_.book != nullptr) parts_.book->changed(accountId);
}

std::vector<base::Result<Connected>> Connector::connect(store::ReadSession& reader,
                                                        std::vector<ConnectRequest> requests) {
  std::vector<base::Result<Prepared>> prepared;
  std::vector<std::shared_ptr<const gateway::Account>> accounts;
  std::vector<std::size_t> places;  // of the accounts among the requests
  for (std::size_t i = 0; i < requests.size(); ++i) {
    prepared.push_back(prepare(reader, std::move(requests[i])));
    if (!prepared.back()) continue;
    accounts.push_back((*prepared.back()).account);
    places.push_back(i);
  }
  const std::vector<base::Status> probed = prober_.probe(accounts);
  std::vector<base::Result<Connected>> results;
  std::size_t next = 0;
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    if (!prepared[i]) {
      results.emplace_back(base::fail(prepared[i].error()));
      continue;
    }
    base::Status works = probed[next++];
    // Asked when all before it are stored, so that several at once are no more than one by one.
    const ConnectRequest& request = (*prepared[i]).request;
    if (works && parts_.mayAdd && !(*prepared[i]).stored.account)
      works = parts_.mayAdd(reader, request.tenant.orgId, request.provider);
    if (works) {
      results.push_back(keep(*prepared[i]));
    } else {
      results.emplace_back(base::fail(works.error()));
    }
  }
  return results;
}

base::Result<CheckedService> Connector::verify(store::ReadSession& reader,
                                               const gateway::Tenant& tenant,
                                               const std::string& provider,
                                               const std::string& actor) {
  plugin_host::Plugin* plugin = parts_.plugins.find(provider);
  auto stored = storedOf(reader, tenant, provider);
  if (!stored) return base::fail(stored.error());
  if (!stored->account) return base::fail(notConfigured(tenant, provider));
  if (plugin == nullptr) {
    auto used = parts_.plugins.use(provider);
    return base::fail(used ? notConfigured(tenant, provider) : used.error());
  }
  if (!plugin->manifest().probe) {
    return base::fail(501, "not_supported",
                      "The plugin of " + provider + " names no operation to try credentials with.",
                      "provider");
  }
  std::vector<std::shared_ptr<const gateway::Account>> accounts;
  const auto add = [&](const std::string& id, const std::string& settings,
                       gateway::OpenedSecrets& secrets) -> base::Status {
    auto account = gateway::makeAccount(*plugin, tenant, id, settings, std::move(secrets),
                                        std::make_shared<gateway::OAuthTokens>(parts_.clock));
    if (!account) return base::fail(account.error());
    accounts.push_back(std::move(*account));
    return {};
  };
  const std::string& id = stored->account->id;
  if (auto made = add(id, stored->account->settings, stored->secrets); !made)
    return base::fail(made.error());
  const bool two = !stored->service.previousSettings.empty();
  if (two) {
    if (auto made = add(id, stored->service.previousSettings, stored->previous); !made)
      return base::fail(made.error());
  }
  const std::vector<base::Status> probed = prober_.probe(accounts);
  CheckedService checked;
  if (!probed.front()) checked.newestProblem = probed.front().error();
  if (two && !probed.back()) checked.previousProblem = probed.back().error();
  checked.working = probed.front() ? "newest" : two && probed.back() ? "previous" : "none";

  store::ServiceRecord note = stored->service;
  note.working = checked.working;
  note.checkedAt = parts_.clock.unixMs();
  note.checkCode = checked.newestProblem ? checked.newestProblem->code : "";
  note.checkDetail = checked.newestProblem ? checked.newestProblem->detail : "";
  if (note.updatedAt == 0) note.updatedAt = note.checkedAt;
  if (auto noted = store::noteServiceCheck(parts_.store, note, actor); !noted)
    return base::fail(noted.error());
  changed(id);
  return checked;
}

base::Status Connector::switchFeatures(store::ReadSession& reader, const gateway::Tenant& tenant,
                                       const std::string& provider,
                                       const std::vector<std::pair<std::string, bool>>& switches,
                                       const std::string& actor) {
  auto used = parts_.plugins.use(provider);
  if (!used) return base::fail(used.error());
  const Manifest& manifest = (*used)->manifest();
  auto account = reader.account(tenant.orgId, tenant.environment, provider);
  if (!account) return base::fail(account.error());
  if (!account->has_value()) return base::fail(notConfigured(tenant, provider));
  auto service = store::findService(reader, tenant.orgId, (*account)->id);
  if (!service) return base::fail(service.error());
  store::ServiceRecord row = service->value_or(store::ServiceRecord{});
  std::set<std::string> off = textsOf(row.featuresOff);
  bool named = false;
  for (const auto& [name, on] : switches) {
    if (auto known = checkFeatureName(manifest, name); !known) return known;
    named = named || name == kPassthrough;
    if (on) {
      off.erase(name);
    } else {
      off.insert(name);
    }
  }
  settlePassthrough(manifest, off, named);
  row.accountId = (*account)->id;
  row.orgId = tenant.orgId;
  row.environment = tenant.environment;
  row.provider = provider;
  row.featuresOff = arrayOf(off);
  row.updatedAt = parts_.clock.unixMs();
  if (auto stored = store::setServiceFeatures(parts_.store, row, actor); !stored) return stored;
  changed(row.accountId);
  return {};
}

base::Status Connector::disconnect(store::ReadSession& reader, const gateway::Tenant& tenant,
                                   const std::string& provider, const std::string& actor) {
  auto account = reader.account(tenant.orgId, tenant.environment, provider);
  if (!account) return base::fail(account.error());
  if (!account->has_value()) return base::fail(notConfigured(tenant, provider));
  if (auto gone = store::removeService(parts_.store, tenant.orgId, (*account)->id, actor); !gone)
    return gone;
  changed((*account)->id);
  return {};
}

}  // namespace unigate::onboarding
