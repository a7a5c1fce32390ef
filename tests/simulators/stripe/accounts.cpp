// Connected accounts, and the links by which their owners onboard and log in.
#include "stripe/documents.hpp"
#include "stripe/operations.hpp"

namespace simulators::stripe {
namespace {

constexpr std::int64_t kLinkSeconds = 5 * 60;

Json requirements(bool due) {
  Json missing = due ? Json::array({"business_type", "external_account", "tos_acceptance.date",
                                    "tos_acceptance.ip"})
                     : Json::array();
  return {{"alternatives", Json::array()},
          {"current_deadline", nullptr},
          {"currently_due", missing},
          {"disabled_reason", due ? Json("requirements.past_due") : Json(nullptr)},
          {"errors", Json::array()},
          {"eventually_due", missing},
          {"past_due", missing},
          {"pending_verification", Json::array()}};
}

Json blankAccount(Call& call, const std::string& id) {
  auto account = newDocument(call, "account", "acct_1", 15);
  if (!id.empty()) account["id"] = id;
  account["business_profile"] = {{"mcc", nullptr},
                                 {"minority_owned_business_designation", nullptr},
                                 {"name", nullptr},
                                 {"product_description", nullptr},
                                 {"support_address", nullptr},
                                 {"support_email", nullptr},
                                 {"support_phone", nullptr},
                                 {"support_url", nullptr},
                                 {"url", nullptr}};
  account["business_type"] = nullptr;
  account["capabilities"] = Json::object();
  account["country"] = "US";
  account["default_currency"] = "usd";
  account["metadata"] = Json::object();
  account["requirements"] = requirements(true);
  account["type"] = "standard";
  return account;
}

void apply(Call& call, Json& account) {
  setTexts(account, call, {"business_type", "email"});
  if (call.params.has("country")) account["country"] = std::string(call.params.text("country"));
  if (call.params.has("default_currency"))
    account["default_currency"] = currencyOf(call, "default_currency");
  const auto profile = hashOf(call, "business_profile");
  for (const auto& [name, value] : profile.items()) {
    if (value.is_string()) account["business_profile"][name] = textOrNull(value.get<std::string>());
  }
  const auto capabilities = hashOf(call, "capabilities");
  for (const auto& [name, wish] : capabilities.items()) {
    const bool requested = wish.is_object() && textOf(wish, "requested") == "true";
    if (requested)
      account["capabilities"][name] = flagOf(account, "details_submitted") ? "active" : "inactive";
    if (!requested) account["capabilities"].erase(name);
  }
  setMetadata(account, call);
}

Json& known(Call& call, const std::string& id, bool inPath) {
  auto* account = call.account.kind("account").find(id);
  if (account && !account->contains("_deleted")) return *account;
  ApiError error;
  error.status = inPath ? 403 : 400;
  error.code = "account_invalid";
  error.message = "The provided key does not have access to account '" + id +
                  "' (or that account does not exist). Application access may have been revoked.";
  throw error;
}

// Of a platform's account: who pays, who bears losses, which dashboard its owner has.
Json controllerOf(const Json& wished) {
  const auto word = [&](const char* part, const char* name, const char* usual) {
    if (!wished.contains(part) || !wished[part].is_object()) return std::string(usual);
    const auto text = textOf(wished[part], name);
    return text.empty() ? std::string(usual) : text;
  };
  const auto collects = textOf(wished, "requirement_collection");
  return {{"fees", {{"payer", word("fees", "payer", "account")}}},
          {"is_controller", true},
          {"losses", {{"payments", word("losses", "payments", "stripe")}}},
          {"requirement_collection", collects.empty() ? "stripe" : collects},
          {"stripe_dashboard", {{"type", word("stripe_dashboard", "type", "full")}}},
          {"type", "application"}};
}

bool hasExpressDashboard(const Json& account) {
  return textOf(account, "type") == "express" ||
         (account.contains("controller") &&
          textOf(account["controller"]["stripe_dashboard"], "type") == "express");
}

Answer plain(const Json& body) {
  Answer answer;
  answer.body = body.dump();
  return answer;
}

}  // namespace

Answer createAccount(Call& call) {
  auto account = blankAccount(call, {});
  if (call.params.has("type")) account["type"] = std::string(call.params.text("type"));
  const auto controller = hashOf(call, "controller");
  if (!controller.empty() && !call.params.has("type")) {
    account["type"] = "none";
    account["controller"] = controllerOf(controller);
  }
  apply(call, account);
  return documentAnswer(call, store(call, "account", std::move(account)));
}

Answer getAccount(Call& call) {
  return documentAnswer(call, known(call, call.id, true));
}

// The account of the key itself.
Answer getOwnAccount(Call& call) {
  Json account = {
      {"id", call.account.id},      {"object", "account"},       {"business_type", "company"},
      {"charges_enabled", true},    {"country", "US"},           {"created", call.now()},
      {"default_currency", "usd"},  {"details_submitted", true}, {"email", "merchant@example.com"},
      {"metadata", Json::object()}, {"payouts_enabled", true},   {"type", "standard"}};
  return plain(account);
}

Answer listAccounts(Call& call) {
  return listDocuments(call, "account");
}

Answer updateAccount(Call& call) {
  auto& account = known(call, call.id, true);
  apply(call, account);
  call.event("account.updated", account);
  return documentAnswer(call, account);
}

Answer deleteAccount(Call& call) {
  auto& account = known(call, call.id, true);
  account["_deleted"] = true;
  return plain({{"id", call.id}, {"object", "account"}, {"deleted", true}});
}

Answer createAccountLink(Call& call) {
  const std::string id(call.params.text("account"));
  const auto& account = known(call, id, false);
  const auto type = call.params.text("type");
  if (type != "account_onboarding" && type != "account_update") {
    throw invalidParameter("type",
                           "Invalid type: must be one of account_onboarding or account_update");
  }
  for (const auto* name : {"refresh_url", "return_url"}) {
    if (!call.params.has(name)) throw parameterMissing(name);
  }
  return plain({{"object", "account_link"},
                {"created", call.now()},
                {"expires_at", call.now() + kLinkSeconds},
                {"url", "https://connect.stripe.com/setup/e/" + textOf(account, "id") + "/" +
                            call.account.newId("", 12)}});
}

Answer createLoginLink(Call& call) {
  const auto& account = known(call, call.id, true);
  if (!hasExpressDashboard(account)) {
    throw invalidState("Cannot create a login link for an account that is not an Express account.");
  }
  if (!flagOf(account, "details_submitted")) {
    throw invalidState(
        "Cannot create a login link for an account that has not completed onboarding.");
  }
  return plain({{"object", "login_link"},
                {"created", call.now()},
                {"url", "https://connect.stripe.com/express/" + call.account.newId("", 12)}});
}

// Control: the owner fills in the onboarding form.
Answer onboardAccount(Call& call) {
  auto& account = known(call, call.id, true);
  account["details_submitted"] = true;
  account["charges_enabled"] = true;
  account["payouts_enabled"] = true;
  account["requirements"] = requirements(false);
  for (auto& [name, state] : account["capabilities"].items()) state = "active";
  call.event("account.updated", account);
  return documentAnswer(call, account);
}

}  // namespace simulators::stripe
