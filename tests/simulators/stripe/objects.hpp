// The objects that the simulated Stripe keeps. They are small, because a bench creates millions,
// and never changed in place: a change replaces the stored version, so an answer can be kept for
// replay as a pointer to the versions that it showed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/ledger.hpp"
#include "stripe/cards.hpp"
#include "stripe/ids.hpp"

namespace simulators::stripe {

using Currency = std::array<char, 3>;
inline std::string_view text(const Currency& currency) {
  return {currency.data(), currency.size()};
}

// A part of an object as the JSON text that answers show; empty for null.
using JsonText = std::string;

struct PaymentMethod {
  Index index = kNone;
  std::int64_t created = 0;
  Index customer = kNone;
  CardIndex card = 0;
  bool authenticated = false;  // 3-D Secure was passed with a view to later payments
  std::uint16_t expiryYear = 0;
  std::uint8_t expiryMonth = 0;
  std::string allowRedisplay = "unspecified";
  std::shared_ptr<const JsonText> billing;
  Metadata metadata;
};

// Why the last attempt to pay failed: last_payment_error and the failure fields of the charge.
struct Failure {
  std::string_view type = "card_error";
  Decline decline;
  Index charge = kNone;
  std::shared_ptr<const PaymentMethod> method;
};

enum class PaymentStatus : std::uint8_t {
  kRequiresPaymentMethod,
  kRequiresConfirmation,
  kRequiresAction,
  kRequiresCapture,
  kSucceeded,
  kCanceled,
};
std::string_view statusName(PaymentStatus status);

// A 3-D Secure challenge that the payer has not answered yet.
struct NextAction {
  std::string url;             // of the challenge page
  std::string returnUrl;       // empty: the caller asked for none and gets use_stripe_sdk
  std::string idempotencyKey;  // of the request that started it, for the ledger
};

// What few payments use, kept apart so that the others stay small.
struct PaymentDetails {
  std::string description;
  std::string receiptEmail;
  std::string statementDescriptor;
  std::string statementDescriptorSuffix;
  std::string transferGroup;
  std::string onBehalfOf;
  std::string setupFutureUsage;
  std::string cancellationReason;
  std::string captureMethod = "automatic";
  std::string confirmationMethod = "automatic";
  std::string requestThreeDSecure = "automatic";
  std::vector<std::string> methodTypes{"card"};
  std::vector<std::string> excludedTypes;
  JsonText shipping;
  JsonText transferData;
  JsonText automaticMethods = R"({"allow_redirects":"always","enabled":true})";
  std::optional<std::int64_t> applicationFee;
};

struct Payment {
  Index index = kNone;
  Index customer = kNone;
  Index method = kNone;
  Index latestCharge = kNone;
  std::int64_t created = 0;
  std::int64_t canceledAt = 0;
  std::int64_t amount = 0;
  std::int64_t amountReceived = 0;
  Currency currency{};
  PaymentStatus status = PaymentStatus::kRequiresPaymentMethod;
  std::shared_ptr<const PaymentDetails> details;
  std::shared_ptr<const NextAction> nextAction;
  std::shared_ptr<const Failure> failure;
  Metadata metadata;

  std::int64_t amountCapturable() const {
    return status == PaymentStatus::kRequiresCapture ? amount : 0;
  }
};

struct Charge {
  Index index = kNone;
  Index payment = kNone;
  Index customer = kNone;
  Index method = kNone;
  std::int64_t created = 0;
  std::int64_t amount = 0;
  std::int64_t amountCaptured = 0;
  std::int64_t amountRefunded = 0;  // with what was released unused, as at Stripe
  Currency currency{};
  CardIndex card = 0;
  bool authenticated = false;
  std::uint16_t expiryYear = 0;
  std::uint8_t expiryMonth = 0;
  std::shared_ptr<const PaymentDetails> details;
  std::shared_ptr<const JsonText> billing;
  std::shared_ptr<const Failure> failure;
  std::vector<Index> refunds;
  Metadata metadata;

  bool captured() const { return amountCaptured > 0; }
};

struct Refund {
  Index index = kNone;
  Index charge = kNone;
  Index payment = kNone;
  Index customer = kNone;
  Index method = kNone;
  std::int64_t created = 0;
  std::int64_t amount = 0;
  Currency currency{};
  bool release = false;  // gives back what was authorised but never captured; no money moved
  std::string reason;
  Metadata metadata;
};

struct Customer {
  Index index = kNone;
  std::int64_t created = 0;
  std::int64_t balance = 0;
  std::int64_t nextInvoiceSequence = 1;
  bool deleted = false;
  std::string name, email, phone, description, businessName, individualName, invoicePrefix;
  std::string taxExempt = "none";
  Index defaultMethod = kNone;
  std::vector<std::string> locales;
  JsonText address, shipping, customFields;
  std::string footer;
  Metadata metadata;
};

}  // namespace simulators::stripe
