// payouts.create, .get, .list, .cancel: /v1/payouts for a bank account or card of one's own,
// /v1/transfers for a connected account.
#include <utility>

#include "amounts.hpp"
#include "listing.hpp"
#include "operations.hpp"
#include "payout.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

using sdk::DestinationType;

constexpr TwoLists kLists{kTransferPrefix};

bool toAccount(const sdk::PayoutDestination& destination) {
  return destination.type == DestinationType::ProviderAccount && destination.providerId &&
         destination.providerId->starts_with("acct_");
}

std::optional<sdk::Error> refuse(const sdk::PayoutCreate& in) {
  const sdk::PayoutDestination& to = in.destination;
  const bool known =
      to.type == DestinationType::ProviderAccount || to.type == DestinationType::BankAccount;
  if (!known || to.accountNumber || to.vpa || to.ifsc) {
    return sdk::Error::notSupported(
        "destination",
        "Stripe pays to the account's own bank account (type bank_account, no number) or to a "
        "connected account (type provider_account and its id)");
  }
  if (to.providerId && !to.providerId->empty()) {
    if (auto path = objectPath("x", *to.providerId, "destination"); !path) {
      return std::move(path).error();
    }
  }
  if (in.mode && (toAccount(to) || (*in.mode != "standard" && *in.mode != "instant"))) {
    return sdk::Error::invalidRequest(
        "mode", "'mode' is standard or instant at Stripe, and only for a bank account");
  }
  return std::nullopt;
}

sdk::Result<sdk::Payout> readEither(const sdk::HttpResponse& response, bool transfer,
                                    std::string_view providerId) {
  return readOne(response, transfer ? "transfer" : "payout", payoutOf, providerId);
}

// The transfer that a reversal took back, which is expanded in it.
sdk::Result<sdk::Payout> readReversal(const sdk::HttpResponse& response,
                                      const std::string& providerId) {
  json::Document document;
  if (auto problem = readAnswer(response, "transfer_reversal", document)) {
    return std::move(*problem);
  }
  sdk::Result<sdk::Payout> payout = payoutOf(document["transfer"]);
  if (payout &&
      (payout->providerId != providerId || payout->status != sdk::PayoutStatus::Reversed)) {
    return sdk::Error::badResponse("Stripe does not say that the transfer is taken back");
  }
  return payout;
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildPayoutCreate(const sdk::PayoutCreate& in,
                                                const sdk::Call& call) {
  if (auto problem = refuse(in)) return std::move(*problem);
  const bool transfer = toAccount(in.destination);
  const auto amount =
      transfer ? toStripe(in.amount, in.currency) : toStripePayout(in.amount, in.currency);
  if (!amount) return amount.error();
  sdk::FormEncoder form;
  form.add("amount", *amount).add("currency", money::lower(in.currency));
  form.add("destination", in.destination.providerId).add("method", in.mode);
  form.add("description", in.description);
  if (auto problem = addMetadata(form, in.metadata,
                                 {{kOperationKey, in.operationId},
                                  {kReferenceKey, in.reference.value_or("")},
                                  {"unigate_purpose", in.purpose.value_or("")}})) {
    return std::move(*problem);
  }
  return transfer ? post("/v1/transfers", std::move(form), call, "transfers.create")
                  : post("/v1/payouts", std::move(form), call, "payouts.create");
}

sdk::Result<sdk::Payout> parsePayoutCreate(const sdk::HttpResponse& response,
                                           const sdk::PayoutCreate& in) {
  const bool transfer = toAccount(in.destination);
  sdk::Result<sdk::Payout> payout = readEither(response, transfer, {});
  if (!payout) return payout;
  const bool elsewhere = transfer && payout->destination->providerId != in.destination.providerId;
  if (elsewhere || payout->amount != in.amount || payout->currency != in.currency) {
    return sdk::Error::badResponse("Stripe answered with another payout");
  }
  return payout;
}

sdk::Step startPayoutLookup(Lookup& lookup, const sdk::PayoutCreate& in) {
  if (toAccount(in.destination)) {
    lookIn(lookup, "/v1/transfers", "transfers.list", in.operationId, foundAs<payoutOf>);
    sdk::FormEncoder filter;
    filter.add("destination", in.destination.providerId);
    return startLookup(lookup, std::move(filter), in.operationCreatedUnixS);
  }
  lookIn(lookup, "/v1/payouts", "payouts.list", in.operationId, foundAs<payoutOf>);
  return startLookup(lookup, {}, in.operationCreatedUnixS);
}

sdk::Result<sdk::HttpRequest> buildPayoutGet(const sdk::ProviderRef& in) {
  const bool transfer = isTransfer(in.providerId);
  auto path = objectPath(transfer ? "transfers" : "payouts", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, transfer ? "transfers.retrieve" : "payouts.retrieve");
}

sdk::Result<sdk::Payout> parsePayoutGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in) {
  return readEither(response, isTransfer(in.providerId), in.providerId);
}

