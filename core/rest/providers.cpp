// /v1/providers, /v1/providers/{provider}/capabilities and /v1/balance: what is installed, what it
// can do, what lies there.
#include <algorithm>
#include <iterator>

#include "rest/call.hpp"
#include "rest/lists.hpp"
#include "rest/operations.hpp"

namespace unigate::rest {

namespace {

using plugin_host::PluginEntry;

// The unified operations that this API has routes for, in the order of the API's pages.
constexpr std::string_view kUnifiedOperations[] = {"payments.create",
                                                   "payments.confirm",
                                                   "payments.capture",
                                                   "payments.cancel",
                                                   "payments.get",
                                                   "payments.list",
                                                   "refunds.create",
                                                   "refunds.get",
                                                   "refunds.list",
                                                   "customers.create",
                                                   "customers.get",
                                                   "customers.update",
                                                   "customers.delete",
                                                   "customers.list",
                                                   "payment_methods.attach",
                                                   "payment_methods.list",
                                                   "payment_methods.detach",
                                                   "setup_intents.create",
                                                   "setup_intents.get",
                                                   "products.create",
                                                   "products.get",
                                                   "products.list",
                                                   "plans.create",
                                                   "plans.get",
                                                   "plans.list",
                                                   "subscriptions.create",
                                                   "subscriptions.get",
                                                   "subscriptions.list",
                                                   "subscriptions.update",
                                                   "subscriptions.cancel",
                                                   "subscriptions.pause",
                                                   "subscriptions.resume",
                                                   "invoices.get",
                                                   "invoices.list",
                                                   "payment_links.create",
                                                   "payment_links.get",
                                                   "payment_links.list",
                                                   "payment_links.cancel",
                                                   "payouts.create",
                                                   "payouts.get",
                                                   "payouts.list",
                                                   "payouts.cancel",
                                                   "disputes.get",
                                                   "disputes.list",
                                                   "disputes.accept",
                                                   "disputes.submit_evidence",
                                                   "balance.get",
                                                   "accounts.create",
                                                   "accounts.get",
                                                   "accounts.onboarding_link",
                                                   "accounts.dashboard_link",
                                                   "messages.create",
                                                   "messages.get",
                                                   "messages.list",
                                                   "messages.cancel",
                                                   "calls.create",
                                                   "calls.get",
                                                   "calls.hangup",
                                                   "verifications.create",
                                                   "verifications.get",
                                                   "verifications.check",
                                                   "lookups.get",
                                                   "search.query",
                                                   "webhook_endpoints.create",
                                                   "webhook_endpoints.list",
                                                   "webhook_endpoints.delete"};

void names(json::Writer& out, std::string_view member, const std::vector<std::string>& values) {
  out.key(member).beginArray();
  for (const std::string& value : values) out.value(value);
  out.endArray();
}

std::string providerDocument(const PluginEntry& entry, bool configured) {
  json::Writer out;
  out.beginObject()
      .member("object", "provider")
      .member("id", entry.id)
      .member("display_name", entry.manifest ? entry.manifest->displayName : entry.id)
      .member("version", entry.manifest ? entry.manifest->version : std::string())
      .member("state", plugin_host::toText(entry.state))
      .key("reason");
  if (entry.reason.empty()) {
    out.null();
  } else {
    out.value(entry.reason);
  }
  out.member("configured", configured);
  std::vector<std::string> operations;
  if (entry.manifest) {
    for (const plugin_host::Operation& each : entry.manifest->operations)
      operations.push_back(each.name);
  }
  names(out, "operations", operations);
  names(out, "capabilities",
        entry.manifest ? entry.manifest->capabilities : std::vector<std::string>());
  out.endObject();
  return out.take();
}

void listProviders(const Call::Ptr& call) {
  std::vector<PluginEntry> entries = call->shared.gateway.plugins.entries();
  std::sort(entries.begin(), entries.end(),
            [](const PluginEntry& a, const PluginEntry& b) { return a.id < b.id; });
  std::vector<std::string> documents;
  for (const PluginEntry& entry : entries) {
    if (entry.id.empty()) continue;
    documents.push_back(providerDocument(entry, call->gateway.configured(call->tenant, entry.id)));
  }
  call->send(200, listBody(documents, false, ""));
}

// What a conformance run found of the operation; null when none looked at it.
void verified(json::Writer& out, json::View record, std::string_view name) {
  out.key("verified");
  const json::View found = record["operations"][name];
  if (!found.isObject()) {
    out.null();
    return;
  }
  out.beginObject().member("against", found["against"]).member("cases", found["cases"]);
  out.member("date", record["date"]).endObject();
}

void operation(json::Writer& out, std::string_view name, const plugin_host::Operation* declared,
               json::View record) {
  out.beginObject().member("name", name).member("supported", declared != nullptr);
  const bool reads = declared != nullptr ? declared->readOnly
                                         : name.find(".get") != std::string_view::npos ||
                                               name.find(".list") != std::string_view::npos;
  out.member("read_only", reads).key("recovery");
  if (declared == nullptr) {
    out.null();
  } else {
    out.value(plugin_host::toText(declared->recovery));
  }
  verified(out, declared == nullptr ? json::View() : record, name);
  out.endObject();
}

void getCapabilities(const Call::Ptr& call) {
  const std::vector<PluginEntry> entries = call->shared.gateway.plugins.entries();
  const auto entry = std::find_if(entries.begin(), entries.end(), [&](const PluginEntry& each) {
    return each.id == call->param(0) && each.manifest.has_value();
  });
  if (entry == entries.end()) {
    return call->fail({404,
                       "not_found",
                       "There is no provider of this name; GET /v1/providers lists them.",
                       "provider",
                       false,
                       0,
                       {}});
  }
  const plugin_host::Manifest& manifest = *entry->manifest;
  json::Document record;
  json::ReadError unreadable;
  if (!entry->verified.empty()) record.parse(entry->verified, unreadable);
  json::Writer out;
  out.beginObject()
      .member("object", "capabilities")
      .member("provider", manifest.id)
      .key("operations")
      .beginArray();
  for (const std::string_view name : kUnifiedOperations)
    operation(out, name, manifest.findOperation(name), record.root());
  for (const plugin_host::Operation& each : manifest.operations) {
    if (std::find(std::begin(kUnifiedOperations), std::end(kUnifiedOperations), each.name) ==
        std::end(kUnifiedOperations)) {
      operation(out, each.name, &each, record.root());
    }
  }
  out.endArray();
  names(out, "capabilities", manifest.capabilities);
  out.endObject();
  call->send(200, out.take());
}

void getBalance(const Call::Ptr& call) {
  auto provider = call->gateway.route(call->tenant, "balance.get",
                                      std::string(call->queryValue("provider").value_or("")));
  if (!provider) return call->fail(provider.error());
  readAndSend(call, "balance.get", *provider, "{}",
              [](const std::string& id, bool live, json::View output) {
                json::Writer out;
                out.beginObject()
                    .member("object", "balance")
                    .member("provider", id)
                    .member("livemode", live)
                    .member("available", output["available"])
                    .member("pending", output["pending"])
                    .endObject();
                return out.take();
              });
}

}  // namespace

void addProviderRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back({"GET", "/v1/providers", "providers", "read", Body::none, {}, listProviders});
  routes.push_back({"GET",
                    "/v1/providers/{provider}/capabilities",
                    "providers",
                    "read",
                    Body::none,
                    {},
                    getCapabilities});
  routes.push_back(
      {"GET", "/v1/balance", "balance", "read", Body::none, {"provider", "include"}, getBalance});
}

}  // namespace unigate::rest
