// payment_methods.attach, .list and .detach: payment tokens of the vault
// (/v3/vault/payment-tokens).
#include <charconv>
#include <utility>

#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

constexpr std::size_t kCustomerCharsMin = 7;
constexpr std::size_t kCustomerCharsMax = 22;

std::optional<sdk::Error> checkCustomer(const std::string& id) {
  if (id.size() >= kCustomerCharsMin && id.size() <= kCustomerCharsMax &&
      objectPath("", id, "customer_provider_id")) {
    return std::nullopt;
  }
  return sdk::Error::invalidRequest("customer_provider_id",
                                    "a customer of PayPal's vault has an id of 7 to 22 letters, "
                                    "digits, '-' and '_'");
}

// "2027-02"
void readExpiry(json::View field, sdk::PaymentMethod& method) {
  const std::string_view text = field.stringOr("");
  if (text.size() != 7 || text[4] != '-') return;
  std::int64_t year = 0;
  std::int64_t month = 0;
  const auto yearRead = std::from_chars(text.data(), text.data() + 4, year);
  const auto monthRead = std::from_chars(text.data() + 5, text.data() + 7, month);
  if (yearRead.ptr != text.data() + 4 || monthRead.ptr != text.data() + 7) return;
  if (month < 1 || month > 12) return;
  method.expYear = year;
  method.expMonth = month;
}

sdk::PaymentMethodType typeOf(std::string_view source) {
  if (source == "paypal") return sdk::PaymentMethodType::Paypal;
  if (source == "card") return sdk::PaymentMethodType::Card;
  if (source == "bank") return sdk::PaymentMethodType::BankAccount;
  if (source == "venmo" || source == "apple_pay" || source == "google_pay") {
    return sdk::PaymentMethodType::Wallet;
  }
  return sdk::PaymentMethodType::Other;
}

}  // namespace

sdk::Result<sdk::PaymentMethod> paymentMethodOf(json::View object, bool live) {
  sdk::PaymentMethod method;
  method.providerId = std::string(object["id"].stringOr(""));
  if (method.providerId.empty()) {
    return sdk::Error::badResponse("PayPal's payment token has no id");
  }
  method.type = sdk::PaymentMethodType::Other;
  for (const json::Member& source : object["payment_source"].members()) {
    method.type = typeOf(source.name);
    method.providerType = std::string(source.name);
    method.brand = textOf(source.value["brand"]);
    method.last4 = textOf(source.value["last_digits"]);
    readExpiry(source.value["expiry"], method);
    method.label = textOf(source.value["email_address"]);
  }
  method.customerProviderId = textOf(object["customer"]["id"]);
  method.livemode = live;
  return method;
}

sdk::Result<sdk::HttpRequest> buildMethodAttach(const sdk::PaymentMethodAttach& in,
                                                const sdk::Call& call) {
  if (auto bad = checkCustomer(in.customerProviderId)) return std::move(*bad);
  if (auto path = objectPath("", in.paymentMethod, "payment_method"); !path) {
    return std::move(path).error();
  }
  json::Writer out;
  out.beginObject().key("payment_source").beginObject().key("token").beginObject();
  out.member("id", in.paymentMethod).member("type", "SETUP_TOKEN").endObject().endObject();
  out.key("customer").beginObject().member("id", in.customerProviderId).endObject();
  out.endObject();
  return post("/v3/vault/payment-tokens", out.take(), call.idempotencyKey, "payment_tokens.create");
}

sdk::Result<sdk::PaymentMethod> parseMethodAttach(const sdk::HttpResponse& response,
                                                  const sdk::PaymentMethodAttach& in,
                                                  const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  sdk::Result<sdk::PaymentMethod> method = paymentMethodOf(document.root(), call.live);
  if (method &&
      method->customerProviderId.value_or(in.customerProviderId) != in.customerProviderId) {
    return sdk::Error::badResponse("PayPal saved the payment method for another customer");
  }
  return method;
}

sdk::Result<sdk::HttpRequest> buildMethodsList(const sdk::ListQuery& in) {
  const std::string customer = in.customerProviderId.value_or("");
  if (auto bad = checkCustomer(customer)) return std::move(*bad);
  const auto page = pageOf(in.startingAfter);
  if (!page) return page.error();
  sdk::FormEncoder query;
  query.add("customer_id", customer).add("page_size", in.limit).add("page", *page);
  query.add("total_required", true);
  return get("/v3/vault/payment-tokens", query.take(), "payment_tokens.list");
}

sdk::Result<sdk::Page<sdk::PaymentMethod>> parseMethodsList(const sdk::HttpResponse& response,
                                                            const sdk::ListQuery& in,
                                                            const sdk::Call& call) {
  return readPage<sdk::PaymentMethod>(response, call, "payment_tokens", in, paymentMethodOf);
}

// The token is looked at first: what is deleted can't be shown any more.
sdk::Step startMethodDetach(MethodDetaching& state, const sdk::PaymentMethodDetach& in) {
  auto path = objectPath("/v3/vault/payment-tokens", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  state.path = *path;
  state.method.providerId = in.providerId;
  return get(std::move(*path), {}, "payment_tokens.get");
}

sdk::Step nextMethodDetach(MethodDetaching& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  if (!state.looked) {
    state.looked = true;
    json::Document document;
    if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
    sdk::Result<sdk::PaymentMethod> method = paymentMethodOf(document.root(), call.live);
    if (!method) return std::move(method).error();
    if (method->providerId != state.method.providerId) {
      return sdk::Error::badResponse("PayPal answered with another payment token");
    }
    state.method = std::move(*method);
    return remove(state.path, "payment_tokens.delete");
  }
  if (!response.is2xx()) return errorOf(response, call);
  state.method.detached = true;
  return sdk::done(state.method);
}

sdk::Result<sdk::HttpRequest> askMethodDetach(const sdk::PaymentMethodDetach& in) {
  auto path = objectPath("/v3/vault/payment-tokens", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "payment_tokens.get");
}

sdk::Step judgeMethodDetach(const sdk::HttpResponse& response, const sdk::PaymentMethodDetach& in,
                            const sdk::Call& call) {
  if (response.status() == 404) {
    const sdk::Error error = errorOf(response, call);
    if (error.category != sdk::Category::NotFound) return error;
    sdk::PaymentMethod gone;
    gone.providerId = in.providerId;
    gone.type = sdk::PaymentMethodType::Other;
    gone.detached = true;
    gone.livemode = call.live;
    return sdk::done(gone);
  }
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  if (document["id"].stringOr("") != in.providerId) {
    return sdk::Error::badResponse("PayPal answered with another payment token");
  }
  return sdk::Error::neverHappened("the payment token is still there");
}

}  // namespace paypal
