#include "stripe/payment_methods.hpp"

#include "stripe/listing.hpp"
#include "stripe/operations.hpp"
#include "stripe/render.hpp"

namespace simulators::stripe {
namespace {

constexpr std::uint16_t kExpiryYear = 2034;
constexpr std::uint8_t kExpiryMonth = 12;

std::string nested(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "[" + std::string(name) + "]";
}

std::string_view valueOf(const FormNode* node, std::string_view name) {
  const auto* found = node ? node->child(name) : nullptr;
  return found ? std::string_view(found->value) : std::string_view();
}

PaymentMethod fromCard(const Call& call, CardIndex card) {
  PaymentMethod method;
  method.created = call.now();
  method.card = card;
  method.expiryYear = kExpiryYear;
  method.expiryMonth = kExpiryMonth;
  return method;
}

ApiError cardError(std::string code, std::string param, std::string message) {
  ApiError error;
  error.status = 402;
  error.type = "card_error";
  error.code = std::move(code);
  error.param = std::move(param);
  error.message = std::move(message);
  return error;
}

// The card of "card[token]" or "card[number]".
PaymentMethod fromCardData(const Call& call, const FormNode& card, const std::string& path) {
  if (const auto token = valueOf(&card, "token"); !token.empty()) {
    const auto known = findCardByToken(token);
    if (!known) throw resourceMissing("token", token, nested(path, "token"), false);
    return fromCard(call, *known);
  }
  const auto number = valueOf(&card, "number");
  if (number.empty()) throw parameterMissing(nested(path, "number"));
  const auto known = findCardByNumber(number);
  if (!known) throw cardError("incorrect_number", "number", "Your card number is incorrect.");
  const auto month = readInteger(valueOf(&card, "exp_month"));
  const auto year = readInteger(valueOf(&card, "exp_year"));
  if (!month) throw parameterMissing(nested(path, "exp_month"));
  if (!year) throw parameterMissing(nested(path, "exp_year"));
  if (*month < 1 || *month > 12) {
    throw cardError("invalid_expiry_month", "exp_month",
                    "Your card's expiration month is invalid.");
  }
  const auto fullYear = *year < 100 ? *year + 2000 : *year;
  const auto thisYear = 1970 + call.now() / 31'556'952;
  if (fullYear < thisYear || fullYear > thisYear + 50) {
    throw cardError("invalid_expiry_year", "exp_year", "Your card's expiration year is invalid.");
  }
  auto method = fromCard(call, *known);
  method.expiryMonth = static_cast<std::uint8_t>(*month);
  method.expiryYear = static_cast<std::uint16_t>(fullYear);
  return method;
}

std::shared_ptr<const PaymentMethod> pathMethod(const Call& call) {
  auto method = call.account.findMethod(call.id);
  if (!method) throw resourceMissing("PaymentMethod", call.id, "payment_method", true);
  return method;
}

template <typename Keep>
Answer list(const Call& call, Keep keep) {
  return listAnswer(
      call, call.account.methods, "payment_method", keep,
      [&](std::string_view id) { return call.account.findMethod(id); },
      [&](JsonWriter& json, const PaymentMethod& method) {
        writeMethod(json, call.account, method, &call.expand);
      });
}

bool isOfType(const Call& call) {
  const auto type = call.params.text("type");
  return type.empty() || type == "card";
}

}  // namespace

std::shared_ptr<const PaymentMethod> newMethod(Call& call, const FormNode& data,
                                               const std::string& path) {
  const auto type = valueOf(&data, "type");
  if (type.empty()) throw parameterMissing(nested(path, "type"));
  if (type != "card") {
    throw invalidParameter(nested(path, "type"),
                           "The payment method type \"" + std::string(type) +
                               "\" is invalid. Please ensure the provided type is activated in "
                               "your dashboard.");
  }
  const auto* card = data.child("card");
  if (!card) throw parameterMissing(nested(path, "card"));
  auto method = fromCardData(call, *card, nested(path, "card"));
  if (const auto* billing = data.child("billing_details")) {
    method.billing = std::make_shared<const JsonText>(billingJson(billing));
  }
  if (const auto redisplay = valueOf(&data, "allow_redisplay"); !redisplay.empty()) {
    method.allowRedisplay = redisplay;
  }
  applyMetadata(method.metadata, data.child("metadata"));
  return call.account.methods.add(std::move(method));
}

Index methodParameter(Call& call, Index customer) {
  if (const auto* data = call.params.node("payment_method_data")) {
    return newMethod(call, *data, "payment_method_data")->index;
  }
  if (!call.params.has("payment_method")) return kNone;
  const auto id = call.params.text("payment_method");
  if (const auto card = findCardByName(id)) {
    return call.account.methods.add(fromCard(call, *card))->index;
  }
  const auto method = call.account.findMethod(id);
  if (!method) throw resourceMissing("PaymentMethod", id, "payment_method", false);
  if (method->customer != kNone && method->customer != customer) {
    const auto owner = call.account.customerId(method->customer);
    throw invalidParameter(
        "payment_method",
        customer == kNone
            ? "The PaymentMethod you provided (" + std::string(id) + ") belongs to the customer " +
                  owner +
                  ". Please include the Customer in the `customer` parameter on the "
                  "PaymentIntent."
            : "The customer does not have a payment method with the ID " + std::string(id) +
                  ". The payment method must be attached to the customer.");
  }
  return method->index;
}

Answer createMethod(Call& call) {
  return answer(call, *newMethod(call, call.params.root(), ""));
}

Answer getMethod(Call& call) {
  return answer(call, *pathMethod(call));
}

Answer updateMethod(Call& call) {
  auto method = *pathMethod(call);
  if (const auto* billing = call.params.node("billing_details")) {
    method.billing = std::make_shared<const JsonText>(billingJson(billing));
  }
  applyText(method.allowRedisplay, call.params, "allow_redisplay");
  const auto* card = call.params.node("card");
  if (const auto month = readInteger(valueOf(card, "exp_month"))) {
    if (*month < 1 || *month > 12) {
      throw cardError("invalid_expiry_month", "exp_month",
                      "Your card's expiration month is invalid.");
    }
    method.expiryMonth = static_cast<std::uint8_t>(*month);
  }
  if (const auto year = readInteger(valueOf(card, "exp_year"))) {
    method.expiryYear = static_cast<std::uint16_t>(*year);
  }
  applyMetadata(method.metadata, call.params.node("metadata"));
  return answer(call, *call.account.methods.put(std::move(method)));
}

Answer attachMethod(Call& call) {
  auto& account = call.account;
  const auto customer = customerParameter(call);
  if (customer == kNone) throw parameterMissing("customer");
  const auto card = findCardByName(call.id);
  auto method = card ? fromCard(call, *card) : *pathMethod(call);
  if (method.customer != kNone && method.customer != customer) {
    throw invalidParameter("payment_method",
                           "The payment method you provided has already been attached to a "
                           "customer.",
                           "payment_method_unexpected_state");
  }
  const auto& details = testCard(method.card);
  if (details.declinesOnAttach && details.decline) {
    auto error =
        cardError(std::string(details.decline->code), "", std::string(details.decline->message));
    error.declineCode = details.decline->declineCode;
    error.adviceCode = details.decline->adviceCode;
    throw error;
  }
  method.customer = customer;
  const auto stored =
      card ? account.methods.add(std::move(method)) : account.methods.put(std::move(method));
  return answer(call, *stored);
}

Answer detachMethod(Call& call) {
  auto method = *pathMethod(call);
  if (method.customer == kNone) {
    throw invalidParameter("payment_method",
                           "The payment method you provided is not attached to a customer so "
                           "detachment is impossible.",
                           "payment_method_unexpected_state");
  }
  method.customer = kNone;
  return answer(call, *call.account.methods.put(std::move(method)));
}

Answer listMethods(Call& call) {
  const auto customer = customerParameter(call);
  return list(call, [&](const PaymentMethod& method) {
    return isOfType(call) && method.customer != kNone &&
           (customer == kNone || method.customer == customer);
  });
}

Answer listCustomerMethods(Call& call) {
  const auto customer = call.account.findCustomer(call.id);
  if (!customer || customer->deleted) {
    throw resourceMissing("customer", call.id, "customer", true);
  }
  return list(call, [&](const PaymentMethod& method) {
    return isOfType(call) && method.customer == customer->index;
  });
}

}  // namespace simulators::stripe
