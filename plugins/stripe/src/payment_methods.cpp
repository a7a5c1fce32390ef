// payment_methods.attach, .list, .detach: /v1/payment_methods and the list of a customer.
#include <array>
#include <utility>

#include "listing.hpp"
#include "operations.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

using sdk::PaymentMethodType;

using TypeName = std::pair<std::string_view, PaymentMethodType>;

constexpr std::array kTypes = {
    TypeName{"card", PaymentMethodType::Card},
    TypeName{"card_present", PaymentMethodType::Card},
    TypeName{"interac_present", PaymentMethodType::Card},
    TypeName{"kr_card", PaymentMethodType::Card},
    TypeName{"us_bank_account", PaymentMethodType::BankAccount},
    TypeName{"sepa_debit", PaymentMethodType::BankAccount},
    TypeName{"bacs_debit", PaymentMethodType::BankAccount},
    TypeName{"au_becs_debit", PaymentMethodType::BankAccount},
    TypeName{"acss_debit", PaymentMethodType::BankAccount},
    TypeName{"nz_bank_account", PaymentMethodType::BankAccount},
    TypeName{"upi", PaymentMethodType::Upi},
    TypeName{"paypal", PaymentMethodType::Paypal},
    TypeName{"alipay", PaymentMethodType::Wallet},
    TypeName{"amazon_pay", PaymentMethodType::Wallet},
    TypeName{"cashapp", PaymentMethodType::Wallet},
    TypeName{"grabpay", PaymentMethodType::Wallet},
    TypeName{"kakao_pay", PaymentMethodType::Wallet},
    TypeName{"link", PaymentMethodType::Wallet},
    TypeName{"mobilepay", PaymentMethodType::Wallet},
    TypeName{"naver_pay", PaymentMethodType::Wallet},
    TypeName{"revolut_pay", PaymentMethodType::Wallet},
    TypeName{"wechat_pay", PaymentMethodType::Wallet},
};

PaymentMethodType typeOf(std::string_view word) {
  for (const auto& [name, type] : kTypes) {
    if (name == word) return type;
  }
  return PaymentMethodType::Other;
}

// The state that an attach asked for, or why it is another.
sdk::Result<sdk::PaymentMethod> attached(const sdk::HttpResponse& response,
                                         const std::string& customer) {
  sdk::Result<sdk::PaymentMethod> method = readOne(response, "payment_method", paymentMethodOf);
  if (method && method->customerProviderId != customer) {
    return sdk::Error::badResponse("Stripe does not say that the payment method is attached");
  }
  return method;
}

}  // namespace

sdk::Result<sdk::PaymentMethod> paymentMethodOf(json::View object) {
  sdk::PaymentMethod method;
  if (auto problem = readCommon(object, "payment_method", method)) return std::move(*problem);
  const std::string_view type = object["type"].stringOr("");
  if (type.empty()) return unusable("payment_method", "type");
  method.type = typeOf(type);
  method.providerType = std::string(type);
  method.customerProviderId = idOf(object["customer"]);
  const json::View details = object[type];
  method.brand = wordOfField(details["brand"]);
  for (const std::string_view name : {"bank_name", "bank", "bank_code"}) {
    if (!method.brand) method.brand = wordOfField(details[name]);
  }
  method.last4 = wordOfField(details["last4"]);
  const auto part = [&](std::string_view name) {
    const auto number = details[name].int64();
    return number && *number > 0 ? number : std::nullopt;
  };
  method.expMonth = part("exp_month");
  method.expYear = part("exp_year");
  for (const std::string_view name : {"payer_email", "email", "vpa"}) {
    if (!method.label) method.label = wordOfField(details[name]);
  }
  return method;
}

sdk::Step startPaymentMethodAttach(AttachState& state, const sdk::PaymentMethodAttach& in,
                                   const sdk::Call& call) {
  auto path = objectPath("payment_methods", in.paymentMethod, "payment_method", "/attach");
  if (!path) return std::move(path).error();
  if (auto id = objectPath("customers", in.customerProviderId, "customer_provider_id"); !id) {
    return std::move(id).error();
  }
  sdk::FormEncoder metadata;
  if (auto problem = addMetadata(metadata, in.metadata, {})) return std::move(*problem);
  state.customer = in.customerProviderId;
  state.metadata = std::move(metadata);
  sdk::FormEncoder form;
  form.add("customer", in.customerProviderId);
  return post(std::move(*path), std::move(form), call, "payment_methods.attach");
}

