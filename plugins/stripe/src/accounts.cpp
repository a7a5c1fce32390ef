// accounts.create, .get, .onboarding_link, .dashboard_link: /v1/accounts, /v1/account_links. New
// accounts have Stripe's express dashboard, which is what a dashboard link opens.
#include "accounts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "errors.hpp"
#include "operations.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

using sdk::AccountStatus;

constexpr std::array<std::string_view, 4> kBusinessTypes = {"company", "individual",
                                                            "government_entity", "non_profit"};

AccountStatus statusOf(json::View object) {
  const json::View requirements = object["requirements"];
  if (requirements["disabled_reason"].stringOr("").starts_with("rejected")) {
    return AccountStatus::Rejected;
  }
  const auto charges = object["charges_enabled"].boolean();
  const auto payouts = object["payouts_enabled"].boolean();
  if (!charges || !payouts) return AccountStatus::Unknown;
  if (*charges && *payouts) return AccountStatus::Active;
  return object["details_submitted"].booleanOr(false) ? AccountStatus::Restricted
                                                      : AccountStatus::Pending;
}

sdk::HttpRequest linkRequest(std::string_view account, std::string_view refreshUrl,
                             std::string_view returnUrl, const sdk::Call& call,
                             std::string_view keySuffix) {
  sdk::FormEncoder form;
  form.add("account", account).add("refresh_url", refreshUrl).add("return_url", returnUrl);
  form.add("type", "account_onboarding");
  sdk::HttpRequest request =
      post("/v1/account_links", std::move(form), call, "account_links.create", keySuffix);
  request.redact.emplace_back("/url");  // who has it acts for the account
  return request;
}

sdk::Result<sdk::AccountLink> readLink(const sdk::HttpResponse& response, std::string_view kind) {
  json::Document document;
  if (auto problem = readAnswer(response, kind, document)) return std::move(*problem);
  sdk::AccountLink link;
  link.url = std::string(document["url"].stringOr(""));
  if (link.url.empty()) return unusable(kind, "url");
  link.expiresUnixS = secondsOf(document["expires_at"]);
  return link;
}

// A link that was lost on the way opens nothing that the next one wouldn't, and ends by itself.
sdk::Step lostLink() {
  return sdk::Error::neverHappened("nobody has this link; ask for another one");
}

// The account is there whatever becomes of its link, so no refusal of the link is one of the whole:
// sent again it may come, and a look-up gives the account without it.
sdk::Step finished(const AccountCreation& state, const sdk::HttpResponse& response) {
  sdk::Account account = *state.account;
  auto link = readLink(response, "account_link");
  if (!link) {
    sdk::Error error = std::move(link).error();
    if (error.outcome == sdk::Outcome::Declined) error.retry = sdk::Retry::Never;
    error.outcome = sdk::Outcome::Unknown;
    error.resourceJson = sdk::toJson(account);
    return error;
  }
  account.onboardingUrl = std::move(link->url);
  return sdk::done(account);
}

}  // namespace

sdk::Result<sdk::Account> accountOf(json::View object) {
  sdk::Account account;
  if (auto problem = readCommon(object, "account", account)) return std::move(*problem);
  account.status = statusOf(object);
  account.email = textOf(object["email"]);
  account.country = textOf(object["country"]);
  account.businessName = wordOfField(object["business_profile"]["name"]);
  account.businessType = textOf(object["business_type"]);
  account.reference = referenceOf(object);
  account.chargesEnabled = object["charges_enabled"].boolean();
  account.payoutsEnabled = object["payouts_enabled"].boolean();
  constexpr std::size_t kRequirementsMax = 200;
  for (const std::string_view list : {"past_due", "currently_due"}) {
    for (const json::View item : object["requirements"][list].items()) {
      const std::string word(item.stringOr(""));
      const auto& known = account.requirements;
      if (word.empty() || std::find(known.begin(), known.end(), word) != known.end()) continue;
      if (known.size() < kRequirementsMax) account.requirements.push_back(word);
    }
  }
  return account;
}

