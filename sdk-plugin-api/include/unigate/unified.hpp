// The results of the unified operations, which an adapter's `parse` returns. A result type is a
// struct with a free function `void writeJson(json::Writer&, const T&)` beside it; the JSON forms
// are in sdk-plugin-api/schemas/unified.json.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>
#include <unigate/unified_input.hpp>
#include <utility>
#include <vector>

namespace unigate::sdk {

enum class PaymentStatus {
  Processing,  // zero: an unknown status of a provider is never success and never failure
  Created,
  RequiresPaymentMethod,
  RequiresConfirmation,
  RequiresAction,
  RequiresCapture,
  Succeeded,
  Canceled,
  Failed,
};

enum class RefundStatus { Pending, Succeeded, Failed, Canceled };

// A provider's status word and ours.
template <typename Status>
using StatusName = std::pair<std::string_view, Status>;

// Our status for a provider's word by the adapter's table. A word that is not in it reads as the
// status with the value 0: processing or pending.
template <typename Status, std::size_t N>
constexpr Status mapStatus(const std::array<StatusName<Status>, N>& table, std::string_view word) {
  for (const auto& [name, status] : table) {
    if (name == word) return status;
  }
  return Status{};
}

inline std::string_view statusName(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::Created:
      return "created";
    case PaymentStatus::RequiresPaymentMethod:
      return "requires_payment_method";
    case PaymentStatus::RequiresConfirmation:
      return "requires_confirmation";
    case PaymentStatus::RequiresAction:
      return "requires_action";
    case PaymentStatus::RequiresCapture:
      return "requires_capture";
    case PaymentStatus::Succeeded:
      return "succeeded";
    case PaymentStatus::Canceled:
      return "canceled";
    case PaymentStatus::Failed:
      return "failed";
    case PaymentStatus::Processing:
      break;
  }
  return "processing";
}

inline std::string_view statusName(RefundStatus status) {
  switch (status) {
    case RefundStatus::Succeeded:
      return "succeeded";
    case RefundStatus::Failed:
      return "failed";
    case RefundStatus::Canceled:
      return "canceled";
    case RefundStatus::Pending:
      break;
  }
  return "pending";
}

// What the payer must do next.
struct NextAction {
  enum class Type { Redirect, Sdk, DisplayCode };
  Type type = Type::Sdk;
  std::optional<std::string> url;           // to redirect to, or a page that shows the code
  std::optional<std::string> code;          // to display, e.g. the text of a QR code
  std::optional<std::string> providerType;  // the provider's own name of the action
  std::optional<std::int64_t> expiresUnixS;
  Metadata data;  // what the provider's own SDK in the browser needs
};

// Why the last attempt to pay failed.
struct Failure {
  Category category = Category::ProviderError;
  std::string providerCode;
  std::optional<std::string> declineCode;
  std::string providerMessage;
};

struct Payment {
  std::string providerId;
  PaymentStatus status = PaymentStatus::Processing;
  std::int64_t amount = 0;  // minor units, as all amounts
  std::string currency;     // ISO 4217, upper case
  std::int64_t amountCaptured = 0;
  std::optional<std::int64_t> amountRefunded;  // absent: this answer does not tell
  CaptureMethod captureMethod = CaptureMethod::Automatic;
  std::optional<NextAction> nextAction;
  std::optional<std::string> clientSecret;
  std::optional<std::string> paymentMethod;
  std::optional<std::string> customerProviderId;
  std::optional<std::string> description;
  std::optional<std::string> reference;
  Metadata metadata;
  std::optional<Failure> failure;
  bool livemode = false;
  std::int64_t createdUnixS = 0;
};

struct Refund {
  std::string providerId;
  std::optional<std::string> paymentProviderId;
  RefundStatus status = RefundStatus::Pending;
  std::int64_t amount = 0;
  std::string currency;
  std::optional<std::string> reason;
  std::optional<std::string> failureReason;
  Metadata metadata;
  std::int64_t createdUnixS = 0;
};

struct Customer {
  std::string providerId;
  std::optional<std::string> email;
  std::optional<std::string> name;
  std::optional<std::string> phone;
  std::optional<std::string> description;
  Metadata metadata;
  bool deleted = false;
  std::int64_t createdUnixS = 0;
};

struct Money {
  std::int64_t amount = 0;  // rounded down where the provider counts finer than the minor unit
  std::string currency;
  std::optional<std::string> exact = std::nullopt;  // then: the decimal amount in major units
};

struct Balance {
  std::vector<Money> available;
  std::vector<Money> pending;
  bool livemode = false;
};

// One page of a list.
template <typename T>
struct Page {
  std::vector<T> data;
  bool hasMore = false;
  std::optional<std::string> nextCursor;
};

// The word of a value of an enumeration with a `wordsOf` beside it, as in unified.json.
template <typename E>
constexpr std::string_view wordOf(E value) {
  return wordsOf(value)[static_cast<std::size_t>(value)];
}

