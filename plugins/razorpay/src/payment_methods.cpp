// payment_methods.list, payment_methods.detach: a customer's tokens. Tokens are made by Checkout,
// so there is no attach.
#include <algorithm>
#include <utility>

#include "operations.hpp"

namespace razorpay {

namespace {

sdk::PaymentMethodType typeOf(std::string_view method) {
  using sdk::PaymentMethodType;
  if (method == "card" || method == "emi") return PaymentMethodType::Card;
  if (method == "upi") return PaymentMethodType::Upi;
  if (method == "wallet") return PaymentMethodType::Wallet;
  if (method == "netbanking" || method == "emandate" || method == "nach") {
    return PaymentMethodType::BankAccount;
  }
  return PaymentMethodType::Other;
}

sdk::Result<std::string> tokensPath(const std::optional<std::string>& customer) {
  if (!customer) {
    return sdk::Error::invalidRequest(
        "customer_provider_id", "at Razorpay a token is a customer's: send customer_provider_id");
  }
  return objectPath("/v1/customers/", *customer, "customer_provider_id", "/tokens");
}

std::optional<sdk::Error> tokensIn(const sdk::HttpResponse& response, json::Document& document) {
  if (auto problem = readAnswer(response, {}, document)) return problem;
  if (document["items"].isArray()) return std::nullopt;
  return sdk::Error::badResponse("Razorpay's answer is no list of tokens");
}

json::View tokenWith(const json::Document& document, std::string_view id) {
  for (const json::View token : document["items"].items()) {
    if (token["id"].stringOr("") == id) return token;
  }
  return {};
}

// A token that is gone: nothing but its id is known any more.
sdk::PaymentMethod gone(const DetachState& state, const sdk::Call& call) {
  sdk::PaymentMethod method;
  method.providerId = state.tokenId;
  method.type = sdk::PaymentMethodType::Other;
  method.customerProviderId = state.customerId;
  method.detached = true;
  method.livemode = call.live;
  return method;
}

}  // namespace

sdk::Result<sdk::PaymentMethod> tokenOf(json::View object, const Context& context) {
  sdk::PaymentMethod method;
  if (auto problem = readCommon(object, "token", context, method)) return std::move(*problem);
  method.providerType = textOf(object["method"]);
  method.type = typeOf(object["method"].stringOr(""));
  method.customerProviderId = textOf(object["customer_id"]);
  const json::View card = object["card"];
  const json::View bank = object["bank_details"];
  method.brand = textOf(card["network"]);
  if (!method.brand) method.brand = textOf(object["bank"]);
  if (!method.brand) method.brand = textOf(object["wallet"]);
  method.last4 = textOf(card["last4"]);
  const std::string_view number = bank["account_number"].stringOr("");
  if (!method.last4 && number.size() >= 4) {
    method.last4 = std::string(number.substr(number.size() - 4));
  }
  if (const auto month = secondsOf(card["expiry_month"]); month && *month <= 12) {
    method.expMonth = month;
  }
  method.expYear = secondsOf(card["expiry_year"]);
  const json::View vpa = object["vpa"];
  if (vpa["username"].isString() && vpa["handle"].isString()) {
    method.label =
        std::string(*vpa["username"].string()) + "@" + std::string(*vpa["handle"].string());
  }
  return method;
}

sdk::Result<sdk::HttpRequest> buildTokensList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto path = tokensPath(in.customerProviderId);
  if (!path) return std::move(path).error();
  if (!skipOf(in.startingAfter)) return badCursor();
  return get(std::move(*path), {}, call, "customers.tokens");
}

sdk::Result<sdk::Page<sdk::PaymentMethod>> parseTokensList(const sdk::HttpResponse& response,
                                                           const sdk::ListQuery& in,
                                                           const sdk::Call& call) {
  json::Document document;
  if (auto problem = tokensIn(response, document)) return std::move(*problem);
  // Razorpay answers with all tokens at once; the page is cut out of them.
  sdk::Page<sdk::PaymentMethod> page;
  const std::vector<json::View> items = document["items"].items();
  const auto all = static_cast<std::int64_t>(items.size());
  const std::int64_t from = std::min(*skipOf(in.startingAfter), all);
  const std::int64_t end = from + std::min(in.limit, all - from);
  for (std::int64_t i = from; i < end; ++i) {
    auto method = tokenOf(items[static_cast<std::size_t>(i)], contextOf(call));
    if (!method) return std::move(method).error();
    if (!method->customerProviderId) method->customerProviderId = in.customerProviderId;
    page.data.push_back(std::move(*method));
  }
  page.hasMore = end < all;
  if (page.hasMore) page.nextCursor = std::to_string(end);
  return page;
}

sdk::Step startDetach(DetachState& state, const sdk::PaymentMethodDetach& in,
                      const sdk::Call& call) {
  auto path = tokensPath(in.customerProviderId);
  if (!path) return std::move(path).error();
  if (!isRazorpayId(in.providerId)) {
    return sdk::Error::invalidRequest("provider_id", "'provider_id' is no id of Razorpay");
  }
  state.tokenId = in.providerId;
  state.customerId = *in.customerProviderId;
  return get(std::move(*path), {}, call, "customers.tokens");
}

sdk::Step nextDetach(DetachState& state, const sdk::HttpResponse& response, const sdk::Call& call) {
  json::Document document;
  if (state.method) {
    if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
    if (!document["deleted"].booleanOr(false)) {
      return sdk::Error::badResponse("Razorpay does not say that the token is deleted");
    }
    state.method->detached = true;
    return sdk::done(*state.method);
  }
  if (auto problem = tokensIn(response, document)) return std::move(*problem);
  const json::View token = tokenWith(document, state.tokenId);
  if (!token.exists()) {
    return sdk::Error::declined(sdk::Category::NotFound, "the customer has no such token")
        .withField("provider_id");
  }
  auto method = tokenOf(token, contextOf(call));
  if (!method) return std::move(method).error();
  if (!method->customerProviderId) method->customerProviderId = state.customerId;
  state.method = std::move(*method);
  return send(sdk::Method::Delete, "/v1/customers/" + state.customerId + "/tokens/" + state.tokenId,
              {}, call, "customers.deleteToken");
}

sdk::Step nextDetachQuery(DetachState& state, const sdk::HttpResponse& response,
                          const sdk::Call& call) {
  json::Document document;
  if (auto problem = tokensIn(response, document)) return std::move(*problem);
  if (tokenWith(document, state.tokenId).exists()) {
    return sdk::Error::neverHappened("the token was not deleted");
  }
  return sdk::done(gone(state, call));
}

}  // namespace razorpay