sdk::Step startAccountCreate(AccountCreation& state, const sdk::AccountCreate& in,
                             const sdk::Call& call) {
  state.input = in;
  sdk::FormEncoder form;
  form.add("country", in.country).add("email", in.email);
  if (in.businessType) {
    if (std::find(kBusinessTypes.begin(), kBusinessTypes.end(), *in.businessType) ==
        kBusinessTypes.end()) {
      return sdk::Error::invalidRequest("business_type",
                                        "'business_type' must be company, individual, "
                                        "government_entity or non_profit at Stripe");
    }
    form.add("business_type", *in.businessType);
  }
  form.addNested({"business_profile", "name"}, in.businessName);
  form.addNested({"business_profile", "support_phone"}, in.phone);
  form.addNested({"controller", "fees", "payer"}, "application");
  form.addNested({"controller", "losses", "payments"}, "application");
  form.addNested({"controller", "stripe_dashboard", "type"}, "express");
  form.addNested({"capabilities", "card_payments", "requested"}, true);
  form.addNested({"capabilities", "transfers", "requested"}, true);
  if (auto problem = addMetadata(form, in.metadata,
                                 {{kOperationKey, in.operationId},
                                  {kReferenceKey, in.reference.value_or("")},
                                  {"unigate_contact_name", in.contactName.value_or("")}})) {
    return std::move(*problem);
  }
  return post("/v1/accounts", std::move(form), call, "accounts.create");
}

sdk::Step nextAccountCreate(AccountCreation& state, const sdk::HttpResponse& response,
                            const sdk::Call& call) {
  if (state.account) return finished(state, response);
  sdk::Result<sdk::Account> account = readOne(response, "account", accountOf);
  if (!account || !state.input.returnUrl) return account;
  state.account = std::move(*account);
  const std::string& returnUrl = *state.input.returnUrl;
  return linkRequest(state.account->providerId, state.input.refreshUrl.value_or(returnUrl),
                     returnUrl, call, "-l");
}

sdk::Step startAccountLookup(Lookup& lookup, const sdk::AccountCreate& in) {
  lookIn(lookup, "/v1/accounts", "accounts.list", in.operationId, foundAs<accountOf>);
  return startLookup(lookup, {}, in.operationCreatedUnixS);
}

sdk::Result<sdk::HttpRequest> buildAccountGet(const sdk::ProviderRef& in) {
  auto path = objectPath("accounts", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "accounts.retrieve");
}

sdk::Result<sdk::Account> parseAccountGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in) {
  return readOne(response, "account", accountOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildOnboardingLink(const sdk::AccountOnboardingLink& in,
                                                  const sdk::Call& call) {
  if (auto path = objectPath("accounts", in.providerId, "provider_id"); !path) {
    return std::move(path).error();
  }
  return linkRequest(in.providerId, in.refreshUrl, in.returnUrl, call, {});
}

sdk::Result<sdk::AccountLink> parseOnboardingLink(const sdk::HttpResponse& response) {
  return readLink(response, "account_link");
}

sdk::Step startOnboardingLinkLookup(AccountCreation&, const sdk::AccountOnboardingLink&) {
  return lostLink();
}

sdk::Result<sdk::HttpRequest> buildDashboardLink(const sdk::AccountDashboardLink& in,
                                                 const sdk::Call& call) {
  auto path = objectPath("accounts", in.providerId, "provider_id", "/login_links");
  if (!path) return std::move(path).error();
  sdk::HttpRequest request = post(std::move(*path), {}, call, "accounts.login_links.create");
  request.redact.emplace_back("/url");
  return request;
}

sdk::Result<sdk::AccountLink> parseDashboardLink(const sdk::HttpResponse& response) {
  return readLink(response, "login_link");
}

sdk::Step startDashboardLinkLookup(AccountCreation&, const sdk::AccountDashboardLink&) {
  return lostLink();
}

sdk::Step nextLinkLookup(AccountCreation&, const sdk::HttpResponse&) {
  return lostLink();
}

}  // namespace stripe
