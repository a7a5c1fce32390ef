#include "onboarding/service_view.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unigate/json.hpp>
#include <utility>

#include "base/text.hpp"
#include "gateway/features.hpp"
#include "store/services.hpp"

namespace unigate::onboarding {

namespace {

// What is stored of one service.
struct Rows {
  std::optional<store::ProviderAccount> account;
  store::ServiceRecord service;
  std::map<std::string, std::string> last4;  // of the secrets, by field
};

base::Result<Rows> readRows(store::ReadSession& reader, const gateway::Tenant& tenant,
                            const std::string& provider) {
  Rows rows;
  auto account = reader.account(tenant.orgId, tenant.environment, provider);
  if (!account) return base::fail(account.error());
  rows.account = std::move(*account);
  if (!rows.account) return rows;
  auto service = store::findService(reader, tenant.orgId, rows.account->id);
  if (!service) return base::fail(service.error());
  if (service->has_value()) rows.service = std::move(**service);
  const auto secrets = reader.secrets(tenant.orgId, rows.account->id);
  if (!secrets) return base::fail(secrets.error());
  for (const store::SecretRecord& each : *secrets) rows.last4.emplace(each.field, each.last4);
  return rows;
}

std::string statusOf(const Rows& rows, const std::string& working, bool installed) {
  if (!rows.account) return "not_configured";
  if (!installed) return "no_plugin";
  if (rows.account->status == "disabled") return "disabled";
  if (working == "none") return "failing";
  if (working == "previous") return "degraded";
  return rows.account->verifiedAt > 0 ? "active" : "unverified";
}

void writeTime(json::Writer& out, std::string_view name, std::int64_t unixMs) {
  out.key(name);
  if (unixMs == 0) {
    out.null();
  } else {
    out.value(base::toRfc3339(unixMs));
  }
}

// One field of a manifest; `prefix` is that of the credentials of before, or empty.
void writeField(json::Writer& out, const plugin_host::Credential& field, const Rows& rows,
                json::View settings, const std::string& prefix) {
  const auto secret = rows.last4.find(prefix + field.name);
  const json::View setting = settings[field.name];
  const bool there = field.secret ? secret != rows.last4.end() : setting.isString();
  out.beginObject()
      .member("name", field.name)
      .member("secret", field.secret)
      .member("required", field.required)
      .member("configured", there);
  if (field.secret) {
    out.key("last4");
    if (there && !secret->second.empty()) {
      out.value(secret->second);
    } else {
      out.null();
    }
  } else {
    out.member("value", setting);
  }
  out.endObject();
}

void writeFields(json::Writer& out, const plugin_host::Manifest& manifest, const Rows& rows,
                 const std::string& settingsJson, const std::string& prefix) {
  json::Document settings;
  json::ReadError error;
  settings.parse(settingsJson, error);
  out.key("credentials").beginArray();
  for (const plugin_host::Credential& field : manifest.credentials)
    writeField(out, field, rows, settings.root(), prefix);
  out.endArray();
}

void writeFeatures(json::Writer& out, const plugin_host::Manifest& manifest, const Rows& rows) {
  json::Document off;
  json::ReadError error;
  off.parse(rows.service.featuresOff, error);
  std::set<std::string, std::less<>> names;
  for (const json::View each : off.root().items()) names.emplace(each.stringOr(""));
  out.key("features").beginObject();
  for (const std::string& each : gateway::featuresOf(manifest))
    out.member(each, rows.account.has_value() && names.count(each) == 0);
  out.endObject();
}

void writeCheck(json::Writer& out, const store::ServiceRecord& service) {
  out.key("last_check");
  if (service.checkedAt == 0) {
    out.null();
    return;
  }
  out.beginObject().member("at", base::toRfc3339(service.checkedAt));
  out.member("working", service.working);
  out.key("problem");
  if (service.checkCode.empty()) {
    out.null();
  } else {
    out.beginObject()
        .member("code", service.checkCode)
        .member("detail", service.checkDetail)
        .endObject();
  }
  out.endObject();
}

}  // namespace

std::string expiryAlarm(std::int64_t expiresAt, std::int64_t nowMs) {
  if (expiresAt == 0 || expiresAt - nowMs > kExpiryAlarmMs) return {};
  return expiresAt <= nowMs ? "expired" : "expiring";
}

base::Result<std::string> ServiceView::documentOf(store::ReadSession& reader,
                                                  const gateway::Tenant& tenant,
                                                  const std::string& provider,
                                                  const plugin_host::PluginEntry* plugin) const {
  const auto rows = readRows(reader, tenant, provider);
  if (!rows) return base::fail(rows.error());
  const bool installed = plugin != nullptr && plugin->manifest.has_value();
  const store::ServiceRecord& service = rows->service;
  // What calls have shown since counts more than the last check.
  std::string working = service.working;
  // What was checked has been replaced since.
  if (rows->account && service.checkedAt < rows->account->updatedAt) working.clear();
  if (rows->account && book_ != nullptr) {
    if (std::string seen = book_->working(rows->account->id); !seen.empty())
      working = std::move(seen);
  }
  json::Writer out;
  out.beginObject()
      .member("object", "service")
      .member("provider", provider)
      .member("display_name", installed && !plugin->manifest->displayName.empty()
                                  ? plugin->manifest->displayName
                                  : provider)
      .member("environment", tenant.environment)
      .member("status", statusOf(*rows, working, installed))
      .member("configured", rows->account.has_value());
  if (installed) {
    const plugin_host::Manifest& manifest = *plugin->manifest;
    writeFeatures(out, manifest, *rows);
    writeFields(out, manifest, *rows, rows->account ? rows->account->settings : "{}", "");
    out.key("previous");
    if (service.previousSettings.empty()) {
      out.null();
    } else {
      out.beginObject().member("since", base::toRfc3339(service.previousSince));
      writeFields(out, manifest, *rows, service.previousSettings,
                  std::string(store::kPreviousField));
      out.endObject();
    }
  }
  out.key("working");
  if (working.empty()) {
    out.null();
  } else {
    out.value(working);
  }
  writeTime(out, "last_verified_at", rows->account ? rows->account->verifiedAt : 0);
  writeCheck(out, service);
  writeTime(out, "expires_at", service.expiresAt);
  const std::string alarm = expiryAlarm(service.expiresAt, clock_.unixMs());
  out.key("alarm");
  if (alarm.empty()) {
    out.null();
  } else {
    out.value(alarm);
  }
  out.endObject();
  return out.take();
}

base::Result<std::vector<std::string>> ServiceView::all(store::ReadSession& reader,
                                                        const gateway::Tenant& tenant) const {
  std::vector<std::string> documents;
  std::set<std::string> shown;
  for (const plugin_host::PluginEntry& entry : plugins_.entries()) {
    if (!entry.manifest || entry.state == plugin_host::PluginState::refused) continue;
    if (!shown.insert(entry.id).second) continue;
    auto document = documentOf(reader, tenant, entry.id, &entry);
    if (!document) return base::fail(document.error());
    documents.push_back(std::move(*document));
  }
  const auto accounts = reader.accounts(tenant.orgId, tenant.environment);
  if (!accounts) return base::fail(accounts.error());
  for (const store::ProviderAccount& account : *accounts) {
    if (!shown.insert(account.provider).second) continue;
    auto document = documentOf(reader, tenant, account.provider, nullptr);
    if (!document) return base::fail(document.error());
    documents.push_back(std::move(*document));
  }
  return documents;
}

base::Result<std::string> ServiceView::one(store::ReadSession& reader,
                                           const gateway::Tenant& tenant,
                                           const std::string& provider) const {
  for (const plugin_host::PluginEntry& entry : plugins_.entries()) {
    if (entry.id != provider || !entry.manifest) continue;
    if (entry.state == plugin_host::PluginState::refused) continue;
    return documentOf(reader, tenant, provider, &entry);
  }
  const auto account = reader.account(tenant.orgId, tenant.environment, provider);
  if (!account) return base::fail(account.error());
  if (!account->has_value()) {
    return base::fail(404, "unknown_provider",
                      "There is no provider of this name; GET /v1/providers lists them.",
                      "provider");
  }
  return documentOf(reader, tenant, provider, nullptr);
}

}  // namespace unigate::onboarding
