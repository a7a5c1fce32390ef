// Webhooks: who gets which events, the events themselves, and PayPal's own check of a signature.
#include "paypal/certificates.hpp"
#include "paypal/operations.hpp"

namespace simulators::paypal {
namespace {

constexpr std::string_view kEventTypes[] = {"PAYMENT.AUTHORIZATION.CREATED",
                                            "PAYMENT.AUTHORIZATION.VOIDED",
                                            "PAYMENT.CAPTURE.COMPLETED",
                                            "PAYMENT.CAPTURE.PENDING",
                                            "PAYMENT.CAPTURE.DENIED",
                                            "PAYMENT.CAPTURE.DECLINED",
                                            "PAYMENT.CAPTURE.REFUNDED",
                                            "PAYMENT.CAPTURE.REVERSED",
                                            "CHECKOUT.ORDER.APPROVED",
                                            "CHECKOUT.ORDER.COMPLETED",
                                            "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
                                            "PAYMENT.SALE.COMPLETED",
                                            "PAYMENT.SALE.REFUNDED",
                                            "PAYMENT.SALE.REVERSED",
                                            "CATALOG.PRODUCT.CREATED",
                                            "CATALOG.PRODUCT.UPDATED",
                                            "BILLING.PLAN.CREATED",
                                            "BILLING.PLAN.UPDATED",
                                            "BILLING.PLAN.ACTIVATED",
                                            "BILLING.PLAN.DEACTIVATED",
                                            "BILLING.PLAN.PRICING-CHANGE.ACTIVATED",
                                            "BILLING.SUBSCRIPTION.CREATED",
                                            "BILLING.SUBSCRIPTION.ACTIVATED",
                                            "BILLING.SUBSCRIPTION.UPDATED",
                                            "BILLING.SUBSCRIPTION.EXPIRED",
                                            "BILLING.SUBSCRIPTION.CANCELLED",
                                            "BILLING.SUBSCRIPTION.SUSPENDED",
                                            "BILLING.SUBSCRIPTION.RE-ACTIVATED",
                                            "BILLING.SUBSCRIPTION.PAYMENT.FAILED",
                                            "PAYMENT.PAYOUTSBATCH.PROCESSING",
                                            "PAYMENT.PAYOUTSBATCH.SUCCESS",
                                            "PAYMENT.PAYOUTSBATCH.DENIED",
                                            "PAYMENT.PAYOUTS-ITEM.SUCCEEDED",
                                            "PAYMENT.PAYOUTS-ITEM.UNCLAIMED",
                                            "PAYMENT.PAYOUTS-ITEM.RETURNED",
                                            "PAYMENT.PAYOUTS-ITEM.REFUNDED",
                                            "PAYMENT.PAYOUTS-ITEM.FAILED",
                                            "PAYMENT.PAYOUTS-ITEM.DENIED",
                                            "PAYMENT.PAYOUTS-ITEM.HELD",
                                            "PAYMENT.PAYOUTS-ITEM.BLOCKED",
                                            "PAYMENT.PAYOUTS-ITEM.CANCELED",
                                            "CUSTOMER.DISPUTE.CREATED",
                                            "CUSTOMER.DISPUTE.UPDATED",
                                            "CUSTOMER.DISPUTE.RESOLVED",
                                            "INVOICING.INVOICE.CREATED",
                                            "INVOICING.INVOICE.UPDATED",
                                            "INVOICING.INVOICE.PAID",
                                            "INVOICING.INVOICE.CANCELLED",
                                            "INVOICING.INVOICE.REFUNDED",
                                            "VAULT.PAYMENT-TOKEN.CREATED",
                                            "VAULT.PAYMENT-TOKEN.DELETED",
                                            "MERCHANT.ONBOARDING.COMPLETED"};

bool isEventType(const std::string& name) {
  if (name == "*") return true;
  for (const auto known : kEventTypes) {
    if (known == name) return true;
  }
  return false;
}

void checkWebhook(Call& call, const std::string& url, const Json& types) {
  if (url.empty()) throw missing("/url");
  if (!url.starts_with("https://") && !url.starts_with("http://")) {
    throw invalidRequest("INVALID_PARAMETER_SYNTAX", "The URL is not valid.", "/url", url);
  }
  if (!types.is_array() || types.empty()) throw missing("/event_types");
  for (const auto& type : types) {
    if (!isEventType(digText(type, "name"))) {
      throw ApiProblem(errorAnswer(400, "VALIDATION_ERROR", "Invalid data provided",
                                   "Not a valid webhook event type", "Unknown event type.",
                                   "event_types", digText(type, "name")));
    }
  }
  for (const auto* other : call.account.of("webhooks").all()) {
    if (textOf(*other, "url") == url && (call.ids.empty() || textOf(*other, "id") != call.ids[0])) {
      throw ApiProblem(
          errorAnswer(400, "WEBHOOK_URL_ALREADY_EXISTS", "Webhook URL already exists"));
    }
  }
}

// The types alone; what the caller wrote besides is not kept.
Json namesOf(const Json& types) {
  Json out = Json::array();
  for (const auto& type : types) out.push_back(Json{{"name", digText(type, "name")}});
  return out;
}

ApiAnswer createWebhook(Call& call) {
  const auto url = digText(call.body, "url");
  checkWebhook(call, url, dig(call.body, "event_types"));
  const auto id = call.world.mint("", 17);
  const auto self = call.link("/v1/notifications/webhooks/" + id);
  Json webhook = Json::object();
  webhook["id"] = id;
  webhook["url"] = url;
  webhook["event_types"] = namesOf(call.body["event_types"]);
  webhook["links"] = Json::array(
      {link(self, "self"), link(self, "update", "PATCH"), link(self, "delete", "DELETE")});
  webhook["_origin"] = call.request.origin;
  const auto& stored = call.account.of("webhooks").add(id, std::move(webhook));
  call.world.putWebhook(call.account, stored);
  return jsonAnswer(201, stored);
}

ApiAnswer listWebhooks(Call& call) {
  Json list = Json::array();
  for (const auto* webhook : call.account.of("webhooks").all()) list.push_back(*webhook);
  return jsonAnswer(200, Json{{"webhooks", list}});
}

ApiAnswer getWebhook(Call& call) {
  return jsonAnswer(200, named(call, "webhooks"));
}

ApiAnswer updateWebhook(Call& call) {
  auto& webhook = named(call, "webhooks");
  auto changed = webhook;
  if (!call.body.is_array()) throw missing("/");
  for (const auto& change : call.body) {
    const auto path = digText(change, "path");
    if (digText(change, "op") != "replace" || (path != "/url" && path != "/event_types")) {
      throw invalidRequest("INVALID_PARAMETER_VALUE",
                           "Only replace of /url and /event_types is supported.", "path", path);
    }
    changed[path.substr(1)] = dig(change, "value");
  }
  checkWebhook(call, textOf(changed, "url"), changed["event_types"]);
  changed["event_types"] = namesOf(changed["event_types"]);
  webhook = std::move(changed);
  call.world.putWebhook(call.account, webhook);
  return jsonAnswer(200, webhook);
}

ApiAnswer deleteWebhook(Call& call) {
  named(call, "webhooks");
  call.account.of("webhooks").erase(call.ids[0]);
  call.world.removeWebhook(call.ids[0]);
  return noContent();
}

ApiAnswer listEventTypes(Call&) {
  Json list = Json::array();
  for (const auto name : kEventTypes) {
    list.push_back(Json{{"name", name}, {"description", name}, {"status", "ENABLED"}});
  }
  return jsonAnswer(200, Json{{"event_types", list}});
}

ApiAnswer listEvents(Call& call) {
  const auto wantedType = call.query("event_type");
  const auto size = call.queryNumber("page_size", 10);
  Json list = Json::array();
  auto events = call.account.of("events").all();
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (!wantedType.empty() && textOf(**event, "event_type") != wantedType) continue;
    if (static_cast<std::int64_t>(list.size()) >= size) break;
    list.push_back(**event);
  }
  const auto count = list.size();
  return jsonAnswer(200, Json{{"events", list}, {"count", count}});
}

ApiAnswer getEvent(Call& call) {
  return jsonAnswer(200, named(call, "events"));
}

ApiAnswer resendEvent(Call& call) {
  const auto& event = named(call, "events");
  call.world.publish(call.account, textOf(event, "event_type"), call.ids[0], event.dump());
  return jsonAnswer(202, event);
}

// The online check. The signed text holds the body's checksum, so the event has to be the very text
// that was received: it is cut out of the request.
ApiAnswer verifySignature(Call& call) {
  for (const auto* field : {"auth_algo", "cert_url", "transmission_id", "transmission_sig",
                            "transmission_time", "webhook_id", "webhook_event"}) {
    if (!has(call.body, field)) throw missing(std::string("/") + field);
  }
  const auto start = call.request.body.find("\"webhook_event\"");
  const auto open = call.request.body.find('{', start);
  std::size_t end = open;
  int depth = 0;
  bool quoted = false;
  for (; open != std::string::npos && end < call.request.body.size(); ++end) {
    const char c = call.request.body[end];
    if (quoted && c == '\\') {
      ++end;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == '{') {
      ++depth;
    } else if (!quoted && c == '}' && --depth == 0) {
      break;
    }
  }
  const auto event =
      open == std::string::npos ? std::string() : call.request.body.substr(open, end + 1 - open);
  const auto text =
      signedText(digText(call.body, "transmission_id"), digText(call.body, "transmission_time"),
                 digText(call.body, "webhook_id"), event);
  const bool good = call.account.of("webhooks").find(digText(call.body, "webhook_id")) &&
                    digText(call.body, "auth_algo") == "SHA256withRSA" &&
                    call.world.verifies(text, digText(call.body, "transmission_sig"));
  return jsonAnswer(200, Json{{"verification_status", good ? "SUCCESS" : "FAILURE"}});
}

// PayPal's webhook simulator: a made-up event of that type to the webhook or URL that is named.
ApiAnswer simulateEvent(Call& call) {
  const auto type = digText(call.body, "event_type");
  if (!isEventType(type) || type == "*") {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "A parameter value is not valid.",
                         "/event_type", type);
  }
  Json resource = Json{{"id", call.world.mint("", 17)}, {"status", "COMPLETED"}};
  announce(call.world, call.account, type, "simulated", "A simulated event", resource,
           call.request.origin);
  return jsonAnswer(202, *call.account.of("events").all().back());
}

}  // namespace

void addNotifications(Routes& routes) {
  routes.insert(routes.end(),
                {{"POST", "/v1/notifications/webhooks", createWebhook},
                 {"GET", "/v1/notifications/webhooks", listWebhooks},
                 {"GET", "/v1/notifications/webhooks/{}", getWebhook},
                 {"PATCH", "/v1/notifications/webhooks/{}", updateWebhook},
                 {"DELETE", "/v1/notifications/webhooks/{}", deleteWebhook},
                 {"GET", "/v1/notifications/webhooks-event-types", listEventTypes},
                 {"GET", "/v1/notifications/webhooks-events", listEvents},
                 {"GET", "/v1/notifications/webhooks-events/{}", getEvent},
                 {"POST", "/v1/notifications/webhooks-events/{}/resend", resendEvent},
                 {"POST", "/v1/notifications/verify-webhook-signature", verifySignature},
                 {"POST", "/v1/notifications/simulate-event", simulateEvent}});
}

}  // namespace simulators::paypal