// Attaching takes no metadata, which is written afterwards under a key of its own.
sdk::Step nextPaymentMethodAttach(AttachState& state, const sdk::HttpResponse& response,
                                  const sdk::Call& call) {
  sdk::Result<sdk::PaymentMethod> method = attached(response, state.customer);
  if (!method && state.wrote) {
    // It is attached by now, so nothing that refuses the metadata is a refusal of the whole.
    method.error().outcome = sdk::Outcome::Unknown;
  }
  if (!method || state.wrote || state.metadata.empty()) return method;
  auto path = objectPath("payment_methods", method->providerId, "payment_method");
  if (!path) return sdk::Error::badResponse("Stripe answered with an id that is none");
  state.wrote = true;
  return post(std::move(*path), std::move(state.metadata), call, "payment_methods.update", "-m");
}

sdk::Result<sdk::HttpRequest> askPaymentMethodAttach(const sdk::PaymentMethodAttach& in) {
  auto path = objectPath("payment_methods", in.paymentMethod, "payment_method");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "payment_methods.retrieve");
}

sdk::Result<sdk::PaymentMethod> judgePaymentMethodAttach(const sdk::HttpResponse& response,
                                                         const sdk::PaymentMethodAttach& in) {
  sdk::Result<sdk::PaymentMethod> method = readOne(response, "payment_method", paymentMethodOf);
  if (!method || method->customerProviderId == in.customerProviderId) return method;
  // A name such as pm_card_visa stands for a new payment method each time.
  if (method->providerId != in.paymentMethod) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "a test name of Stripe's is no payment method to look up");
  }
  if (!method->customerProviderId) {
    return sdk::Error::neverHappened("the payment method was not attached");
  }
  return sdk::Error::declined(sdk::Category::InvalidState,
                              "the payment method belongs to another customer")
      .withResource(sdk::toJson(*method))
      .proven();
}

sdk::Result<sdk::HttpRequest> buildPaymentMethodsList(const sdk::ListQuery& in) {
  auto path = objectPath("customers", in.customerProviderId.value_or(""), "customer_provider_id",
                         "/payment_methods");
  if (!path) return std::move(path).error();
  return get(std::move(*path), listQuery(in).take(), "payment_methods.list");
}

sdk::Result<sdk::Page<sdk::PaymentMethod>> parsePaymentMethodsList(
    const sdk::HttpResponse& response) {
  return readPage(response, paymentMethodOf);
}

sdk::Result<sdk::HttpRequest> buildPaymentMethodDetach(const sdk::PaymentMethodDetach& in,
                                                       const sdk::Call& call) {
  auto path = objectPath("payment_methods", in.providerId, "provider_id", "/detach");
  if (!path) return std::move(path).error();
  return post(std::move(*path), {}, call, "payment_methods.detach");
}

sdk::Result<sdk::PaymentMethod> parsePaymentMethodDetach(const sdk::HttpResponse& response,
                                                         const sdk::PaymentMethodDetach& in) {
  sdk::Result<sdk::PaymentMethod> method =
      readOne(response, "payment_method", paymentMethodOf, in.providerId);
  if (!method) return method;
  if (method->customerProviderId) {
    return sdk::Error::badResponse("Stripe does not say that the payment method is detached");
  }
  method->detached = true;
  return method;
}

sdk::Result<sdk::HttpRequest> askPaymentMethodDetach(const sdk::PaymentMethodDetach& in) {
  auto path = objectPath("payment_methods", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "payment_methods.retrieve");
}

sdk::Result<sdk::PaymentMethod> judgePaymentMethodDetach(const sdk::HttpResponse& response,
                                                         const sdk::PaymentMethodDetach& in) {
  sdk::Result<sdk::PaymentMethod> method =
      readOne(response, "payment_method", paymentMethodOf, in.providerId);
  if (!method) return method;
  if (method->customerProviderId) {
    return sdk::Error::neverHappened("the payment method was not detached");
  }
  method->detached = true;
  return method;
}

}  // namespace stripe
