// payouts.create, .get, .list, .cancel. To a bank account, a VPA or a telephone number RazorpayX
// pays in one composite request, which makes contact and fund account on the way, so that a crash
// can't come between; to a linked account (acc_...) it is a transfer.
#include <algorithm>
#include <utility>

#include "errors.hpp"
#include "operations.hpp"
#include "status.hpp"

namespace razorpay {

namespace {

using sdk::DestinationType;

constexpr std::string_view kTransferPrefix = "trf_";
constexpr std::string_view kAccountPrefix = "acc_";
constexpr std::size_t kNarrationMax = 30;
// IMPS takes no more than 500000 rupees at once.
constexpr std::int64_t kImpsMax = 50'000'000;

bool isTransfer(const sdk::PayoutCreate& in) {
  return in.destination.type == DestinationType::ProviderAccount &&
         std::string_view(in.destination.providerId.value_or("")).starts_with(kAccountPrefix);
}

bool isTransferId(std::string_view id) {
  return id.starts_with(kTransferPrefix);
}

sdk::Error missing(std::string field, std::string_view what) {
  return sdk::Error::invalidRequest(
      "destination", "'destination." + field + "' is required: " + std::string(what));
}

sdk::Result<std::string> ownAccount(const sdk::Call& call) {
  const std::string_view number = call.setting("account_number");
  if (!number.empty()) return std::string(number);
  return sdk::Error::invalidRequest(
      "account_number",
      "set the credential account_number, the RazorpayX account that payouts are paid from");
}

void addContact(json::Writer& body, const sdk::PayoutDestination& to) {
  body.key("contact").beginObject().member("name", *to.name);
  if (to.email) body.member("email", *to.email);
  if (to.phone) body.member("contact", *to.phone);
  body.endObject();
}

// The member fund_account or fund_account_id.
std::optional<sdk::Error> addDestination(json::Writer& body, const sdk::PayoutDestination& to) {
  if (to.type == DestinationType::ProviderAccount) {
    const std::string id = to.providerId.value_or("");
    if (!isRazorpayId(id)) return missing("provider_id", "an id that starts with fa_ or acc_");
    body.member("fund_account_id", id);
    return std::nullopt;
  }
  if (to.type == DestinationType::Email) {
    return sdk::Error::notSupported("destination",
                                    "RazorpayX pays to bank_account, vpa, phone or "
                                    "provider_account, not to an e-mail address");
  }
  if (!to.name || to.name->empty()) return missing("name", "of whom the money goes to");
  body.key("fund_account").beginObject();
  if (to.type == DestinationType::BankAccount) {
    if (!to.accountNumber) return missing("account_number", "of the bank account");
    if (!to.ifsc) return missing("ifsc", "the code of the bank's branch");
    body.member("account_type", "bank_account").key("bank_account").beginObject();
    body.member("name", *to.name).member("ifsc", *to.ifsc);
    body.member("account_number", *to.accountNumber).endObject();
  } else if (to.type == DestinationType::Vpa) {
    if (!to.vpa) return missing("vpa", "the UPI address");
    body.member("account_type", "vpa").key("vpa").beginObject();
    body.member("address", *to.vpa).endObject();
  } else {
    if (!to.phone) return missing("phone", "the telephone number");
    body.member("account_type", "mobile").key("mobile").beginObject();
    body.member("number", *to.phone).member("account_holder_name", *to.name).endObject();
  }
  addContact(body, to);
  body.endObject();
  return std::nullopt;
}

// How the money goes. Razorpay wants it said; what the client leaves open follows from the
// destination.
std::string modeOf(const sdk::PayoutCreate& in) {
  if (in.mode) return money::lower(*in.mode) == "card" ? "card" : money::upper(*in.mode);
  if (in.destination.type == DestinationType::Vpa ||
      in.destination.type == DestinationType::Phone) {
    return "UPI";
  }
  return in.amount <= kImpsMax ? "IMPS" : "NEFT";
}

std::optional<sdk::Error> addOurNotes(json::Writer& body, const sdk::PayoutCreate& in) {
  const std::string_view reference = in.reference ? std::string_view(*in.reference) : "";
  return addNotes(body, in.metadata,
                  {{kOperationKey, in.operationId},
                   {kReferenceKey, reference == in.operationId ? std::string_view() : reference}});
}

sdk::Result<sdk::HttpRequest> buildTransfer(const sdk::PayoutCreate& in, std::int64_t amount,
                                            const sdk::Call& call) {
  if (!isRazorpayId(*in.destination.providerId)) {
    return missing("provider_id", "an id that starts with acc_");
  }
  json::Writer body;
  body.beginObject().member("account", *in.destination.providerId);
  body.member("amount", amount).member("currency", in.currency);
  if (auto problem = addOurNotes(body, in)) return std::move(*problem);
  body.endObject();
  return postWithKey("X-Transfer-Idempotency", "/v1/transfers", body.take(), call,
                     "transfers.create");
}

// Whom the money goes to, account numbers masked to their last four.
std::optional<sdk::PayoutDestination> destinationOf(json::View account) {
  if (!account.isObject()) return std::nullopt;
  sdk::PayoutDestination to;
  const std::string_view type = account["account_type"].stringOr("");
  to.providerId = textOf(account["id"]);
  if (type == "bank_account") {
    to.type = DestinationType::BankAccount;
    const json::View bank = account["bank_account"];
    to.name = textOf(bank["name"]);
    to.ifsc = textOf(bank["ifsc"]);
    const std::string_view number = bank["account_number"].stringOr("");
    if (number.size() > 4) {
      to.accountNumber = "****" + std::string(number.substr(number.size() - 4));
    }
  } else if (type == "vpa") {
    to.type = DestinationType::Vpa;
    to.vpa = textOf(account["vpa"]["address"]);
    to.name = textOf(account["contact"]["name"]);
  } else if (type == "mobile") {
    to.type = DestinationType::Phone;
    to.phone = textOf(account["mobile"]["number"]);
    to.name = textOf(account["contact"]["name"]);
  } else {
    to.type = DestinationType::ProviderAccount;
  }
  return to;
}

bool tellsWhy(sdk::PayoutStatus status) {
  return status == sdk::PayoutStatus::Failed || status == sdk::PayoutStatus::Reversed;
}

sdk::Result<sdk::Payout> transferOf(json::View object, const Context& context) {
  sdk::Payout payout;
  if (auto problem = readCommon(object, "transfer", context, payout)) return std::move(*problem);
  if (auto problem = readMoney(object, "transfer", payout)) return std::move(*problem);
  payout.status = sdk::mapStatus(kTransferWords, object["status"].stringOr(""));
  payout.fee = fromRazorpay(object["fees"]);
  payout.reference = referenceOf(object);
  if (const auto account = textOf(object["recipient"])) {
    payout.destination.emplace();
    payout.destination->type = DestinationType::ProviderAccount;
    payout.destination->providerId = account;
  }
  if (payout.status == sdk::PayoutStatus::Failed) payout.failure = payoutFailureOf(object);
  return payout;
}

sdk::Result<sdk::HttpRequest> askPayout(std::string_view id, const sdk::Call& call) {
  const bool transfer = isTransferId(id);
  auto path = objectPath(transfer ? "/v1/transfers/" : "/v1/payouts/", id, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, transfer ? "transfers.fetch" : "payouts.fetch");
}

}  // namespace

sdk::Result<sdk::Payout> payoutOf(json::View object, const Context& context) {
  if (object["entity"].stringOr("") == "transfer") return transferOf(object, context);
  sdk::Payout payout;
  if (auto problem = readCommon(object, "payout", context, payout)) return std::move(*problem);
  const auto amount = fromRazorpay(object["amount"]);
  // RazorpayX pays in rupees alone, and some of its answers leave the currency out.
  const bool unsaid = object["currency"].isNothing();
  const auto currency = unsaid ? std::optional<std::string>("INR") : currencyOf(object["currency"]);
  if (!amount || !currency) return unusable("payout", "amount or currency");
  payout.amount = *amount;
  payout.currency = *currency;
  payout.status = sdk::mapStatus(kPayoutWords, object["status"].stringOr(""));
  payout.fee = fromRazorpay(object["fees"]);
  payout.destination = destinationOf(object["fund_account"]);
  if (const auto id = textOf(object["fund_account_id"]); id && !payout.destination) {
    payout.destination.emplace();
    payout.destination->type = DestinationType::ProviderAccount;
    payout.destination->providerId = id;
  }
  payout.mode = textOf(object["mode"]);
  payout.purpose = textOf(object["purpose"]);
  payout.reference = textOf(object["notes"][kReferenceKey]);
  if (!payout.reference) payout.reference = textOf(object["reference_id"]);
  payout.description = textOf(object["narration"]);
  const auto utr = textOf(object["utr"]);
  if (utr && *utr != "null") payout.bankReference = utr;
  if (tellsWhy(payout.status)) payout.failure = payoutFailureOf(object);
  return payout;
}

sdk::Result<sdk::HttpRequest> buildPayoutCreate(const sdk::PayoutCreate& in,
                                                const sdk::Call& call) {
  const auto amount = toRazorpay(in.amount, in.currency);
  if (!amount) return amount.error();
  if (isTransfer(in)) return buildTransfer(in, *amount, call);
  auto account = ownAccount(call);
  if (!account) return std::move(account).error();
  if (auto problem = checkOperationId(in.operationId)) return std::move(*problem);
  if (in.description && in.description->size() > kNarrationMax) {
    return sdk::Error::invalidRequest(
        "description", "Razorpay prints at most 30 characters for the payee: shorten description");
  }
  json::Writer body;
  body.beginObject().member("account_number", *account);
  body.member("amount", *amount).member("currency", in.currency);
  body.member("mode", modeOf(in)).member("purpose", in.purpose.value_or("payout"));
  if (auto problem = addDestination(body, in.destination)) return std::move(*problem);
  if (!in.operationId.empty()) body.member("reference_id", in.operationId);
  if (in.description) body.member("narration", *in.description);
  if (auto problem = addOurNotes(body, in)) return std::move(*problem);
  body.endObject();
  return postWithKey("X-Payout-Idempotency", "/v1/payouts", body.take(), call, "payouts.create");
}

sdk::Result<sdk::Payout> parsePayoutCreate(const sdk::HttpResponse& response,
                                           const sdk::PayoutCreate& in, const sdk::Call& call) {
  sdk::Result<sdk::Payout> payout = readOne<sdk::Payout>(response, call, payoutOf);
  if (payout && (payout->amount != in.amount || payout->currency != in.currency)) {
    return sdk::Error::badResponse("Razorpay answered with another amount or currency");
  }
  return payout;
}

sdk::Step startPayoutLookup(Lookup& lookup, const sdk::PayoutCreate& in, const sdk::Call& call) {
  lookup.operationId = in.operationId;
  lookup.createdUnixS = in.operationCreatedUnixS;
  lookup.hasRange = false;
  lookup.found = foundAs<payoutOf>;
  if (isTransfer(in)) {
    lookup.path = "/v1/transfers";
    lookup.label = "transfers.all";
    return startLookup(lookup, call);
  }
  auto account = ownAccount(call);
  if (!account) return sdk::Error::unknown(sdk::Category::NotSupported, account.error().message);
  lookup.path = "/v1/payouts";
  lookup.label = "payouts.all";
  lookup.filter.add("account_number", *account);
  if (!in.operationId.empty()) lookup.filter.add("reference_id", in.operationId);
  return startLookup(lookup, call);
}

sdk::Result<sdk::HttpRequest> buildPayoutGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  return askPayout(in.providerId, call);
}

