// accounts.create, accounts.get: linked accounts, /v2/accounts. Razorpay knows neither a link for
// onboarding nor one to a dashboard.
#include <utility>

#include "operations.hpp"
#include "status.hpp"

namespace razorpay {

namespace {

constexpr std::string_view kNamesTheAccount = "already exists for account - ";

// The id of the account that has the e-mail address already, from Razorpay's refusal.
std::string otherAccount(std::string_view message) {
  const std::size_t at = message.find(kNamesTheAccount);
  if (at == std::string_view::npos) return {};
  std::string_view id = message.substr(at + kNamesTheAccount.size());
  while (!id.empty() && !isRazorpayId(id)) id.remove_suffix(1);
  if (id.empty()) return {};
  return id.starts_with("acc_") ? std::string(id) : "acc_" + std::string(id);
}

sdk::Error missing(std::string field) {
  return sdk::Error::invalidRequest(field, "Razorpay needs '" + field + "' of a linked account");
}

}  // namespace

sdk::AccountStatus accountStatus(std::string_view word) {
  return sdk::mapStatus(kAccountWords, word);
}

sdk::Result<sdk::Account> accountOf(json::View object, const Context& context) {
  sdk::Account account;
  if (auto problem = readCommon(object, {}, context, account)) return std::move(*problem);
  const auto word = object["status"].string();
  if (!word) return unusable("account", "status");
  account.status = accountStatus(*word);
  account.email = textOf(object["email"]);
  account.businessName = textOf(object["legal_business_name"]);
  account.businessType = textOf(object["business_type"]);
  account.country = textOf(object["profile"]["addresses"]["registered"]["country"]);
  account.reference = textOf(object["notes"][kReferenceKey]);
  if (!account.reference) account.reference = textOf(object["reference_id"]);
  return account;
}

sdk::Step startAccountCreate(AccountState& state, const sdk::AccountCreate& in,
                             const sdk::Call& call) {
  if (!in.phone) return missing("phone");
  if (!in.businessName) return missing("business_name");
  if (!in.businessType) return missing("business_type");
  if (auto problem = checkOperationId(in.operationId)) return std::move(*problem);
  state.operationId = in.operationId;
  json::Writer body;
  body.beginObject().member("email", in.email).member("phone", *in.phone);
  body.member("type", "route");
  if (!in.operationId.empty()) body.member("reference_id", in.operationId);
  body.member("legal_business_name", *in.businessName);
  body.member("business_type", *in.businessType);
  if (in.contactName) body.member("contact_name", *in.contactName);
  const std::string_view reference = in.reference ? std::string_view(*in.reference) : "";
  if (auto problem = addNotes(
          body, in.metadata,
          {{kOperationKey, in.operationId},
           {kReferenceKey, reference == in.operationId ? std::string_view() : reference}})) {
    return std::move(*problem);
  }
  body.endObject();
  return post("/v2/accounts", body.take(), call, "accounts.create");
}

// Razorpay takes an e-mail address once and names the account that has it: is it the one that a
// lost attempt of this operation made?
sdk::Step nextAccountCreate(AccountState& state, const sdk::HttpResponse& response,
                            const sdk::Call& call) {
  if (!state.refusal) {
    auto account = readOne<sdk::Account>(response, call, accountOf);
    if (account) return account;
    const std::string other = otherAccount(account.error().message);
    if (account.error().category != sdk::Category::Duplicate || other.empty() ||
        state.operationId.empty()) {
      return account;
    }
    state.refusal = account.error();
    return get("/v2/accounts/" + other, {}, call, "accounts.fetch");
  }
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) {
    problem->outcome = sdk::Outcome::Unknown;
    return std::move(*problem);
  }
  auto account = accountOf(document.root(), contextOf(call));
  if (!account) return account;
  const bool ours = document["reference_id"].stringOr("") == state.operationId ||
                    noteOf(document.root(), kOperationKey) == state.operationId;
  if (!ours) return *state.refusal;
  return account;
}

sdk::Result<sdk::HttpRequest> buildAccountGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  auto path = objectPath("/v2/accounts/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "accounts.fetch");
}

sdk::Result<sdk::Account> parseAccountGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call) {
  return readOne<sdk::Account>(response, call, accountOf, in.providerId);
}

}  // namespace razorpay
