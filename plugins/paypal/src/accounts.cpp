// accounts.create, .get and .onboarding_link: partner referrals (/v2/customer/partner-referrals).
// The account's id is the referral's until the merchant has signed up.
#include <utility>

#include "operations.hpp"

namespace paypal {

namespace {

constexpr std::size_t kUrlCharsMax = 127;

sdk::Result<std::string> referralBody(const sdk::AccountCreate& in) {
  if (auto bad = tooLong("return_url", in.returnUrl.value_or(""), kUrlCharsMax))
    return std::move(*bad);
  if (auto bad = tooLong("refresh_url", in.refreshUrl.value_or(""), kUrlCharsMax))
    return std::move(*bad);
  if (auto bad = tooLong("operation_id", in.operationId, 127)) return std::move(*bad);
  json::Writer out;
  out.beginObject().member("email", in.email);
  if (!in.operationId.empty()) out.member("tracking_id", in.operationId);
  if (in.returnUrl || in.refreshUrl) {
    out.key("partner_config_override").beginObject();
    memberIf(out, "return_url", in.returnUrl);
    memberIf(out, "action_renewal_url", in.refreshUrl);
    out.endObject();
  }
  out.key("operations").beginArray().beginObject().member("operation", "API_INTEGRATION");
  out.key("api_integration_preference").beginObject().key("rest_api_integration").beginObject();
  out.member("integration_method", "PAYPAL").member("integration_type", "THIRD_PARTY");
  out.key("third_party_details").beginObject().key("features").beginArray();
  out.value("PAYMENT").value("REFUND").endArray().endObject();
  out.endObject().endObject().endObject().endArray();
  out.key("products").beginArray().value("EXPRESS_CHECKOUT").endArray();
  // PayPal takes no referral without it.
  out.key("legal_consents").beginArray().beginObject();
  out.member("type", "SHARE_DATA_CONSENT").member("granted", true).endObject().endArray();
  out.endObject();
  return out.take();
}

sdk::Result<sdk::Account> readReferral(const sdk::HttpResponse& response, const sdk::Call& call,
                                       std::string_view id) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  sdk::Account account;
  account.providerId = std::string(document["partner_referral_id"].stringOr(""));
  if (account.providerId.empty()) account.providerId = idInLink(document.root(), {"self"});
  const json::View data =
      document["referral_data"].isObject() ? document["referral_data"] : document.root();
  // PayPal's own example of a referral that was asked for says whose it is, and no id.
  const bool isReferral = textOf(data["email"]) || textOf(data["tracking_id"]);
  if (account.providerId.empty() && isReferral) account.providerId = std::string(id);
  if (account.providerId.empty()) {
    return sdk::Error::badResponse("PayPal's referral has no id");
  }
  // A referral does not tell what became of it.
  account.status = sdk::AccountStatus::Pending;
  account.email = textOf(data["email"]);
  account.reference = textOf(data["tracking_id"]);
  const json::View business = data["business_entity"];
  account.businessName = textOf(business["names"][std::size_t{0}]["business_name"]);
  account.businessType = textOf(business["business_type"]["type"]);
  account.country = textOf(business["addresses"][std::size_t{0}]["country_code"]);
  account.onboardingUrl = linkOf(document.root(), {"action_url"});
  account.livemode = call.live;
  return account;
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildAccountCreate(const sdk::AccountCreate& in) {
  auto body = referralBody(in);
  if (!body) return std::move(body).error();
  return post("/v2/customer/partner-referrals", std::move(*body), {}, "partner_referrals.create");
}

sdk::Result<sdk::Account> parseAccountCreate(const sdk::HttpResponse& response,
                                             const sdk::AccountCreate& in, const sdk::Call& call) {
  sdk::Result<sdk::Account> account = readReferral(response, call, {});
  if (!account) return account;
  if (!account->onboardingUrl) {
    return sdk::Error::badResponse("PayPal's referral has no page to sign up at");
  }
  // PayPal answers with links alone.
  if (!account->email) account->email = in.email;
  if (!account->reference) account->reference = in.reference;
  return account;
}

sdk::Result<sdk::HttpRequest> buildAccountGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v2/customer/partner-referrals", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "partner_referrals.get");
}

sdk::Result<sdk::Account> parseAccountGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call) {
  return readReferral(response, call, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildOnboardingLink(const sdk::AccountOnboardingLink& in) {
  return buildAccountGet({in.providerId});
}

sdk::Result<sdk::AccountLink> parseOnboardingLink(const sdk::HttpResponse& response,
                                                  const sdk::AccountOnboardingLink& in,
                                                  const sdk::Call& call) {
  const sdk::Result<sdk::Account> account = readReferral(response, call, in.providerId);
  if (!account) return account.error();
  if (!account->onboardingUrl) {
    return sdk::Error::declined(sdk::Category::InvalidState,
                                "PayPal gives no page to sign up at for this referral: create the "
                                "account again");
  }
  return sdk::AccountLink{*account->onboardingUrl, std::nullopt};
}

}  // namespace paypal
