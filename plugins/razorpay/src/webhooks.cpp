// Razorpay's webhooks and what Checkout hands to a browser: how to verify them, and what an event
// says. There is no event id in the signed body, only an unsigned header: the host hashes the body.
#include <algorithm>
#include <utility>

#include "operations.hpp"
#include "webhook_events.hpp"

namespace razorpay {

namespace {

constexpr std::string_view kSignatureHeader = "X-Razorpay-Signature";

// SHA-256 in lower-case hex, as Razorpay writes it and its SDKs compare it.
bool isSignature(std::string_view text) {
  constexpr std::size_t kHexChars = 64;
  return text.size() == kHexChars && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

sdk::Recipe hmac(std::string secret, std::string message, std::string_view signature) {
  if (!isSignature(signature)) return sdk::Recipe::reject("the signature is no hex SHA-256");
  return sdk::Recipe::hmac(sdk::Digest::Sha256, sdk::Encoding::Hex, std::move(secret),
                           std::move(message), {std::string(signature)});
}

// One member of a checkout result; Checkout's names begin with "razorpay_".
std::optional<std::string_view> memberOf(json::View result, std::string_view name) {
  const auto plain = result[name].string();
  const auto prefixed = result["razorpay_" + std::string(name)].string();
  if (plain && prefixed) return std::nullopt;  // which one would be meant?
  return plain ? plain : prefixed;
}

// The signed text: order_id|payment_id, payment_id|subscription_id, or that of a payment link.
// Exactly one of the three, since another reading of the same object could be a forged one.
std::optional<std::string> signedText(json::View result) {
  const auto payment = memberOf(result, "payment_id");
  const auto order = memberOf(result, "order_id");
  const auto subscription = memberOf(result, "subscription_id");
  const auto link = memberOf(result, "payment_link_id");
  if (!payment || !isRazorpayId(*payment)) return std::nullopt;
  if (order.has_value() + subscription.has_value() + link.has_value() != 1) return std::nullopt;
  const std::string_view id = order ? *order : subscription ? *subscription : *link;
  if (!isRazorpayId(id)) return std::nullopt;
  if (order) return std::string(id) + "|" + std::string(*payment);
  if (subscription) return std::string(*payment) + "|" + std::string(id);
  const auto reference = memberOf(result, "payment_link_reference_id").value_or("");
  const auto status = memberOf(result, "payment_link_status");
  // The reference is the merchant's own text; a bar in the status would shift the fields.
  if (!status || !isRazorpayId(*status)) return std::nullopt;
  return std::string(id) + "|" + std::string(reference) + "|" + std::string(*status) + "|" +
         std::string(*payment);
}

sdk::Recipe proofRecipe(const sdk::Webhook& webhook) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(webhook.body, error) || !document.root().isObject()) {
    return sdk::Recipe::reject("the checkout result is no JSON object");
  }
  const auto signature = memberOf(document.root(), "signature");
  auto message = signedText(document.root());
  if (!signature || !message) {
    return sdk::Recipe::reject("the checkout result lacks an id or the signature");
  }
  return hmac("key_secret", std::move(*message), *signature);
}

const EventName* nameOf(std::string_view type) {
  for (const EventName& name : kEventNames) {
    if (name.razorpay == type) return &name;
  }
  return nullptr;
}

json::View entityIn(json::View payload, std::string_view name) {
  return payload[name]["entity"];
}

// Puts in a resource; one that can't be understood is to be fetched.
template <typename T>
void put(const sdk::Result<T>& result, sdk::WebhookEvent& event) {
  if (result) event.dataJson = sdk::toJson(*result);
  event.fetch = !result && !event.providerId.empty();
}

// A unified payment is an order: its id, and all of it where the event brings the order along.
void addPayment(json::View payload, const Context& context, sdk::WebhookEvent& event) {
  const json::View payment = entityIn(payload, "payment");
  const json::View order = entityIn(payload, "order");
  event.providerId = std::string(payment["order_id"].stringOr(payment["id"].stringOr("")));
  if (order.isObject()) {
    event.providerId = std::string(order["id"].stringOr(event.providerId));
    event.reference = std::string(noteOf(order, kOperationKey));
    std::vector<json::View> payments;
    if (payment.isObject()) payments.push_back(payment);
    put(paymentOf(order, payments, false, context), event);
    return;
  }
  event.reference = std::string(noteOf(payment, kOperationKey));
  put(paymentOfPayment(payment, context), event);
  // The order's notes, and with them our operation and its way of capture, are not here.
  event.fetch = !event.providerId.empty();
}

// The order of the payment that the event brings along, in place of the payment's own id.
template <typename T>
void nameOrder(json::View payload, sdk::Result<T>& result) {
  const json::View payment = entityIn(payload, "payment");
  const auto order = textOf(payment["order_id"]);
  if (result && order && result->paymentProviderId == textOf(payment["id"])) {
    result->paymentProviderId = order;
  }
}

void addAccount(json::View body, std::string_view type, const Context& context,
                sdk::WebhookEvent& event) {
  const json::View product = entityIn(body["payload"], "merchant_product");
  const json::View merchant = entityIn(body["payload"], "account");
  event.providerId = std::string(product["merchant_id"].stringOr(body["account_id"].stringOr("")));
  if (event.providerId.empty()) return;
  sdk::Account account;
  account.providerId = event.providerId;
  const std::string_view last = type.substr(type.rfind('.') + 1);
  account.status = accountStatus(product["activation_status"].stringOr(last));
  account.email = textOf(merchant["email"]);
  account.businessName = textOf(merchant["merchant_detail"]["business_name"]);
  account.livemode = context.live;
  event.dataJson = sdk::toJson(account);
  event.fetch = account.status == sdk::AccountStatus::Unknown;
}

void addResource(json::View body, std::string_view kind, const Context& context,
                 sdk::WebhookEvent& event) {
  const json::View payload = body["payload"];
  if (kind == "payment") return addPayment(payload, context, event);
  if (kind == "account") return addAccount(body, event.providerType, context, event);
  const bool transfer = kind == "payout" && payload["transfer"].isObject();
  const json::View entity = entityIn(payload, transfer ? "transfer" : kind);
  event.providerId = std::string(entity["id"].stringOr(""));
  event.reference = std::string(noteOf(entity, kOperationKey));
  if (kind == "refund") {
    auto refund = refundOf(entity, context);
    nameOrder(payload, refund);
    put(refund, event);
  } else if (kind == "dispute") {
    auto dispute = disputeOf(entity, context);
    nameOrder(payload, dispute);
    put(dispute, event);
  } else if (kind == "subscription") {
    put(subscriptionOf(entity, context), event);
  } else if (kind == "invoice") {
    put(invoiceOf(entity, context), event);
  } else if (kind == "payment_link") {
    put(linkOf(entity, context), event);
  } else if (kind == "payout") {
    put(payoutOf(entity, context), event);
  }
}

// An event that we have no name for: its first entity.
void addUnknown(json::View body, sdk::WebhookEvent& event) {
  const std::string_view name = body["contains"][std::size_t{0}].stringOr("");
  event.providerId = std::string(entityIn(body["payload"], name)["id"].stringOr(""));
}

}  // namespace

