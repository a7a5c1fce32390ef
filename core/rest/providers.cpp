// /v1/providers, /v1/providers/{provider}/capabilities and /v1/balance: what is installed, what it
// can do, what lies there.
#include <algorithm>
#include <array>

#include "gateway/documents.hpp"
#include "gateway/redact.hpp"
#include "rest/call.hpp"
#include "rest/lists.hpp"

namespace unigate::rest {

namespace {

using plugin_host::PluginEntry;

// The unified operations that this API has routes for.
constexpr std::array<std::string_view, 15> kUnifiedOperations = {
    "payments.create",  "payments.confirm", "payments.capture", "payments.cancel",
    "payments.get",     "payments.list",    "refunds.create",   "refunds.get",
    "refunds.list",     "customers.create", "customers.get",    "customers.update",
    "customers.delete", "customers.list",   "balance.get"};

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

void operation(json::Writer& out, std::string_view name, const plugin_host::Operation* declared) {
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
  json::Writer out;
  out.beginObject()
      .member("object", "capabilities")
      .member("provider", manifest.id)
      .key("operations")
      .beginArray();
  for (const std::string_view name : kUnifiedOperations)
    operation(out, name, manifest.findOperation(name));
  for (const plugin_host::Operation& each : manifest.operations) {
    if (std::find(kUnifiedOperations.begin(), kUnifiedOperations.end(), each.name) ==
        kUnifiedOperations.end()) {
      operation(out, each.name, &each);
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
  const std::string id = *provider;
  gateway::ReadRequest request{call->tenant, "balance.get", id, "{}", call->traceparent};
  call->gateway.read(std::move(request), [call, id](base::Result<gateway::CallResult> result) {
    if (!result) return call->fail(result.error());
    json::Document output;
    json::ReadError error;
    if (!output.parse(result->resultJson, error)) {
      return call->fail({502,
                         "provider_bad_response",
                         "The provider's answer could not be understood.",
                         "",
                         true,
                         1,
                         {}});
    }
    json::Writer out;
    out.beginObject()
        .member("object", "balance")
        .member("provider", id)
        .member("livemode", call->tenant.live())
        .member("available", output["available"])
        .member("pending", output["pending"])
        .endObject();
    net::Response response;
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = call->includeRaw()
                        ? gateway::withRaw(out.view(), gateway::redactRaw(result->rawBody))
                        : out.take();
    call->send(std::move(response), result->providerUs);
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