sdk::Result<sdk::Payout> parsePayoutGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in, const sdk::Call& call) {
  return readOne<sdk::Payout>(response, call, payoutOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildPayoutsList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto account = ownAccount(call);
  if (!account) return std::move(account).error();
  auto query = listQuery(in);
  if (!query) return std::move(query).error();
  query->add("account_number", *account);
  return get("/v1/payouts", query->take(), call, "payouts.all");
}

sdk::Result<sdk::Page<sdk::Payout>> parsePayoutsList(const sdk::HttpResponse& response,
                                                     const sdk::ListQuery& in,
                                                     const sdk::Call& call) {
  return readPage<sdk::Payout>(
      response, in, [&](json::View object) { return payoutOf(object, contextOf(call)); });
}

sdk::Result<sdk::HttpRequest> buildPayoutCancel(const sdk::PayoutCancel& in,
                                                const sdk::Call& call) {
  if (isTransferId(in.providerId)) {
    return sdk::Error::notSupported("provider_id", "Razorpay can't cancel a transfer");
  }
  auto path = objectPath("/v1/payouts/", in.providerId, "provider_id", "/cancel");
  if (!path) return std::move(path).error();
  return post(std::move(*path), {}, call, "payouts.cancel");
}

sdk::Result<sdk::Payout> parsePayoutCancel(const sdk::HttpResponse& response,
                                           const sdk::PayoutCancel& in, const sdk::Call& call) {
  return readOne<sdk::Payout>(response, call, payoutOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> askPayoutCancel(const sdk::PayoutCancel& in, const sdk::Call& call) {
  return askPayout(in.providerId, call);
}

sdk::Result<sdk::Payout> judgePayoutCancel(const sdk::HttpResponse& response,
                                           const sdk::PayoutCancel& in, const sdk::Call& call) {
  auto payout = readOne<sdk::Payout>(response, call, payoutOf, in.providerId);
  if (!payout || payout->status == sdk::PayoutStatus::Canceled) return payout;
  if (payout->status == sdk::PayoutStatus::Pending) {
    return sdk::Error::neverHappened("the payout was not cancelled");
  }
  return sdk::Error::declined(sdk::Category::InvalidState, "the payout can't be cancelled any more")
      .withResource(sdk::toJson(*payout))
      .proven();
}

}  // namespace razorpay