sdk::HttpRequest buildPayoutsList(const sdk::ListQuery& in) {
  if (kLists.inSecond(in)) {
    return get("/v1/transfers", listQuery(kLists.second(in)).take(), "transfers.list");
  }
  return get("/v1/payouts", listQuery(in).take(), "payouts.list");
}

// A payout of a negative amount takes money from the bank account, which is no payout of ours.
sdk::Result<sdk::Page<sdk::Payout>> parsePayoutsList(const sdk::HttpResponse& response,
                                                     const sdk::ListQuery& in) {
  auto page = readPage(response, payoutOf,
                       [](json::View object) { return object["amount"].int64Or(0) >= 0; });
  if (page && !kLists.inSecond(in)) kLists.goOn(*page);
  return page;
}

// What was transferred to an account is there at once, so canceling means taking it back.
sdk::Result<sdk::HttpRequest> buildPayoutCancel(const sdk::PayoutCancel& in,
                                                const sdk::Call& call) {
  if (isTransfer(in.providerId)) {
    auto path = objectPath("transfers", in.providerId, "provider_id", "/reversals");
    if (!path) return std::move(path).error();
    sdk::FormEncoder form;
    form.addNested({"expand", "0"}, "transfer");
    return post(std::move(*path), std::move(form), call, "transfers.create_reversal");
  }
  auto path = objectPath("payouts", in.providerId, "provider_id", "/cancel");
  if (!path) return std::move(path).error();
  return post(std::move(*path), {}, call, "payouts.cancel");
}

sdk::Result<sdk::Payout> parsePayoutCancel(const sdk::HttpResponse& response,
                                           const sdk::PayoutCancel& in) {
  if (isTransfer(in.providerId)) return readReversal(response, in.providerId);
  sdk::Result<sdk::Payout> payout = readEither(response, false, in.providerId);
  if (payout && payout->status != sdk::PayoutStatus::Canceled) {
    return sdk::Error::badResponse("Stripe does not say that the payout is canceled");
  }
  return payout;
}

sdk::Result<sdk::HttpRequest> askPayoutCancel(const sdk::PayoutCancel& in) {
  return buildPayoutGet({in.providerId});
}

// Stripe cancels only what still waits; what moved on can't be canceled any more.
sdk::Result<sdk::Payout> judgePayoutCancel(const sdk::HttpResponse& response,
                                           const sdk::PayoutCancel& in) {
  sdk::Result<sdk::Payout> payout = readEither(response, isTransfer(in.providerId), in.providerId);
  const bool transfer = isTransfer(in.providerId);
  const auto wanted = transfer ? sdk::PayoutStatus::Reversed : sdk::PayoutStatus::Canceled;
  const auto before = transfer ? sdk::PayoutStatus::Succeeded : sdk::PayoutStatus::Processing;
  if (!payout || payout->status == wanted) return payout;
  if (payout->status == before) {
    return sdk::Error::neverHappened("the payout was not canceled");
  }
  return sdk::Error::declined(sdk::Category::InvalidState, "the payout is done")
      .withResource(sdk::toJson(*payout))
      .proven();
}

}  // namespace stripe
