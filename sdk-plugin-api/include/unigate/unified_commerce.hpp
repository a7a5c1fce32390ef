// The unified results of saved ways to pay, products, plans, subscriptions, invoices, payment
// links. The JSON forms are in sdk-plugin-api/schemas/unified.json. Amounts are minor units, times
// Unix seconds; an absent optional is left out: the provider does not tell.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/unified.hpp>
#include <vector>

namespace unigate::sdk {

enum class PaymentMethodType { Card, BankAccount, Upi, Wallet, Paypal, Other };

constexpr std::array<std::string_view, 6> wordsOf(PaymentMethodType) {
  return {"card", "bank_account", "upi", "wallet", "paypal", "other"};
}

// A saved way to pay.
struct PaymentMethod {
  std::string providerId;
  PaymentMethodType type = PaymentMethodType::Card;
  std::optional<std::string> providerType;  // The provider's own word for the type.
  std::optional<std::string> customerProviderId;
  std::optional<std::string> brand;  // Network or bank, as the provider writes it.
  std::optional<std::string> last4;
  std::optional<std::int64_t> expMonth;
  std::optional<std::int64_t> expYear;
  std::optional<std::string> label;  // What the payer recognises it by: an e-mail or a UPI address.
  std::optional<bool> detached;      // True once it can't be used any more.
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const PaymentMethod& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("type", wordOf(value.type));
  detail::writeIf(out, "provider_type", value.providerType);
  detail::writeIf(out, "customer_provider_id", value.customerProviderId);
  detail::writeIf(out, "brand", value.brand);
  detail::writeIf(out, "last4", value.last4);
  detail::writeIf(out, "exp_month", value.expMonth);
  detail::writeIf(out, "exp_year", value.expYear);
  detail::writeIf(out, "label", value.label);
  detail::writeIf(out, "detached", value.detached);
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class SetupIntentStatus {
  Processing,
  RequiresPaymentMethod,
  RequiresConfirmation,
  RequiresAction,
  Succeeded,
  Canceled
};

constexpr std::array<std::string_view, 6> wordsOf(SetupIntentStatus) {
  return {"processing",
          "requires_payment_method",
          "requires_confirmation",
          "requires_action",
          "succeeded",
          "canceled"};
}

enum class SetupUsage { OffSession, OnSession };

constexpr std::array<std::string_view, 2> wordsOf(SetupUsage) {
  return {"off_session", "on_session"};
}

// The saving of a way to pay for later.
struct SetupIntent {
  std::string providerId;
  SetupIntentStatus status = SetupIntentStatus::Processing;
  std::optional<SetupUsage> usage;
  std::optional<std::string> clientSecret;
  std::optional<NextAction> nextAction;
  std::optional<std::string> customerProviderId;
  std::optional<std::string> paymentMethod;
  std::optional<std::string> description;
  std::optional<Failure> failure;
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const SetupIntent& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("status", wordOf(value.status));
  if (value.usage) out.member("usage", wordOf(*value.usage));
  detail::writeIf(out, "client_secret", value.clientSecret);
  out.key("next_action");
  value.nextAction ? writeJson(out, *value.nextAction) : void(out.null());
  detail::writeIf(out, "customer_provider_id", value.customerProviderId);
  detail::writeIf(out, "payment_method", value.paymentMethod);
  detail::writeIf(out, "description", value.description);
  out.key("failure");
  value.failure ? writeJson(out, *value.failure) : void(out.null());
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

// What is sold.
struct Product {
  std::string providerId;
  std::string name;
  std::optional<std::string> description;
  bool active = false;
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Product& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("name", value.name);
  detail::writeIf(out, "description", value.description);
  out.member("active", value.active);
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class Interval { Day, Week, Month, Quarter, Year };

constexpr std::array<std::string_view, 5> wordsOf(Interval) {
  return {"day", "week", "month", "quarter", "year"};
}

// A price that recurs.
struct Plan {
  std::string providerId;
  std::optional<std::string> productProviderId;
  std::optional<std::string> name;
  std::int64_t amount = 0;  // Minor units for one interval and unit.
  std::string currency;
  Interval interval = Interval::Day;
  std::int64_t intervalCount = 1;
  std::optional<std::int64_t> trialDays;
  bool active = false;
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Plan& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  detail::writeIf(out, "product_provider_id", value.productProviderId);
  detail::writeIf(out, "name", value.name);
  detail::writeAmount(out, "amount", value.amount);
  out.member("currency", value.currency);
  out.member("interval", wordOf(value.interval));
  out.member("interval_count", value.intervalCount);
  detail::writeIf(out, "trial_days", value.trialDays);
  out.member("active", value.active);
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class SubscriptionStatus {
  Unknown,
  Pending,
  Trialing,
  Active,
  PastDue,
  Unpaid,
  Paused,
  Canceled,
  Completed,
  Expired
};

constexpr std::array<std::string_view, 10> wordsOf(SubscriptionStatus) {
  return {"unknown", "pending", "trialing", "active",    "past_due",
          "unpaid",  "paused",  "canceled", "completed", "expired"};
}

struct Subscription {
  std::string providerId;
  SubscriptionStatus status =
      SubscriptionStatus::Unknown;  // unknown: the provider's word is not known.
  std::optional<std::string> planProviderId;
  std::optional<std::string> customerProviderId;
  std::optional<std::string> paymentMethod;
  std::int64_t quantity = 1;
  std::optional<std::int64_t>
      totalCount;  // Charges after which it ends; absent: endless or not told.
  std::optional<std::int64_t> paidCount;
  std::optional<std::int64_t> amount;  // Of one charge, where the provider tells it.
  std::optional<std::string> currency;
  std::optional<std::int64_t> currentPeriodStartUnixS;
  std::optional<std::int64_t> currentPeriodEndUnixS;
  std::optional<std::int64_t> trialEndUnixS;
  std::optional<std::int64_t> startUnixS;
  std::optional<std::int64_t> endedUnixS;
  std::optional<std::int64_t> canceledUnixS;
  bool cancelAtPeriodEnd = false;
  std::optional<NextAction> nextAction;  // Where the payer must approve it first.
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Subscription& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("status", wordOf(value.status));
  detail::writeIf(out, "plan_provider_id", value.planProviderId);
  detail::writeIf(out, "customer_provider_id", value.customerProviderId);
  detail::writeIf(out, "payment_method", value.paymentMethod);
  out.member("quantity", value.quantity);
  detail::writeIf(out, "total_count", value.totalCount);
  detail::writeIf(out, "paid_count", value.paidCount);
  if (value.amount) detail::writeAmount(out, "amount", *value.amount);
  detail::writeIf(out, "currency", value.currency);
  detail::writeIf(out, "current_period_start_unix_s", value.currentPeriodStartUnixS);
  detail::writeIf(out, "current_period_end_unix_s", value.currentPeriodEndUnixS);
  detail::writeIf(out, "trial_end_unix_s", value.trialEndUnixS);
  detail::writeIf(out, "start_unix_s", value.startUnixS);
  detail::writeIf(out, "ended_unix_s", value.endedUnixS);
  detail::writeIf(out, "canceled_unix_s", value.canceledUnixS);
  out.member("cancel_at_period_end", value.cancelAtPeriodEnd);
  out.key("next_action");
  value.nextAction ? writeJson(out, *value.nextAction) : void(out.null());
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class InvoiceStatus {
  Unknown,
  Draft,
  Scheduled,
  Open,
  PartiallyPaid,
  Paid,
  PartiallyRefunded,
  Refunded,
  Processing,
  Void,
  Uncollectible,
  Expired
};

constexpr std::array<std::string_view, 12> wordsOf(InvoiceStatus) {
  return {"unknown",        "draft", "scheduled",          "open",
          "partially_paid", "paid",  "partially_refunded", "refunded",
          "processing",     "void",  "uncollectible",      "expired"};
}

struct Invoice {
  std::string providerId;
  std::optional<std::string> number;
  InvoiceStatus status = InvoiceStatus::Unknown;
  std::int64_t amount = 0;  // The total.
  std::optional<std::int64_t> amountPaid;
  std::optional<std::int64_t> amountDue;  // What is left to pay.
  std::string currency;
  std::optional<std::string> customerProviderId;
  std::optional<std::string> subscriptionProviderId;
  std::optional<std::string> paymentProviderId;
  std::optional<std::string> description;
  std::optional<std::string> hostedUrl;
  std::optional<std::string> pdfUrl;
  std::optional<std::int64_t> dueUnixS;
  std::optional<std::int64_t> paidUnixS;
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Invoice& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  detail::writeIf(out, "number", value.number);
  out.member("status", wordOf(value.status));
  detail::writeAmount(out, "amount", value.amount);
  if (value.amountPaid) detail::writeAmount(out, "amount_paid", *value.amountPaid);
  if (value.amountDue) detail::writeAmount(out, "amount_due", *value.amountDue);
  out.member("currency", value.currency);
  detail::writeIf(out, "customer_provider_id", value.customerProviderId);
  detail::writeIf(out, "subscription_provider_id", value.subscriptionProviderId);
  detail::writeIf(out, "payment_provider_id", value.paymentProviderId);
  detail::writeIf(out, "description", value.description);
  detail::writeIf(out, "hosted_url", value.hostedUrl);
  detail::writeIf(out, "pdf_url", value.pdfUrl);
  detail::writeIf(out, "due_unix_s", value.dueUnixS);
  detail::writeIf(out, "paid_unix_s", value.paidUnixS);
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class PaymentLinkStatus {
  Unknown,
  Active,
  PartiallyPaid,
  Paid,
  Processing,
  Canceled,
  Expired
};

constexpr std::array<std::string_view, 7> wordsOf(PaymentLinkStatus) {
  return {"unknown", "active", "partially_paid", "paid", "processing", "canceled", "expired"};
}

struct PaymentLink {
  std::string providerId;
  PaymentLinkStatus status = PaymentLinkStatus::Unknown;
  std::string url;
  std::optional<std::int64_t> amount;
  std::optional<std::string> currency;
  std::optional<std::int64_t> amountPaid;
  std::optional<std::string> description;
  std::optional<std::string> reference;
  std::optional<std::string> customerName;
  std::optional<std::string> customerEmail;
  std::optional<std::string> customerPhone;
  std::optional<bool> acceptPartial;
  std::optional<std::int64_t> expiresUnixS;
  std::optional<std::string> paymentProviderId;  // The payment that came of it.
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const PaymentLink& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("status", wordOf(value.status));
  out.member("url", value.url);
  if (value.amount) detail::writeAmount(out, "amount", *value.amount);
  detail::writeIf(out, "currency", value.currency);
  if (value.amountPaid) detail::writeAmount(out, "amount_paid", *value.amountPaid);
  detail::writeIf(out, "description", value.description);
  detail::writeIf(out, "reference", value.reference);
  detail::writeIf(out, "customer_name", value.customerName);
  detail::writeIf(out, "customer_email", value.customerEmail);
  detail::writeIf(out, "customer_phone", value.customerPhone);
  detail::writeIf(out, "accept_partial", value.acceptPartial);
  detail::writeIf(out, "expires_unix_s", value.expiresUnixS);
  detail::writeIf(out, "payment_provider_id", value.paymentProviderId);
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

}  // namespace unigate::sdk