namespace detail {

// Integers beyond 2^53 travel as text, since many readers would round them.
inline void writeAmount(json::Writer& out, std::string_view name, std::int64_t amount) {
  constexpr std::int64_t kExactMax = std::int64_t{1} << 53;
  out.key(name);
  if (amount > kExactMax || amount < -kExactMax) {
    out.value(std::to_string(amount));
  } else {
    out.value(amount);
  }
}

template <typename T>
void writeIf(json::Writer& out, std::string_view name, const std::optional<T>& value) {
  if (value) out.member(name, *value);
}

inline void writeMetadata(json::Writer& out, const Metadata& metadata) {
  out.key("metadata").beginObject();
  for (const auto& [name, value] : metadata) out.member(name, value);
  out.endObject();
}

inline void writeTexts(json::Writer& out, std::string_view name,
                       const std::vector<std::string>& texts) {
  out.key(name).beginArray();
  for (const std::string& text : texts) out.value(text);
  out.endArray();
}

inline void writeMoney(json::Writer& out, std::string_view name, const std::vector<Money>& list) {
  out.key(name).beginArray();
  for (const Money& money : list) {
    out.beginObject();
    writeAmount(out, "amount", money.amount);
    out.member("currency", money.currency);
    writeIf(out, "exact", money.exact);
    out.endObject();
  }
  out.endArray();
}

}  // namespace detail

inline void writeJson(json::Writer& out, const NextAction& action) {
  constexpr std::string_view kNames[] = {"redirect", "sdk", "display_code"};
  out.beginObject().member("type", kNames[static_cast<std::size_t>(action.type)]);
  detail::writeIf(out, "url", action.url);
  detail::writeIf(out, "code", action.code);
  detail::writeIf(out, "provider_type", action.providerType);
  detail::writeIf(out, "expires_unix_s", action.expiresUnixS);
  if (!action.data.empty()) {
    out.key("data").beginObject();
    for (const auto& [name, value] : action.data) out.member(name, value);
    out.endObject();
  }
  out.endObject();
}

inline void writeJson(json::Writer& out, const Failure& failure) {
  out.beginObject().member("category", categoryName(failure.category));
  out.member("provider_code", failure.providerCode);
  detail::writeIf(out, "decline_code", failure.declineCode);
  out.member("provider_message", failure.providerMessage).endObject();
}

inline void writeJson(json::Writer& out, const Payment& payment) {
  out.beginObject().member("provider_id", payment.providerId);
  out.member("status", statusName(payment.status));
  detail::writeAmount(out, "amount", payment.amount);
  out.member("currency", payment.currency);
  detail::writeAmount(out, "amount_captured", payment.amountCaptured);
  if (payment.amountRefunded) detail::writeAmount(out, "amount_refunded", *payment.amountRefunded);
  out.member("capture_method",
             payment.captureMethod == CaptureMethod::Manual ? "manual" : "automatic");
  out.key("next_action");
  payment.nextAction ? writeJson(out, *payment.nextAction) : void(out.null());
  detail::writeIf(out, "client_secret", payment.clientSecret);
  detail::writeIf(out, "payment_method", payment.paymentMethod);
  detail::writeIf(out, "customer_provider_id", payment.customerProviderId);
  detail::writeIf(out, "description", payment.description);
  detail::writeIf(out, "reference", payment.reference);
  detail::writeMetadata(out, payment.metadata);
  out.key("failure");
  payment.failure ? writeJson(out, *payment.failure) : void(out.null());
  out.member("livemode", payment.livemode);
  out.member("created_unix_s", payment.createdUnixS).endObject();
}

inline void writeJson(json::Writer& out, const Refund& refund) {
  out.beginObject().member("provider_id", refund.providerId);
  out.member("payment_provider_id", refund.paymentProviderId);
  out.member("status", statusName(refund.status));
  detail::writeAmount(out, "amount", refund.amount);
  out.member("currency", refund.currency);
  detail::writeIf(out, "reason", refund.reason);
  detail::writeIf(out, "failure_reason", refund.failureReason);
  detail::writeMetadata(out, refund.metadata);
  out.member("created_unix_s", refund.createdUnixS).endObject();
}

inline void writeJson(json::Writer& out, const Customer& customer) {
  out.beginObject().member("provider_id", customer.providerId);
  out.member("email", customer.email).member("name", customer.name);
  out.member("phone", customer.phone).member("description", customer.description);
  detail::writeMetadata(out, customer.metadata);
  if (customer.deleted) out.member("deleted", true);
  out.member("created_unix_s", customer.createdUnixS).endObject();
}

inline void writeJson(json::Writer& out, const Balance& balance) {
  out.beginObject();
  detail::writeMoney(out, "available", balance.available);
  detail::writeMoney(out, "pending", balance.pending);
  out.member("livemode", balance.livemode).endObject();
}

template <typename T>
void writeJson(json::Writer& out, const Page<T>& page) {
  out.beginObject().key("data").beginArray();
  for (const T& item : page.data) writeJson(out, item);
  out.endArray().member("has_more", page.hasMore);
  detail::writeIf(out, "next_cursor", page.nextCursor);
  out.endObject();
}

// JSON text of a result.
template <typename T>
std::string toJson(const T& result) {
  json::Writer out;
  writeJson(out, result);
  return out.take();
}

}  // namespace unigate::sdk