sdk::Recipe webhookRecipe(const sdk::Webhook& webhook) {
  if (webhook.isProof()) return proofRecipe(webhook);
  if (webhook.headers.count(kSignatureHeader) != 1) {
    return sdk::Recipe::reject("there must be exactly one X-Razorpay-Signature header");
  }
  return hmac("webhook_secret", std::string(webhook.body), *webhook.headers.find(kSignatureHeader));
}

std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(webhook.body, error) || document["entity"].stringOr("") != "event") return {};
  const std::string_view keyId = webhook.settings["key_id"].stringOr("");
  const Context context{keyId.starts_with("rzp_live_"), keyId};
  sdk::WebhookEvent event;
  event.providerType = std::string(document["event"].stringOr(""));
  if (const EventName* name = nameOf(event.providerType)) {
    event.type = std::string(name->unified);
    event.resourceKind = std::string(name->resourceKind);
    addResource(document.root(), name->resourceKind, context, event);
  } else if (event.providerType.starts_with("account.") ||
             event.providerType.starts_with("product.")) {
    event.type = "account.updated";
    event.resourceKind = "account";
    addAccount(document.root(), event.providerType, context, event);
  } else {
    addUnknown(document.root(), event);
  }
  constexpr std::int64_t kSecondsMax = 1'000'000'000'000;
  const std::int64_t created = document["created_at"].int64Or(0);
  if (created > 0 && created < kSecondsMax) event.occurredUnixMs = created * 1000;
  std::vector<sdk::WebhookEvent> events;
  events.push_back(std::move(event));
  return events;
}

}  // namespace razorpay
