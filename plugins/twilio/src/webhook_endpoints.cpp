#include "webhook_endpoints.hpp"

#include <utility>

#include "listing.hpp"
#include "webhook_events.hpp"

namespace twilio {

namespace {

constexpr std::string_view kNumber = "PN";
constexpr std::string_view kService = "MG";

bool isService(std::string_view id) {
  return isSid(id, kService);
}

sdk::Result<std::string> pathOf(std::string_view id, const sdk::Call& call) {
  if (isService(id)) return "/v1/Services/" + std::string(id);
  if (auto problem = checkSid(id, kNumber, "provider_id", "number or messaging service")) {
    return std::move(*problem);
  }
  return accountPath(call, "/IncomingPhoneNumbers/" + std::string(id) + ".json");
}

std::string_view hostOf(std::string_view id) {
  return isService(id) ? kMessaging : kApi;
}

// A number's or a service's URLs as one endpoint.
sdk::Result<sdk::WebhookEndpoint> endpointOf(json::View object, bool live) {
  sdk::WebhookEndpoint endpoint;
  endpoint.providerId = std::string(object["sid"].stringOr(""));
  const bool service = isService(endpoint.providerId);
  if (!service && !isSid(endpoint.providerId, kNumber)) {
    return sdk::Error::badResponse("Twilio's answer is no number and no messaging service");
  }
  const std::string_view inbound = object[service ? "inbound_request_url" : "sms_url"].stringOr("");
  const std::string_view progress = object["status_callback"].stringOr("");
  endpoint.url = std::string(inbound.empty() ? progress : inbound);
  if (!inbound.empty()) endpoint.events.emplace_back(kInboundMessage);
  const std::string_view news = service ? kMessageNews : kCallNews;
  for (const EventName& name : kEventNames) {
    if (endpoint.url.empty() || progress != endpoint.url) break;
    if (name.twilio.substr(0, news.size()) == news) endpoint.events.emplace_back(name.twilio);
  }
  endpoint.enabled = !endpoint.url.empty();
  endpoint.livemode = live;
  const std::string_view created = object["date_created"].stringOr("");
  const auto unixS = service ? timestamp::fromIso8601(created) : timestamp::fromRfc2822(created);
  endpoint.createdUnixS = unixS && *unixS > 0 ? *unixS : 0;
  return endpoint;
}

sdk::FormEncoder changeOf(const EndpointChange& change) {
  const bool service = isService(change.id);
  sdk::FormEncoder form;
  if (change.inbound) {
    form.add(service ? "InboundRequestUrl" : "SmsUrl", change.url);
    if (!change.url.empty()) form.add(service ? "InboundMethod" : "SmsMethod", "POST");
  }
  if (change.progress) {
    form.add("StatusCallback", change.url);
    if (!service && !change.url.empty()) form.add("StatusCallbackMethod", "POST");
  }
  return form;
}

sdk::Step changeOrAsk(EndpointChange& change, const sdk::Call& call) {
  auto path = pathOf(change.id, call);
  if (!path) return std::move(path).error();
  change.waiting = EndpointChange::Waiting::ForChange;
  const std::string_view host = hostOf(change.id);
  if (change.asking) return get(host, std::move(*path), {}, "webhook_endpoints.get");
  return post(host, std::move(*path), changeOf(change), "webhook_endpoints.update");
}

std::optional<sdk::Error> readWanted(EndpointChange& change, const sdk::WebhookEndpointCreate& in) {
  if (in.url.substr(0, 8) != "https://" && in.url.substr(0, 7) != "http://") {
    return sdk::Error::invalidRequest("url", "'url' must begin with https:// or http://");
  }
  change.url = in.url;
  for (const std::string& event : in.events) {
    if (event == kInboundMessage) change.inbound = true;
    for (const std::string_view news : {kMessageNews, kCallNews}) {
      if (event.substr(0, news.size()) == news) change.progress = true;
    }
  }
  if (in.events.empty()) change.inbound = change.progress = true;
  if (change.inbound || change.progress) return std::nullopt;
  return sdk::Error::invalidRequest(
      "events",
      "'events' must hold SmsStatus=received or names with MessageStatus= or CallStatus=");
}

// The number of the account among those that Twilio lists.
sdk::Result<std::string> numberOf(const sdk::HttpResponse& response, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  const json::View numbers = document["incoming_phone_numbers"];
  if (!numbers.isArray()) return sdk::Error::badResponse("Twilio's answer is no list");
  for (const json::View number : numbers.items()) {
    const std::string_view sid = number["sid"].stringOr("");
    const bool same = number["phone_number"].stringOr("") == call.setting("from_number");
    if (same && isSid(sid, kNumber)) return std::string(sid);
  }
  return sdk::Error::declined(sdk::Category::NotFound,
                              "the account's 'from_number' is no number of this account at Twilio")
      .withField("from_number");
}

sdk::Result<sdk::WebhookEndpoint> readEndpoint(const sdk::HttpResponse& response,
                                               std::string_view id, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  sdk::Result<sdk::WebhookEndpoint> endpoint = endpointOf(document.root(), call.live);
  if (endpoint && endpoint->providerId != id) {
    return sdk::Error::badResponse("Twilio answered with another number or service");
  }
  return endpoint;
}

sdk::Step listNumbers(const EndpointList& list, const sdk::Call& call) {
  auto path = accountPath(call, "/IncomingPhoneNumbers.json");
  if (!path) return std::move(path).error();
  sdk::FormEncoder query;
  query.add("PageSize", list.limit);
  return get(kApi, std::move(*path), query.take(), "webhook_endpoints.list");
}

}  // namespace

sdk::Step startEndpointCreate(EndpointChange& change, const sdk::WebhookEndpointCreate& in,
                              const sdk::Call& call) {
  if (auto problem = readWanted(change, in)) return std::move(*problem);
  if (!call.setting("messaging_service_sid").empty()) {
    const auto service = sidSetting(call, "messaging_service_sid", kService);
    if (!service) return service.error();
    change.id = *service;
    return changeOrAsk(change, call);
  }
  if (call.setting("from_number").empty()) {
    return sdk::Error::invalidRequest(
        "from_number",
        "Twilio sends webhooks for a number or a messaging service: store "
        "'from_number' or 'messaging_service_sid'");
  }
  auto path = accountPath(call, "/IncomingPhoneNumbers.json");
  if (!path) return std::move(path).error();
  sdk::FormEncoder query;
  query.add("PhoneNumber", call.setting("from_number")).add("PageSize", 20);
  return get(kApi, std::move(*path), query.take(), "incoming_phone_numbers.list");
}

sdk::Step askEndpointCreate(EndpointChange& change, const sdk::WebhookEndpointCreate& in,
                            const sdk::Call& call) {
  change.asking = true;
  return startEndpointCreate(change, in, call);
}

sdk::Step nextEndpointCreate(EndpointChange& change, const sdk::HttpResponse& response,
                             const sdk::Call& call) {
  if (change.waiting == EndpointChange::Waiting::ForNumber) {
    auto id = numberOf(response, call);
    if (!id) return std::move(id).error();
    change.id = std::move(*id);
    return changeOrAsk(change, call);
  }
  sdk::Result<sdk::WebhookEndpoint> endpoint = readEndpoint(response, change.id, call);
  if (!endpoint || endpoint->url == change.url) return endpoint;
  if (change.asking) return sdk::Error::neverHappened("Twilio sends to another URL");
  return sdk::Error::badResponse("Twilio answered with another URL");
}

sdk::Step startEndpointDelete(EndpointChange& change, const sdk::WebhookEndpointDelete& in,
                              const sdk::Call& call) {
  change.id = in.providerId;
  change.inbound = change.progress = true;
  return changeOrAsk(change, call);
}

sdk::Step askEndpointDelete(EndpointChange& change, const sdk::WebhookEndpointDelete& in,
                            const sdk::Call& call) {
  change.asking = true;
  return startEndpointDelete(change, in, call);
}

sdk::Step nextEndpointDelete(EndpointChange& change, const sdk::HttpResponse& response,
                             const sdk::Call& call) {
  sdk::Result<sdk::WebhookEndpoint> endpoint = readEndpoint(response, change.id, call);
  if (!endpoint) return std::move(endpoint).error();
  if (endpoint->url.empty()) {
    json::Writer out;
    out.beginObject().member("provider_id", change.id).endObject();
    return sdk::Done{out.take()};
  }
  if (change.asking) return sdk::Error::neverHappened("Twilio still sends to a URL");
  return sdk::Error::badResponse("Twilio still has a URL");
}

sdk::Step startEndpointList(EndpointList& list, const sdk::ListQuery& in, const sdk::Call& call) {
  list.limit = in.limit;
  if (in.startingAfter) {
    if (auto problem = checkCursor(*in.startingAfter)) return std::move(*problem);
    auto path = accountPath(call, "/IncomingPhoneNumbers.json");
    if (!path) return std::move(path).error();
    return get(kApi, std::move(*path), *in.startingAfter, "webhook_endpoints.list");
  }
  if (call.setting("messaging_service_sid").empty()) return listNumbers(list, call);
  const auto service = sidSetting(call, "messaging_service_sid", kService);
  if (!service) return service.error();
  list.service = true;
  return get(kMessaging, "/v1/Services/" + *service, {}, "webhook_endpoints.get");
}

sdk::Step nextEndpointList(EndpointList& list, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  if (list.service) {
    list.service = false;
    sdk::Result<sdk::WebhookEndpoint> service = endpointOf(document.root(), call.live);
    if (!service) return std::move(service).error();
    if (service->enabled) list.first.push_back(std::move(*service));
    return listNumbers(list, call);
  }
  const json::View numbers = document["incoming_phone_numbers"];
  if (!numbers.isArray()) return sdk::Error::badResponse("Twilio's answer is no list");
  sdk::Page<sdk::WebhookEndpoint> page;
  page.data = std::move(list.first);
  for (const json::View number : numbers.items()) {
    sdk::Result<sdk::WebhookEndpoint> endpoint = endpointOf(number, call.live);
    if (!endpoint) return std::move(endpoint).error();
    if (endpoint->enabled) page.data.push_back(std::move(*endpoint));
  }
  const auto path = accountPath(call, "/IncomingPhoneNumbers.json");
  if (!path) return path.error();
  const auto cursor = nextCursorOf(document.root(), *path);
  if (!cursor) return cursor.error();
  page.nextCursor = *cursor;
  page.hasMore = page.nextCursor.has_value();
  return sdk::done(page);
}

}  // namespace twilio
