// PayPal's webhooks: how to verify one by its certificate, and what it says.
#include <charconv>
#include <utility>

#include "amounts.hpp"
#include "crc32.hpp"
#include "errors.hpp"
#include "operations.hpp"
#include "webhook_events.hpp"

namespace paypal {

namespace {

// The one value of a header; empty where it is missing, empty or given twice.
std::string_view only(const sdk::Webhook& webhook, std::string_view name) {
  return webhook.headers.count(name) == 1 ? *webhook.headers.find(name) : std::string_view();
}

sdk::EventMode modeOf(json::View event) {
  const std::string self = linkOf(event, {"self"}).value_or("");
  for (const std::string_view host : {"https://api.sandbox.", "https://api-m.sandbox."}) {
    if (self.rfind(host, 0) == 0) return sdk::EventMode::Test;
  }
  for (const std::string_view host : {"https://api.paypal.", "https://api-m.paypal."}) {
    if (self.rfind(host, 0) == 0) return sdk::EventMode::Live;
  }
  return sdk::EventMode::Unsaid;
}

// Puts a resource that was read into the event; one that can't be read is to be fetched.
template <typename T>
void put(sdk::WebhookEvent& event, const sdk::Result<T>& resource) {
  if (resource) {
    event.providerId = resource->providerId;
    event.dataJson = sdk::toJson(*resource);
  }
  event.fetch = !resource;
}

// A payment of the first API: that of a subscription, or of an integration older than orders.
sdk::Result<sdk::Payment> saleOf(json::View object, bool live) {
  sdk::Payment payment;
  payment.providerId = std::string(object["id"].stringOr(""));
  const auto money = moneyOf(object["amount"]);
  if (payment.providerId.empty() || !money || money->amount < 0) {
    return sdk::Error::badResponse("PayPal's sale has no usable id or amount");
  }
  payment.amount = money->amount;
  payment.currency = money->currency;
  const std::string_view state = object["state"].stringOr("");
  const bool paid = state == "completed" || state == "partially_refunded" || state == "refunded";
  if (paid) {
    payment.status = sdk::PaymentStatus::Succeeded;
    payment.amountCaptured = payment.amount;
  }
  if (state == "denied") payment.status = sdk::PaymentStatus::Failed;
  payment.livemode = live;
  payment.createdUnixS = timeOrZero(object["create_time"]);
  return payment;
}

// What happened to a capture or an authorization. Alone it does not tell the payment's state, so
// the order is to be fetched; without its id the reference must do.
void putPartOfOrder(sdk::WebhookEvent& event, json::View resource) {
  const json::View related = resource["supplementary_data"]["related_ids"];
  event.providerId = std::string(related["order_id"].stringOr(""));
  event.fetch = !event.providerId.empty();
}

void putPayment(sdk::WebhookEvent& event, json::View resource, bool live) {
  const std::string_view type = event.providerType;
  if (type.rfind("CHECKOUT.", 0) == 0) {
    event.providerId = std::string(resource["id"].stringOr(resource["order_id"].stringOr("")));
    const json::View unit = resource["purchase_units"][std::size_t{0}];
    event.reference = std::string(unit["custom_id"].stringOr(""));
    const sdk::Result<Order> order = orderOf(resource, live);
    if (order) event.dataJson = sdk::toJson(order->payment);
    event.fetch = !order && !event.providerId.empty();
  } else if (type.rfind("PAYMENT.SALE.", 0) == 0) {
    event.providerId = std::string(resource["id"].stringOr(""));
    const sdk::Result<sdk::Payment> sale = saleOf(resource, live);
    if (sale) event.dataJson = sdk::toJson(*sale);
    // Of a subscription the custom field is the subscription's, not this payment's.
    if (!resource["billing_agreement_id"].isNothing()) event.reference.clear();
  } else {
    putPartOfOrder(event, resource);
  }
}

void putRefund(sdk::WebhookEvent& event, json::View resource) {
  const std::string_view order =
      resource["supplementary_data"]["related_ids"]["order_id"].stringOr("");
  sdk::Result<sdk::Refund> refund = refundOf(resource, order);
  if (refund && !resource["sale_id"].isNothing()) {
    refund->paymentProviderId = textOf(resource["sale_id"]);
    if (resource["state"].stringOr("") == "completed") {
      refund->status = sdk::RefundStatus::Succeeded;
    }
  }
  put(event, refund);
  // Refunds of the first API can't be fetched.
  if (event.providerType.rfind("PAYMENT.SALE.", 0) == 0) event.fetch = false;
}

void putPayout(sdk::WebhookEvent& event, json::View resource, bool live) {
  if (event.providerType.rfind("PAYMENT.PAYOUTSBATCH.", 0) == 0) {
    event.providerId = std::string(resource["batch_header"]["payout_batch_id"].stringOr(""));
    put(event, payoutBatchOf(resource, live));
  } else {
    event.providerId = std::string(resource["payout_batch_id"].stringOr(""));
    event.reference = std::string(resource["payout_item"]["sender_item_id"].stringOr(""));
    put(event, payoutItemOf(resource, live));
  }
}

// Puts in what the event's resource says, in unified form where there is one.
void addResource(sdk::WebhookEvent& event, json::View resource) {
  const bool live = event.mode == sdk::EventMode::Live;
  event.providerId = std::string(resource["id"].stringOr(""));
  event.reference = std::string(resource["custom_id"].stringOr(resource["custom"].stringOr("")));
  const std::string_view kind = event.resourceKind;
  if (kind == "payment") putPayment(event, resource, live);
  if (kind == "refund") putRefund(event, resource);
  if (kind == "payout") putPayout(event, resource, live);
  if (kind == "product") put(event, productOf(resource, live));
  if (kind == "plan") put(event, planOf(resource, live));
  if (kind == "subscription") put(event, subscriptionOf(resource, live));
  if (kind == "dispute") {
    event.providerId = std::string(resource["dispute_id"].stringOr(""));
    const json::View transaction = resource["disputed_transactions"][std::size_t{0}];
    event.reference = std::string(transaction["custom"].stringOr(""));
    put(event, disputeOf(resource, live));
  }
  if (event.providerId.empty()) event.fetch = false;
}

}  // namespace

// RSA over "<transmission id>|<time>|<webhook id>|<CRC-32 of the body>". PayPal retries for three
// days with the first time, so no age is too great; the event's id is what tells a repetition.
sdk::Recipe webhookRecipe(const sdk::Webhook& webhook) {
  const std::string_view id = only(webhook, "PAYPAL-TRANSMISSION-ID");
  const std::string_view time = only(webhook, "PAYPAL-TRANSMISSION-TIME");
  const std::string_view signature = only(webhook, "PAYPAL-TRANSMISSION-SIG");
  const std::string_view certificate = only(webhook, "PAYPAL-CERT-URL");
  if (id.empty() || time.empty() || signature.empty() || certificate.empty()) {
    return sdk::Recipe::reject(
        "each PAYPAL-TRANSMISSION-* and PAYPAL-CERT-URL header must be "
        "there once");
  }
  // The algorithm is ours to choose, not the sender's.
  if (only(webhook, "PAYPAL-AUTH-ALGO") != "SHA256withRSA") {
    return sdk::Recipe::reject("the PAYPAL-AUTH-ALGO header must be SHA256withRSA");
  }
  // A separator within a field would let one signature speak for another message.
  if (id.find('|') != std::string_view::npos || time.find('|') != std::string_view::npos) {
    return sdk::Recipe::reject("a PAYPAL-TRANSMISSION-* header holds a separator");
  }
  const std::string_view webhookId = webhook.settings["webhook_id"].stringOr("");
  if (webhookId.empty()) return sdk::Recipe::reject("webhook_id is not set for this account");
  std::string message(id);
  message.append("|").append(time).append("|").append(webhookId).append("|");
  message.append(std::to_string(crc32(webhook.body)));
  sdk::Recipe recipe;
  recipe.kind = UG_VERIFY_CERTIFICATE;
  recipe.digest = sdk::Digest::Sha256;
  recipe.encoding = sdk::Encoding::Base64;
  recipe.messages.push_back(std::move(message));
  recipe.expected.emplace_back(signature);
  recipe.certificateUrl = std::string(certificate);
  recipe.certificateHostSuffix = "paypal.com";
  return recipe;
}

std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(webhook.body, error) || !document["event_type"].isString()) return {};
  sdk::WebhookEvent event;
  event.providerEventId = std::string(document["id"].stringOr(""));
  event.providerType = std::string(document["event_type"].stringOr(""));
  for (const EventName& name : kEventNames) {
    if (name.paypal != event.providerType) continue;
    event.type = std::string(name.unified);
    event.resourceKind = std::string(name.resourceKind);
  }
  event.mode = modeOf(document.root());
  addResource(event, document["resource"]);
  const auto created = timestamp::millisFromIso8601(document["create_time"].stringOr(""));
  if (created && *created > 0) event.occurredUnixMs = *created;
  std::vector<sdk::WebhookEvent> events;
  events.push_back(std::move(event));
  return events;
}

}  // namespace paypal
