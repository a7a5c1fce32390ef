// Payment sources of orders, and paying an order: capture and authorize.
#include <array>

#include "paypal/operations.hpp"
#include "paypal/orders.hpp"

namespace simulators::paypal {
namespace {

// A cardholder of these names is refused, as in PayPal's own sandbox.
struct CardName {
  std::string_view name;
  std::string_view issue;
  std::string_view responseCode;
};
constexpr std::array<CardName, 5> kCardNames{{{"CCREJECT-REFUSED", "INSTRUMENT_DECLINED", "0500"},
                                              {"CCREJECT-SF", "INSTRUMENT_DECLINED", "9500"},
                                              {"CCREJECT-EC", "CARD_EXPIRED", "5400"},
                                              {"CCREJECT-IRC", "INSTRUMENT_DECLINED", "5180"},
                                              {"CCREJECT-IF", "INSTRUMENT_DECLINED", "5120"}}};

struct MagicAmount {
  std::string_view value;
  std::string_view issue;
};
constexpr std::array<MagicAmount, 4> kRefusedAmounts{{{"101.01", "INSTRUMENT_DECLINED"},
                                                      {"104.04", "TRANSACTION_REFUSED"},
                                                      {"105.05", "PAYER_CANNOT_PAY"},
                                                      {"107.07", "INTERNAL_SERVER_ERROR"}}};

std::string brandOf(const std::string& number) {
  if (number.starts_with('3')) return "AMEX";
  if (number.starts_with('5') || number.starts_with('2')) return "MASTERCARD";
  return number.starts_with('6') ? "DISCOVER" : "VISA";
}

// A card as PayPal shows it: never its number.
Json maskedCard(const Json& card) {
  Json out = Json::object();
  const auto number = digText(card, "number");
  take(out, card, {"name", "expiry", "billing_address", "attributes"});
  if (!number.empty()) {
    if (number.size() < 13 || number.size() > 19) {
      throw invalidRequest("INVALID_STRING_LENGTH",
                           "The value of a field is either too short or too long.",
                           "/payment_source/card/number");
    }
    if (digText(card, "expiry").empty()) {
      throw unprocessable("CARD_EXPIRY_REQUIRED", "The card expiry is required.",
                          "/payment_source/card/expiry");
    }
    out["last_digits"] = number.substr(number.size() - 4);
    out["brand"] = brandOf(number);
    out["type"] = "CREDIT";
  }
  for (const auto& entry : kCardNames) {
    if (digText(card, "name") == entry.name) throw mocked(entry.issue);
  }
  return out;
}

// The saved instrument that a vault id means, put in the place of the id.
Json vaulted(Call& call, const std::string& kind, const std::string& vaultId) {
  const auto* token = call.account.of("payment-tokens").find(vaultId);
  if (!token) {
    throw unprocessable(
        "TOKEN_ID_NOT_FOUND",
        "Specified token was not found. Verify the token and try the request again.",
        "/payment_source/" + kind + "/vault_id", vaultId);
  }
  Json source = Json::object();
  source[kind] = dig(*token, "payment_source." + kind);
  if (!source[kind].is_object()) source[kind] = Json::object();
  source[kind]["vault_id"] = vaultId;
  return source;
}

}  // namespace

bool paysAtOnce(const Json& source) {
  const auto& card = dig(source, "card");
  if (card.is_object()) {
    return digText(card, "attributes.verification.method") != "SCA_ALWAYS";
  }
  return has(source, "token") || has(source, "apple_pay") || has(source, "google_pay") ||
         !digText(source, "paypal.vault_id").empty() || !digText(source, "venmo.vault_id").empty();
}

void applySource(Call& call, Json& order, const Json& source) {
  if (source.size() != 1) {
    throw unprocessable("ONLY_ONE_PAYMENT_SOURCE_ALLOWED",
                        "Order should have only one payment source.", "/payment_source");
  }
  const auto kind = source.begin().key();
  const auto& given = source.begin().value();
  if (!given.is_object()) throw missing("/payment_source/" + kind);
  const auto vaultId = digText(given, "vault_id");
  if (!vaultId.empty()) {
    order["payment_source"] = vaulted(call, kind, vaultId);
  } else if (kind == "token") {
    if (!call.account.of("payment-tokens").find(digText(given, "id"))) {
      throw unprocessable(
          "TOKEN_ID_NOT_FOUND",
          "Specified token was not found. Verify the token and try the request again.",
          "/payment_source/token/id", digText(given, "id"));
    }
    order["payment_source"] = Json{{"token", given}};
  } else if (kind == "card") {
    order["payment_source"] = Json{{"card", maskedCard(given)}};
  } else {
    auto kept = given;
    kept.erase("experience_context");
    order["payment_source"] = Json{{kind, kept}};
  }
  if (has(given, "experience_context")) order["_context"] = given["experience_context"];
  order["status"] = paysAtOnce(source) ? "APPROVED" : "PAYER_ACTION_REQUIRED";
}

namespace {

// An order of another name may not have been paid under the same invoice id.
void checkInvoiceIds(Call& call, const Json& order) {
  for (const auto& unit : order["purchase_units"]) {
    const auto invoice = digText(unit, "invoice_id");
    if (invoice.empty()) continue;
    for (const auto* capture : call.account.of("captures").all()) {
      if (digText(*capture, "invoice_id") == invoice &&
          textOf(*capture, "_order") != textOf(order, "id")) {
        throw unprocessable(
            "DUPLICATE_INVOICE_ID",
            "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your "
            "account setting requires that Invoice Id be unique for each transaction.");
      }
    }
  }
}

NewCapture wishOf(Call& call, const Json& order, const Json& unit) {
  NewCapture wish;
  wish.amount = moneyOf(unit["amount"]);
  wish.orderId = textOf(order, "id");
  wish.payment = wish.orderId;
  wish.key = call.request.idempotencyKey;
  wish.origin = call.request.origin;
  take(wish.details, unit, {"custom_id", "invoice_id"});
  wish.details["payee"] = has(unit, "payee") ? unit["payee"]
                                             : Json{{"email_address", "merchant@example.com"},
                                                    {"merchant_id", call.account.merchantId}};
  for (const auto* name : {"reference_id", "custom_id", "invoice_id"}) {
    if (!digText(unit, name).empty()) wish.metadata.emplace_back(name, digText(unit, name));
  }
  return wish;
}

}  // namespace

void payOrder(Call& call, Json& order) {
  checkInvoiceIds(call, order);
  for (const auto& unit : order["purchase_units"]) {
    for (const auto& magic : kRefusedAmounts) {
      if (digText(unit, "amount.value") == magic.value) throw mocked(magic.issue);
    }
  }
  const bool captures = textOf(order, "intent") == "CAPTURE";
  std::int64_t place = 0;
  for (auto& unit : order["purchase_units"]) {
    auto wish = wishOf(call, order, unit);
    auto& made = captures ? createCapture(call.world, call.account, std::move(wish))
                          : createAuthorization(call.world, call.account, std::move(wish));
    if (!captures) made["_unit"] = place++;
    unit["_payments"][captures ? "captures" : "authorizations"].push_back(textOf(made, "id"));
  }
  order["status"] = "COMPLETED";
  order["update_time"] = call.now();
  if (!has(order, "payment_source")) order["payment_source"] = Json{{"paypal", Json::object()}};
  announce(call.world, call.account, "CHECKOUT.ORDER.COMPLETED", "checkout-order",
           "Checkout Order Completed", renderOrder(call.account, order, call.request.origin, true),
           call.request.origin);
}

namespace {

ApiAnswer pay(Call& call, std::string_view intent) {
  auto& order = named(call, "orders");
  call.obeyMockHeader();
  if (textOf(order, "intent") != intent) {
    throw unprocessable(
        "ACTION_DOES_NOT_MATCH_INTENT",
        intent == "CAPTURE"
            ? "Order was created with an intent to 'AUTHORIZE'. Please use "
              "v2/checkout/orders/order_id/authorize to complete the transaction or alternately "
              "Create an order with an intent of 'CAPTURE'."
            : "Order was created with an intent to 'CAPTURE'. Please use "
              "v2/checkout/orders/order_id/capture to complete the transaction or alternately "
              "Create an order with an intent of 'AUTHORIZE'.");
  }
  const auto& source = dig(call.body, "payment_source");
  if (textOf(order, "status") == "CREATED" && source.is_object() && !source.empty()) {
    applySource(call, order, source);
  }
  const auto status = textOf(order, "status");
  if (status == "COMPLETED") {
    throw unprocessable(intent == "CAPTURE" ? "ORDER_ALREADY_CAPTURED" : "ORDER_ALREADY_AUTHORIZED",
                        intent == "CAPTURE"
                            ? "Order already captured. If 'intent=CAPTURE' only one capture per "
                              "order is allowed."
                            : "Order already authorized. If 'intent=AUTHORIZE' only one "
                              "authorization per order is allowed.");
  }
  if (status == "PAYER_ACTION_REQUIRED") {
    throw unprocessable("PAYER_ACTION_REQUIRED",
                        "Transaction cannot complete successfully, instruct the buyer to return to "
                        "PayPal.");
  }
  if (status != "APPROVED") {
    throw unprocessable("ORDER_NOT_APPROVED",
                        "Payer has not yet approved the Order for payment. Please redirect the "
                        "payer to the 'rel':'approve' url returned as part of the HATEOAS links "
                        "within the Create Order call or provide a valid `payment_source` in the "
                        "request.");
  }
  payOrder(call, order);
  return jsonAnswer(
      201, renderOrder(call.account, order, call.request.origin, call.wantsRepresentation()));
}

ApiAnswer captureOrder(Call& call) {
  return pay(call, "CAPTURE");
}

ApiAnswer authorizeOrder(Call& call) {
  return pay(call, "AUTHORIZE");
}

}  // namespace

void addOrderPayments(Routes& routes) {
  routes.insert(routes.end(), {{"POST", "/v2/checkout/orders/{}/capture", captureOrder},
                               {"POST", "/v2/checkout/orders/{}/authorize", authorizeOrder}});
}

}  // namespace simulators::paypal
