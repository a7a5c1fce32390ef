// webhook_endpoints.create, .list, .delete. Of a linked account (credential `account_id`) under
// /v2/accounts/{id}/webhooks, else under /v1/webhooks, where Razorpay can't delete by its API.
#include <algorithm>
#include <utility>

#include "operations.hpp"

namespace razorpay {

namespace {

constexpr std::size_t kSecretBytes = 24;

// Razorpay signs with a secret that we choose; it is the same for every attempt.
std::string secretOf(const sdk::Call& call) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string secret;
  for (std::size_t i = 0; i < kSecretBytes; ++i) {
    secret.push_back(kHex[call.random[i] >> 4]);
    secret.push_back(kHex[call.random[i] & 15]);
  }
  return secret;
}

sdk::Result<std::string> webhooksPath(const sdk::Call& call) {
  const std::string_view account = call.setting("account_id");
  if (account.empty()) return std::string("/v1/webhooks");
  return objectPath("/v2/accounts/", account, "account_id", "/webhooks");
}

sdk::Result<sdk::HttpRequest> askWebhooks(const sdk::Call& call, std::int64_t count,
                                          std::int64_t skip) {
  auto path = webhooksPath(call);
  if (!path) return std::move(path).error();
  sdk::FormEncoder query;
  query.add("count", count);
  if (skip > 0) query.add("skip", skip);
  return get(std::move(*path), query.take(), call, "webhooks.all");
}

// Names of a list, or of an object with true for each that is on.
std::vector<std::string> eventsOf(json::View events) {
  std::vector<std::string> names;
  for (const json::View name : events.items()) {
    if (const auto text = name.string()) names.emplace_back(*text);
  }
  for (const json::Member& member : events.members()) {
    const bool on = member.value.booleanOr(member.value.int64Or(0) != 0);
    if (on) names.emplace_back(member.name);
  }
  return names;
}

}  // namespace

sdk::Result<sdk::WebhookEndpoint> endpointOf(json::View object, const Context& context) {
  sdk::WebhookEndpoint endpoint;
  if (auto problem = readCommon(object, {}, context, endpoint)) return std::move(*problem);
  const auto url = textOf(object["url"]);
  if (!url) return unusable("webhook", "url");
  endpoint.url = *url;
  endpoint.events = eventsOf(object["events"]);
  endpoint.enabled = object["active"].booleanOr(false);
  return endpoint;
}

sdk::Result<sdk::HttpRequest> buildEndpointCreate(const sdk::WebhookEndpointCreate& in,
                                                  const sdk::Call& call) {
  auto path = webhooksPath(call);
  if (!path) return std::move(path).error();
  if (in.events.empty()) {
    return sdk::Error::invalidRequest("events", "Razorpay wants the names of the events");
  }
  json::Writer body;
  body.beginObject().member("url", in.url).member("secret", secretOf(call)).key("events");
  if (call.setting("account_id").empty()) {
    body.beginObject();
    for (const std::string& name : in.events) body.member(name, 1);
    body.endObject();
  } else {
    body.beginArray();
    for (const std::string& name : in.events) body.value(name);
    body.endArray();
  }
  body.endObject();
  return post(std::move(*path), body.take(), call, "webhooks.create");
}

sdk::Result<sdk::WebhookEndpoint> parseEndpointCreate(const sdk::HttpResponse& response,
                                                      const sdk::WebhookEndpointCreate&,
                                                      const sdk::Call& call) {
  auto endpoint = readOne<sdk::WebhookEndpoint>(response, call, endpointOf);
  if (endpoint) endpoint->secret = secretOf(call);
  return endpoint;
}

sdk::Result<sdk::HttpRequest> askEndpointCreate(const sdk::WebhookEndpointCreate&,
                                                const sdk::Call& call) {
  return askWebhooks(call, kPageMax, 0);
}

// An endpoint with this URL that is not older than the operation is the one that it made.
sdk::Result<sdk::WebhookEndpoint> judgeEndpointCreate(const sdk::HttpResponse& response,
                                                      const sdk::WebhookEndpointCreate& in,
                                                      const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  if (!document["items"].isArray()) return sdk::Error::badResponse("Razorpay's answer is no list");
  constexpr std::int64_t kMarginS = 600;
  const std::int64_t since = in.operationCreatedUnixS.value_or(0) - kMarginS;
  for (const json::View object : document["items"].items()) {
    if (object["url"].stringOr("") != in.url || object["created_at"].int64Or(0) < since) continue;
    auto endpoint = endpointOf(object, contextOf(call));
    if (endpoint) endpoint->secret = secretOf(call);
    return endpoint;
  }
  return sdk::Error::neverHappened("Razorpay has no such webhook");
}

sdk::Result<sdk::HttpRequest> buildEndpointsList(const sdk::ListQuery& in, const sdk::Call& call) {
  const auto skip = skipOf(in.startingAfter);
  if (!skip) return badCursor();
  return askWebhooks(call, in.limit, *skip);
}

sdk::Result<sdk::Page<sdk::WebhookEndpoint>> parseEndpointsList(const sdk::HttpResponse& response,
                                                                const sdk::ListQuery& in,
                                                                const sdk::Call& call) {
  return readPage<sdk::WebhookEndpoint>(
      response, in, [&](json::View object) { return endpointOf(object, contextOf(call)); });
}

sdk::Result<sdk::HttpRequest> buildEndpointDelete(const sdk::WebhookEndpointDelete& in,
                                                  const sdk::Call& call) {
  if (call.setting("account_id").empty()) {
    return sdk::Error::notSupported("provider_id",
                                    "Razorpay deletes an account's own webhooks only in its "
                                    "Dashboard; of a linked account set account_id");
  }
  auto base = webhooksPath(call);
  if (!base) return std::move(base).error();
  auto path = objectPath(*base + "/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return send(sdk::Method::Delete, std::move(*path), {}, call, "webhooks.delete");
}

// The answer is empty, [] or {"": null}: the status alone tells.
sdk::Step parseEndpointDelete(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointDelete& in, const sdk::Call&) {
  json::Document document;
  if (!response.is2xx() || (response.json(document) && document["error"].isObject())) {
    auto problem = readAnswer(response, {}, document);
    return problem ? std::move(*problem) : sdk::Error::badResponse("Razorpay's answer is unclear");
  }
  json::Writer out;
  out.beginObject().member("provider_id", in.providerId).endObject();
  return sdk::Done{out.take()};
}

sdk::Result<sdk::HttpRequest> askEndpointDelete(const sdk::WebhookEndpointDelete&,
                                                const sdk::Call& call) {
  return askWebhooks(call, kPageMax, 0);
}

sdk::Step judgeEndpointDelete(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointDelete& in, const sdk::Call&) {
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  if (!document["items"].isArray()) return sdk::Error::badResponse("Razorpay's answer is no list");
  for (const json::View object : document["items"].items()) {
    if (object["id"].stringOr("") == in.providerId) {
      return sdk::Error::neverHappened("the webhook was not deleted");
    }
  }
  json::Writer out;
  out.beginObject().member("provider_id", in.providerId).endObject();
  return sdk::Done{out.take()};
}

}  // namespace razorpay
