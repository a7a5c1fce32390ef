// webhook_endpoints.create, .list, .delete: /v1/webhook_endpoints. The signing secret is told once,
// in the answer to the create and its replays.
#include <utility>

#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"
#include "reading.hpp"
#include "webhook_events.hpp"

namespace stripe {

namespace {

sdk::Done deleted(const sdk::WebhookEndpointDelete& in) {
  json::Writer out;
  out.beginObject().member("provider_id", in.providerId).endObject();
  return {out.take()};
}

}  // namespace

sdk::Result<sdk::WebhookEndpoint> webhookEndpointOf(json::View object) {
  sdk::WebhookEndpoint endpoint;
  if (auto problem = readCommon(object, "webhook_endpoint", endpoint)) return std::move(*problem);
  endpoint.url = std::string(object["url"].stringOr(""));
  if (endpoint.url.empty()) return unusable("webhook_endpoint", "url");
  for (const json::View event : object["enabled_events"].items()) {
    if (const auto name = event.string()) endpoint.events.emplace_back(*name);
  }
  endpoint.enabled = object["status"].stringOr("") == "enabled";
  endpoint.secret = textOf(object["secret"]);
  return endpoint;
}

sdk::Result<sdk::HttpRequest> buildWebhookEndpointCreate(const sdk::WebhookEndpointCreate& in,
                                                         const sdk::Call& call) {
  sdk::FormEncoder form;
  form.add("url", in.url);
  std::size_t index = 0;
  const auto add = [&](std::string_view event) {
    form.addNested({"enabled_events", std::to_string(index++)}, event);
  };
  for (const std::string& event : in.events) add(event);
  if (in.events.empty()) {
    for (const EventName& name : kEventNames) add(name.stripe);
  }
  // The events come in the version that this adapter reads.
  form.add("api_version", kVersion);
  if (auto problem = addMetadata(form, {}, {{kOperationKey, in.operationId}})) {
    return std::move(*problem);
  }
  return post("/v1/webhook_endpoints", std::move(form), call, "webhook_endpoints.create");
}

sdk::Result<sdk::WebhookEndpoint> parseWebhookEndpointCreate(const sdk::HttpResponse& response,
                                                             const sdk::WebhookEndpointCreate& in) {
  sdk::Result<sdk::WebhookEndpoint> endpoint =
      readOne(response, "webhook_endpoint", webhookEndpointOf);
  if (endpoint && endpoint->url != in.url) {
    return sdk::Error::badResponse("Stripe answered with another webhook endpoint");
  }
  return endpoint;
}

sdk::Step startWebhookEndpointLookup(Lookup& lookup, const sdk::WebhookEndpointCreate& in) {
  lookIn(lookup, "/v1/webhook_endpoints", "webhook_endpoints.list", in.operationId,
         foundAs<webhookEndpointOf>);
  return startLookup(lookup, {}, std::nullopt);  // the list knows no time
}

sdk::HttpRequest buildWebhookEndpointsList(const sdk::ListQuery& in) {
  return get("/v1/webhook_endpoints", listQuery(in).take(), "webhook_endpoints.list");
}

sdk::Result<sdk::Page<sdk::WebhookEndpoint>> parseWebhookEndpointsList(
    const sdk::HttpResponse& response) {
  return readPage(response, webhookEndpointOf);
}

sdk::Result<sdk::HttpRequest> buildWebhookEndpointDelete(const sdk::WebhookEndpointDelete& in) {
  auto path = objectPath("webhook_endpoints", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return deletion(std::move(*path), {}, "webhook_endpoints.del");
}

sdk::Step parseWebhookEndpointDelete(const sdk::HttpResponse& response,
                                     const sdk::WebhookEndpointDelete& in) {
  json::Document document;
  if (auto problem = readAnswer(response, "webhook_endpoint", document)) return std::move(*problem);
  const bool gone = document["deleted"].booleanOr(false);
  if (!gone || document["id"].stringOr("") != in.providerId) {
    return sdk::Error::badResponse("Stripe does not say that the webhook endpoint is deleted");
  }
  return deleted(in);
}

sdk::Result<sdk::HttpRequest> askWebhookEndpointDelete(const sdk::WebhookEndpointDelete& in) {
  auto path = objectPath("webhook_endpoints", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "webhook_endpoints.retrieve");
}

// One that Stripe doesn't know (any more) is deleted.
sdk::Step judgeWebhookEndpointDelete(const sdk::HttpResponse& response,
                                     const sdk::WebhookEndpointDelete& in) {
  if (response.status() == 404 && errorOf(response).providerCode == "resource_missing") {
    return deleted(in);
  }
  sdk::Result<sdk::WebhookEndpoint> endpoint =
      readOne(response, "webhook_endpoint", webhookEndpointOf, in.providerId);
  if (!endpoint) return endpoint;
  return sdk::Error::neverHappened("the webhook endpoint was not deleted");
}

}  // namespace stripe
