// The inputs of the operations on saved ways to pay, products, plans, subscriptions, invoices,
// payment links. The JSON forms are in sdk-plugin-api/schemas/unified.json; the host has checked
// them before an adapter is called.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/unified_commerce.hpp>
#include <unigate/unified_input.hpp>
#include <vector>

namespace unigate::sdk {

// payment_methods.attach
struct PaymentMethodAttach {
  std::string customerProviderId;
  std::string paymentMethod;  // The provider's id or token of it.
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// payment_methods.detach
struct PaymentMethodDetach {
  std::string providerId;
  std::optional<std::string> customerProviderId;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// setup_intents.create
struct SetupIntentCreate {
  std::optional<std::string> customerProviderId;
  std::optional<std::string> paymentMethod;
  std::optional<bool> confirm;
  std::optional<SetupUsage> usage;
  std::optional<std::string> returnUrl;
  std::optional<std::string> cancelUrl;
  std::optional<std::string> description;
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// products.create
struct ProductCreate {
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> category;  // The provider's category or type, e.g. SERVICE.
  std::optional<std::string> imageUrl;
  std::optional<std::string> url;
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// plans.create
struct PlanCreate {
  std::int64_t amount = 0;
  std::string currency;
  Interval interval = Interval::Day;
  std::optional<std::int64_t> intervalCount;
  std::optional<std::string> productProviderId;
  std::optional<std::string> name;  // Names the product that is made when none is given.
  std::optional<std::string> description;
  std::optional<std::int64_t> trialDays;
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// subscriptions.create
struct SubscriptionCreate {
  std::optional<std::string> planProviderId;
  std::optional<PlanCreate> plan;  // Instead of plan_provider_id.
  std::optional<std::string> customerProviderId;
  std::optional<std::string> customerEmail;
  std::optional<std::string> customerName;
  std::optional<std::string> customerPhone;
  std::optional<std::string> paymentMethod;
  std::optional<std::int64_t> quantity;
  std::optional<std::int64_t> totalCount;
  std::optional<std::int64_t> trialDays;
  std::optional<std::int64_t> startUnixS;
  std::optional<bool> customerNotify;
  std::optional<std::string> returnUrl;
  std::optional<std::string> cancelUrl;
  std::optional<std::string> description;
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// subscriptions.update. An absent field stays as it is.
struct SubscriptionUpdate {
  std::string providerId;
  std::optional<std::string> planProviderId;
  std::optional<std::int64_t> quantity;
  std::optional<std::int64_t> totalCount;
  std::optional<bool> atPeriodEnd;  // Whether the change waits for the next period.
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// subscriptions.cancel
struct SubscriptionCancel {
  std::string providerId;
  std::optional<bool> atPeriodEnd;
  std::optional<std::string> reason;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// subscriptions.pause, subscriptions.resume
struct SubscriptionPause {
  std::string providerId;
  std::optional<std::string> reason;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// payment_links.create
struct PaymentLinkCreate {
  std::int64_t amount = 0;
  std::string currency;
  std::optional<std::string> description;
  std::optional<std::string> reference;
  std::optional<std::string> customerName;
  std::optional<std::string> customerEmail;
  std::optional<std::string> customerPhone;
  std::optional<bool> acceptPartial;
  std::optional<bool> notifySms;
  std::optional<bool> notifyEmail;
  std::optional<std::int64_t> expiresUnixS;
  std::optional<std::string> returnUrl;
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// payment_links.cancel
struct PaymentLinkCancel {
  std::string providerId;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

inline void readJson(InputReader& in, PaymentMethodAttach& out) {
  detail::readProviderId(in, "customer_provider_id", out.customerProviderId);
  detail::readProviderId(in, "payment_method", out.paymentMethod);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, PaymentMethodDetach& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("customer_provider_id", out.customerProviderId);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, SetupIntentCreate& out) {
  in.optional("customer_provider_id", out.customerProviderId);
  in.optional("payment_method", out.paymentMethod);
  in.optional("confirm", out.confirm);
  detail::readWord(in, "usage", out.usage, false);
  in.optional("return_url", out.returnUrl);
  in.optional("cancel_url", out.cancelUrl);
  in.optional("description", out.description);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, ProductCreate& out) {
  in.required("name", out.name);
  in.optional("description", out.description);
  in.optional("category", out.category);
  in.optional("image_url", out.imageUrl);
  in.optional("url", out.url);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, PlanCreate& out) {
  detail::readPositive(in, "amount", out.amount);
  detail::readCurrency(in, out.currency);
  detail::readWord(in, "interval", out.interval, true);
  in.optional("interval_count", out.intervalCount);
  in.optional("product_provider_id", out.productProviderId);
  in.optional("name", out.name);
  in.optional("description", out.description);
  in.optional("trial_days", out.trialDays);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, SubscriptionCreate& out) {
  in.optional("plan_provider_id", out.planProviderId);
  detail::readObject(in, "plan", out.plan, false);
  in.optional("customer_provider_id", out.customerProviderId);
  in.optional("customer_email", out.customerEmail);
  in.optional("customer_name", out.customerName);
  in.optional("customer_phone", out.customerPhone);
  in.optional("payment_method", out.paymentMethod);
  in.optional("quantity", out.quantity);
  in.optional("total_count", out.totalCount);
  in.optional("trial_days", out.trialDays);
  in.optional("start_unix_s", out.startUnixS);
  in.optional("customer_notify", out.customerNotify);
  in.optional("return_url", out.returnUrl);
  in.optional("cancel_url", out.cancelUrl);
  in.optional("description", out.description);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, SubscriptionUpdate& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("plan_provider_id", out.planProviderId);
  in.optional("quantity", out.quantity);
  in.optional("total_count", out.totalCount);
  in.optional("at_period_end", out.atPeriodEnd);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, SubscriptionCancel& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("at_period_end", out.atPeriodEnd);
  in.optional("reason", out.reason);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, SubscriptionPause& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("reason", out.reason);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, PaymentLinkCreate& out) {
  detail::readPositive(in, "amount", out.amount);
  detail::readCurrency(in, out.currency);
  in.optional("description", out.description);
  in.optional("reference", out.reference);
  in.optional("customer_name", out.customerName);
  in.optional("customer_email", out.customerEmail);
  in.optional("customer_phone", out.customerPhone);
  in.optional("accept_partial", out.acceptPartial);
  in.optional("notify_sms", out.notifySms);
  in.optional("notify_email", out.notifyEmail);
  in.optional("expires_unix_s", out.expiresUnixS);
  in.optional("return_url", out.returnUrl);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, PaymentLinkCancel& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("operation_id", out.operationId);
}

}  // namespace unigate::sdk
