// Stripe's webhooks: how to verify one (docs.stripe.com/webhooks/signature) and what it says.
#include <charconv>
#include <utility>

#include "errors.hpp"
#include "operations.hpp"
#include "payment_intent.hpp"
#include "payment_link.hpp"
#include "payout.hpp"
#include "plans.hpp"
#include "subscription.hpp"
#include "webhook_events.hpp"

namespace stripe {

namespace {

constexpr std::uint32_t kToleranceS = 300;

// What a Stripe-Signature header holds: `t=<seconds>,v1=<hex>[,v1=<hex>...]`. Other schemes are
// skipped: v0 is a test's and must never count.
struct Signature {
  std::string_view timestamp;
  std::int64_t timestampUnixS = 0;
  std::vector<std::string> v1;
};

std::optional<Signature> readSignature(std::string_view header) {
  Signature signature;
  while (!header.empty()) {
    const std::string_view item = header.substr(0, header.find(','));
    header.remove_prefix(std::min(header.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = item.substr(0, equals);
    const std::string_view value = item.substr(equals + 1);
    if (name == "t") {
      if (!signature.timestamp.empty()) return std::nullopt;
      signature.timestamp = value;
    } else if (name == "v1" && !value.empty()) {
      signature.v1.emplace_back(value);
    }
  }
  const char* end = signature.timestamp.data() + signature.timestamp.size();
  const auto [stop, problem] =
      std::from_chars(signature.timestamp.data(), end, signature.timestampUnixS);
  if (problem != std::errc() || stop != end || signature.timestampUnixS <= 0) return std::nullopt;
  if (signature.v1.empty()) return std::nullopt;
  return signature;
}

// Puts in what the event's object says, in unified form where there is one.
void addResource(json::View object, sdk::WebhookEvent& event) {
  event.providerId = std::string(object["id"].stringOr(""));
  event.reference = std::string(object["metadata"][kOperationKey].stringOr(""));
  const std::string_view kind = object["object"].stringOr("");
  const auto put = [&](const auto& result) {
    // The object comes in the API version of the endpoint, which may be one we can't read.
    if (result) event.dataJson = sdk::toJson(*result);
    event.fetch = !result;
  };
  if (kind == "payment_intent") put(paymentOf(object));
  if (kind == "refund") put(refundOf(object));
  if (kind == "customer") put(customerOf(object));
  if (kind == "payment_method") put(paymentMethodOf(object));
  if (kind == "setup_intent") put(setupIntentOf(object));
  if (kind == "product") put(productOf(object));
  if (kind == "price") put(planOf(object));
  if (kind == "subscription") put(subscriptionOf(object));
  if (kind == "invoice") put(invoiceOf(object));
  if (kind == kLinkObject || kind == kSessionObject) put(paymentLinkOf(object));
  if (kind == "payout" || kind == "transfer") put(payoutOf(object));
  if (kind == "dispute") put(disputeOf(object));
  if (kind == "account") put(accountOf(object));
  if (kind == "charge") {
    event.providerId = idOf(object["payment_intent"]).value_or("");
    event.fetch = !event.providerId.empty();
  }
}

}  // namespace

sdk::Recipe webhookRecipe(const sdk::Webhook& webhook) {
  if (webhook.headers.count("Stripe-Signature") != 1) {
    return sdk::Recipe::reject("there must be exactly one Stripe-Signature header");
  }
  if (webhook.body.empty()) return sdk::Recipe::reject("the body is empty");
  auto signature = readSignature(*webhook.headers.find("Stripe-Signature"));
  if (!signature) return sdk::Recipe::reject("the Stripe-Signature header can't be understood");
  std::string message(signature->timestamp);
  message.append(".").append(webhook.body);
  sdk::Recipe recipe = sdk::Recipe::hmac(sdk::Digest::Sha256, sdk::Encoding::Hex, "webhook_secret",
                                         std::move(message), std::move(signature->v1));
  recipe.timestampUnixS = signature->timestampUnixS;
  recipe.toleranceS = kToleranceS;
  return recipe;
}

std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(webhook.body, error) || document["object"].stringOr("") != "event") return {};
  sdk::WebhookEvent event;
  event.providerEventId = std::string(document["id"].stringOr(""));
  event.providerType = std::string(document["type"].stringOr(""));
  for (const EventName& name : kEventNames) {
    if (name.stripe != event.providerType) continue;
    event.type = std::string(name.unified);
    event.resourceKind = std::string(name.resourceKind);
  }
  addResource(document["data"]["object"], event);
  constexpr std::int64_t kSecondsMax = 1'000'000'000'000;
  const std::int64_t created = document["created"].int64Or(0);
  if (created > 0 && created < kSecondsMax) event.occurredUnixMs = created * 1000;
  if (const auto live = document["livemode"].boolean()) {
    event.mode = *live ? sdk::EventMode::Live : sdk::EventMode::Test;
  }
  std::vector<sdk::WebhookEvent> events;
  events.push_back(std::move(event));
  return events;
}

}  // namespace stripe
