// /v1/providers/{provider}/webhooks: where a provider sends its events, registered there. The
// signing secret that the provider gives is sealed and never shown.
#include <algorithm>

#include "rest/operations.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

constexpr std::size_t kEventsMax = 500;

// Every event that the adapter translates.
std::vector<std::string> mappedEvents(const Call& call, const std::string& provider) {
  std::vector<std::string> events;
  const auto plugin = call.shared.gateway.plugins.find(provider);
  if (plugin == nullptr) return events;
  for (const auto& [name, unified] : plugin->manifest().webhookEvents) events.push_back(name);
  return events;
}

void texts(json::Writer& out, std::string_view name, const std::vector<std::string>& list) {
  out.key(name).beginArray();
  for (const std::string& each : list) out.value(each);
  out.endArray();
}

void registerWebhook(const Call::Ptr& call) {
  FieldReader fields(call->body.root(), call->request.body);
  const auto url = fields.url("url", FieldReader::Need::required);
  auto events = fields.texts("events", FieldReader::Need::optional, kEventsMax, 255);
  if (url && url->rfind("https://", 0) != 0 && call->tenant.live()) {
    fields.fault("url", "url must be https for live events.");
  }
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto operation = call->operation("webhook_endpoints.create", "provider_webhook");
  if (!operation) return call->fail(operation.error());
  auto provider = call->gateway.route(call->tenant, "webhook_endpoints.create", call->param(0));
  if (!provider) return failOrReplay(call, *operation, provider.error());
  if (events.empty()) events = mappedEvents(*call, *provider);
  json::Writer input;
  input.beginObject().member("url", *url);
  texts(input, "events", events);
  input.endObject();
  operation->creates = true;
  operation->provider = std::move(*provider);
  operation->adapterInput = input.view();
  operation->client = input.take();
  operation->includeRaw = false;  // the provider's answer holds the secret
  run(call, std::move(*operation));
}

void listWebhooks(const Call::Ptr& call) {
  listAtProvider(call, "provider_webhook", "webhook_endpoints.list", call->param(0), "");
}

void deleteWebhook(const Call::Ptr& call) {
  static const ResourceRoutes kResource{"provider_webhook", "webhooks", ""};
  static const Action kDelete{"", "webhook_endpoints.delete", {}, nullptr, "DELETE"};
  auto row = call->findResource("provider_webhook", call->param(1));
  if (!row) return;
  if (row->provider != call->param(0)) {
    return call->fail(
        {404, "not_found", "This provider has no webhook with this id.", "id", false, 0, {}});
  }
  actOnResource(call, kResource, kDelete, row->id);
}

}  // namespace

void addProviderWebhookRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  constexpr const char* kWebhooks = "/v1/providers/{provider}/webhooks";
  routes.push_back({"POST", kWebhooks, "webhooks", "write", Body::required, {}, registerWebhook});
  routes.push_back({"GET",
                    kWebhooks,
                    "webhooks",
                    "read",
                    Body::none,
                    {"limit", "starting_after"},
                    listWebhooks});
  routes.push_back({"DELETE",
                    std::string(kWebhooks) + "/{id}",
                    "webhooks",
                    "write",
                    Body::none,
                    {},
                    deleteWebhook});
}

}  // namespace unigate::rest
