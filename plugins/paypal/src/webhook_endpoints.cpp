// webhook_endpoints.create, .list and .delete: /v1/notifications/webhooks. The id of a webhook is
// what its signatures cover, so the gateway keeps it.
#include <utility>

#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

sdk::HttpRequest listEndpoints() {
  return get("/v1/notifications/webhooks", {}, "webhooks.list");
}

}  // namespace

sdk::Result<sdk::WebhookEndpoint> endpointOf(json::View object, bool live) {
  sdk::WebhookEndpoint endpoint;
  endpoint.providerId = std::string(object["id"].stringOr(""));
  endpoint.url = std::string(object["url"].stringOr(""));
  if (endpoint.providerId.empty() || endpoint.url.empty()) {
    return sdk::Error::badResponse("PayPal's webhook has no usable id or url");
  }
  for (const json::View event : object["event_types"].items()) {
    if (auto name = textOf(event["name"])) endpoint.events.push_back(std::move(*name));
  }
  endpoint.enabled = true;  // PayPal has no webhook that is not
  endpoint.livemode = live;
  return endpoint;
}

sdk::Result<sdk::HttpRequest> buildEndpointCreate(const sdk::WebhookEndpointCreate& in) {
  if (auto bad = tooLong("url", in.url, 2048)) return std::move(*bad);
  json::Writer out;
  out.beginObject().member("url", in.url).key("event_types").beginArray();
  if (in.events.empty()) out.beginObject().member("name", "*").endObject();
  for (const std::string& name : in.events) {
    out.beginObject().member("name", name).endObject();
  }
  out.endArray().endObject();
  return post("/v1/notifications/webhooks", out.take(), {}, "webhooks.create");
}

sdk::Result<sdk::WebhookEndpoint> parseEndpointCreate(const sdk::HttpResponse& response,
                                                      const sdk::WebhookEndpointCreate&,
                                                      const sdk::Call& call) {
  return readOne<sdk::WebhookEndpoint>(response, call, {}, endpointOf);
}

sdk::HttpRequest askEndpointCreate(const sdk::WebhookEndpointCreate&) {
  return listEndpoints();
}

// PayPal has at most one webhook of an app for a URL.
sdk::Step judgeEndpointCreate(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointCreate& in, const sdk::Call& call) {
  const auto page = readPage<sdk::WebhookEndpoint>(response, call, "webhooks", {}, endpointOf);
  if (!page) return page.error();
  for (const sdk::WebhookEndpoint& endpoint : page->data) {
    if (endpoint.url == in.url) return sdk::done(endpoint);
  }
  return sdk::Error::neverHappened("PayPal has no webhook for this url");
}

// PayPal gives all webhooks at once; pages are made of them here.
sdk::HttpRequest buildEndpointsList(const sdk::ListQuery&) {
  return listEndpoints();
}

sdk::Result<sdk::Page<sdk::WebhookEndpoint>> parseEndpointsList(const sdk::HttpResponse& response,
                                                                const sdk::ListQuery& in,
                                                                const sdk::Call& call) {
  auto all = readPage<sdk::WebhookEndpoint>(response, call, "webhooks", {}, endpointOf);
  if (!all) return all;
  sdk::Page<sdk::WebhookEndpoint> page;
  bool begun = !in.startingAfter;
  for (sdk::WebhookEndpoint& endpoint : all->data) {
    if (!begun) {
      begun = endpoint.providerId == *in.startingAfter;
      continue;
    }
    if (page.data.size() == static_cast<std::size_t>(in.limit)) {
      page.hasMore = true;
      page.nextCursor = page.data.back().providerId;
      break;
    }
    page.data.push_back(std::move(endpoint));
  }
  if (!begun) {
    return sdk::Error::invalidRequest("starting_after",
                                      "'starting_after' must be a next_cursor of this list");
  }
  return page;
}

sdk::Result<sdk::HttpRequest> buildEndpointDelete(const sdk::WebhookEndpointDelete& in) {
  auto path = objectPath("/v1/notifications/webhooks", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return remove(std::move(*path), "webhooks.delete");
}

sdk::Step parseEndpointDelete(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointDelete& in, const sdk::Call& call) {
  if (!response.is2xx()) return errorOf(response, call);
  return sdk::done(DeletedRef{in.providerId});
}

sdk::HttpRequest askEndpointDelete(const sdk::WebhookEndpointDelete&) {
  return listEndpoints();
}

sdk::Step judgeEndpointDelete(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointDelete& in, const sdk::Call& call) {
  const auto page = readPage<sdk::WebhookEndpoint>(response, call, "webhooks", {}, endpointOf);
  if (!page) return page.error();
  for (const sdk::WebhookEndpoint& endpoint : page->data) {
    if (endpoint.providerId == in.providerId) {
      return sdk::Error::neverHappened("the webhook is still there");
    }
  }
  return sdk::done(DeletedRef{in.providerId});
}

}  // namespace paypal
