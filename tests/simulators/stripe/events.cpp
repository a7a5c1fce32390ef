#include "stripe/events.hpp"

#include <algorithm>

#include "common/crypto.hpp"
#include "stripe/listing.hpp"
#include "stripe/operations.hpp"
#include "stripe/render.hpp"

namespace simulators::stripe {
namespace {

void writeEvent(JsonWriter& json, const Account& account, const Event& event) {
  json.beginObject();
  json.field("id", account.eventId(event.number));
  json.field("object", "event");
  json.field("api_version", kApiVersion);
  json.field("created", event.created);
  json.beginObject("data");
  json.key("object");
  if (event.payment) {
    writePayment(json, account, *event.payment, nullptr);
  } else if (event.charge) {
    writeCharge(json, account, *event.charge, nullptr);
  } else if (event.refund) {
    writeRefund(json, account, *event.refund, nullptr);
  } else {
    json.raw(*event.object);
  }
  json.endObject();
  json.field("livemode", account.livemode);
  json.field("pending_webhooks", 0);
  json.beginObject("request");
  json.textOrNull(
      "id", event.request == 0 ? std::string() : requestIdOf(account.requestSeed, event.request));
  json.textOrNull("idempotency_key", event.idempotencyKey);
  json.endObject();
  json.field("type", event.type);
  json.endObject();
}

bool wanted(const Call& call, const Event& event) {
  if (!inCreatedRange(call.params, event.created)) return false;
  const auto type = call.params.text("type");
  if (type.ends_with(".*") && !event.type.starts_with(type.substr(0, type.size() - 1)))
    return false;
  if (!type.empty() && !type.ends_with('*') && event.type != type) return false;
  const auto types = call.params.list("types");
  return types.empty() || std::find(types.begin(), types.end(), event.type) != types.end();
}

}  // namespace

std::string eventJson(const Account& account, const Event& event) {
  JsonWriter json;
  writeEvent(json, account, event);
  return json.text();
}

WebhookMessage::Headers signatureHeaders(const WebhookEndpoint& endpoint, const std::string&,
                                         const std::string& body, std::int64_t nowSeconds) {
  const auto time = std::to_string(nowSeconds);
  return {{"Stripe-Signature",
           "t=" + time + ",v1=" + hexText(hmacSha256(endpoint.secret, time + "." + body))}};
}

Answer listEvents(Call& call) {
  const auto limit = pageSize(call.params);
  const auto after = call.params.text("starting_after");
  bool begun = after.empty();
  bool more = false;
  std::size_t count = 0;
  JsonWriter json;
  json.beginObject();
  json.field("object", "list");
  json.beginArray("data");
  const auto& events = call.account.events;
  for (auto event = events.rbegin(); event != events.rend() && !more; ++event) {
    if (!begun) {
      begun = call.account.eventId(event->number) == after;
      continue;
    }
    if (!wanted(call, *event)) continue;
    more = count == limit;
    if (more) break;
    writeEvent(json, call.account, *event);
    ++count;
  }
  if (!begun) throw resourceMissing("event", after, "starting_after", false);
  json.endArray();
  json.field("has_more", more);
  json.field("url", call.path);
  json.endObject();
  Answer answer;
  answer.body = json.text();
  return answer;
}

Answer getEvent(Call& call) {
  for (const auto& event : call.account.events) {
    if (call.account.eventId(event.number) != call.id) continue;
    Answer answer;
    answer.body = eventJson(call.account, event);
    return answer;
  }
  throw resourceMissing("event", call.id, "id", true);
}

}  // namespace simulators::stripe
