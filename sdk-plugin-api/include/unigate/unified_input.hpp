// The inputs of the unified operations, as adapters get them. The JSON forms are in
// sdk-plugin-api/schemas/unified.json; the host has checked them before an adapter is called.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unigate/input.hpp>
#include <unigate/money.hpp>
#include <vector>

namespace unigate::sdk {

enum class CaptureMethod { Automatic, Manual };

// payments.create
struct PaymentCreate {
  std::int64_t amount = 0;  // minor units, above 0
  std::string currency;     // ISO 4217, upper case
  CaptureMethod captureMethod = CaptureMethod::Automatic;
  bool confirm = false;
  std::optional<std::string> paymentMethod;
  std::optional<std::string> customerProviderId;
  std::optional<std::string> customerEmail;
  std::optional<std::string> customerName;
  std::optional<std::string> customerPhone;
  std::optional<std::string> description;
  std::string reference;  // the client's reference, else our transaction id
  std::optional<std::string> returnUrl;
  std::optional<std::string> statementDescriptor;
  Metadata metadata;
  std::optional<std::string> connection;  // "api_key" or "connect"
  // With "connect": whose payment it is, and what the platform keeps of it in minor units.
  std::optional<std::string> connectedAccountProviderId;
  std::optional<std::int64_t> platformFee;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  // When the operation was accepted: nothing of it is older at the provider. Absent: not known.
  std::optional<std::int64_t> operationCreatedUnixS;
};

// payments.get, refunds.get, customers.get, customers.delete
struct ProviderRef {
  std::string providerId;
};

// payments.confirm
struct PaymentConfirm {
  std::string providerId;
  std::optional<std::string> paymentMethod;
  std::optional<std::string> returnUrl;
  // What the provider's checkout handed to the payer's browser; the host has verified its
  // signature (manifest: `proof`).
  Metadata checkoutResult;
};

// payments.capture
struct PaymentCapture {
  std::string providerId;
  std::optional<std::int64_t> amount;  // minor units; absent: all that is authorised
  std::string currency;
  std::optional<std::int64_t> platformFee;  // of this capture, of a payment with "connect"
  std::string operationId;
};

// payments.cancel
struct PaymentCancel {
  std::string providerId;
  std::optional<std::string> reason;
};

// refunds.create
struct RefundCreate {
  std::string paymentProviderId;
  std::optional<std::int64_t> amount;  // minor units; absent: all that is left
  std::string currency;
  std::optional<std::string> reason;
  std::optional<std::string> connection;    // of the payment
  std::optional<std::int64_t> platformFee;  // of the payment
  Metadata metadata;
  std::string operationId;
  std::optional<std::int64_t> operationCreatedUnixS;
};

// customers.create and customers.update. In an update an absent field stays, empty text clears.
struct CustomerFields {
  std::string providerId;  // empty in a create
  std::optional<std::string> email;
  std::optional<std::string> name;
  std::optional<std::string> phone;
  std::optional<std::string> description;
  Metadata metadata;
  std::string operationId;
  std::optional<std::int64_t> operationCreatedUnixS;
};

// The lists. `startingAfter` is a `next_cursor` that the adapter gave before.
struct ListQuery {
  std::int64_t limit = 10;  // 1-100
  std::optional<std::string> startingAfter;
  std::optional<std::int64_t> createdGte;  // Unix seconds, inclusive
  std::optional<std::int64_t> createdLt;   // Unix seconds, exclusive
  // Of those lists that know them, see unified.json.
  std::optional<std::string> customerProviderId;
  std::optional<std::string> paymentProviderId;
  std::optional<std::string> subscriptionProviderId;
  std::optional<std::string> planProviderId;
  std::optional<std::string> to;
  std::optional<std::string> from;
};

// balance.get
struct BalanceQuery {};

namespace detail {

inline void readAmount(InputReader& in, std::optional<std::int64_t>& amount) {
  in.optional("amount", amount);
  if (amount && *amount <= 0) in.fail("amount", "must be above 0");
}

inline void readCurrency(InputReader& in, std::string& currency) {
  in.required("currency", currency);
  if (!in.error() && !money::findCurrency(currency)) {
    in.fail("currency", "must be an ISO 4217 code such as EUR");
  }
  currency = money::upper(currency);
}

inline void readPositive(InputReader& in, std::string_view name, std::int64_t& amount) {
  in.required(name, amount);
  if (!in.error() && amount <= 0) in.fail(name, "must be above 0");
}

// One of the words of an enumeration with a `wordsOf` beside it.
template <typename E>
void readWord(InputReader& in, std::string_view name, E& out, bool required) {
  std::string word;
  if (required) {
    in.required(name, word);
  } else {
    in.optional(name, word);
  }
  if (in.error() || (word.empty() && !required)) return;
  constexpr auto kWords = wordsOf(E{});
  const auto found = std::find(kWords.begin(), kWords.end(), word);
  if (found == kWords.end()) {
    in.fail(name, "is none of the words that are known here");
    return;
  }
  out = static_cast<E>(found - kWords.begin());
}
template <typename E>
void readWord(InputReader& in, std::string_view name, std::optional<E>& out, bool) {
  if (in.error() || in.root()[name].isNothing()) return;
  E value{};
  readWord(in, name, value, true);
  if (!in.error()) out = value;
}

inline void readTexts(InputReader& in, std::string_view name, std::vector<std::string>& out) {
  const json::View list = in.root()[name];
  if (in.error() || list.isNothing()) return;
  if (!list.isArray()) {
    in.fail(name, "must be a list of texts");
    return;
  }
  for (const json::View item : list.items()) {
    const auto text = item.string();
    if (!text) {
      in.fail(name, "must be a list of texts");
      return;
    }
    out.emplace_back(*text);
  }
}

template <typename T>
void readInto(InputReader& in, std::string_view name, json::View from, T& out) {
  InputReader nested(from);
  if (!nested.error()) readJson(nested, out);
  if (nested.error()) in.fail(name, nested.error()->message);
}

template <typename T>
void readObject(InputReader& in, std::string_view name, T& out, bool) {
  if (in.error()) return;
  if (in.root()[name].isNothing()) {
    in.fail(name, "is required");
    return;
  }
  readInto(in, name, in.root()[name], out);
}
template <typename T>
void readObject(InputReader& in, std::string_view name, std::optional<T>& out, bool) {
  if (in.error() || in.root()[name].isNothing()) return;
  readInto(in, name, in.root()[name], out.emplace());
}

template <typename T>
void readObjects(InputReader& in, std::string_view name, std::vector<T>& out) {
  const json::View list = in.root()[name];
  if (in.error() || list.isNothing()) return;
  for (const json::View item : list.items()) readInto(in, name, item, out.emplace_back());
}

inline void readProviderId(InputReader& in, std::string_view name, std::string& id) {
  in.required(name, id);
  if (!in.error() && id.empty()) in.fail(name, "must not be empty");
}

}  // namespace detail

inline void readJson(InputReader& in, PaymentCreate& out) {
  in.required("amount", out.amount);
  if (!in.error() && out.amount <= 0) in.fail("amount", "must be above 0");
  detail::readCurrency(in, out.currency);
  std::string capture = "automatic";
  in.optional("capture_method", capture);
  if (capture != "automatic" && capture != "manual") {
    in.fail("capture_method", "must be automatic or manual");
  }
  out.captureMethod = capture == "manual" ? CaptureMethod::Manual : CaptureMethod::Automatic;
  in.optional("confirm", out.confirm)
      .optional("payment_method", out.paymentMethod)
      .optional("customer_provider_id", out.customerProviderId)
      .optional("customer_email", out.customerEmail)
      .optional("customer_name", out.customerName)
      .optional("customer_phone", out.customerPhone)
      .optional("description", out.description)
      .optional("reference", out.reference)
      .optional("return_url", out.returnUrl)
      .optional("statement_descriptor", out.statementDescriptor)
      .optional("metadata", out.metadata)
      .optional("connection", out.connection)
      .optional("connected_account_provider_id", out.connectedAccountProviderId)
      .optional("platform_fee", out.platformFee)
      .required("operation_id", out.operationId)
      .optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, ProviderRef& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
}

inline void readJson(InputReader& in, PaymentConfirm& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("payment_method", out.paymentMethod)
      .optional("return_url", out.returnUrl)
      .optional("checkout_result", out.checkoutResult);
}

inline void readJson(InputReader& in, PaymentCapture& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  detail::readAmount(in, out.amount);
  detail::readCurrency(in, out.currency);
  in.optional("platform_fee", out.platformFee).optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, PaymentCancel& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("reason", out.reason);
}

inline void readJson(InputReader& in, RefundCreate& out) {
  detail::readProviderId(in, "payment_provider_id", out.paymentProviderId);
  detail::readAmount(in, out.amount);
  detail::readCurrency(in, out.currency);
  in.optional("reason", out.reason)
      .optional("connection", out.connection)
      .optional("platform_fee", out.platformFee)
      .optional("metadata", out.metadata)
      .required("operation_id", out.operationId)
      .optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, CustomerFields& out) {
  in.optional("provider_id", out.providerId)
      .optional("email", out.email)
      .optional("name", out.name)
      .optional("phone", out.phone)
      .optional("description", out.description)
      .optional("metadata", out.metadata)
      .optional("operation_id", out.operationId)
      .optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, ListQuery& out) {
  in.optional("limit", out.limit);
  if (out.limit < 1 || out.limit > 100) in.fail("limit", "must be 1 to 100");
  in.optional("starting_after", out.startingAfter)
      .optional("created_gte", out.createdGte)
      .optional("created_lt", out.createdLt)
      .optional("customer_provider_id", out.customerProviderId)
      .optional("payment_provider_id", out.paymentProviderId)
      .optional("subscription_provider_id", out.subscriptionProviderId)
      .optional("plan_provider_id", out.planProviderId)
      .optional("to", out.to)
      .optional("from", out.from);
}

inline void readJson(InputReader&, BalanceQuery&) {}

}  // namespace unigate::sdk
