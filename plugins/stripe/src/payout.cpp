#include "payout.hpp"

#include <array>
#include <utility>

#include "errors.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

using sdk::PayoutStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<PayoutStatus>{"pending", PayoutStatus::Processing},
    sdk::StatusName<PayoutStatus>{"in_transit", PayoutStatus::Processing},
    sdk::StatusName<PayoutStatus>{"paid", PayoutStatus::Succeeded},
    sdk::StatusName<PayoutStatus>{"failed", PayoutStatus::Failed},
    sdk::StatusName<PayoutStatus>{"canceled", PayoutStatus::Canceled},
};

void readTransfer(json::View object, sdk::Payout& payout) {
  // A transfer moves money between two balances at Stripe, so it is done once it is there.
  payout.status =
      object["reversed"].booleanOr(false) ? PayoutStatus::Reversed : PayoutStatus::Succeeded;
  payout.destination.emplace();
  payout.destination->type = sdk::DestinationType::ProviderAccount;
  payout.destination->providerId = idOf(object["destination"]);
}

void readPayout(json::View object, sdk::Payout& payout) {
  payout.status = sdk::mapStatus(kStatuses, object["status"].stringOr(""));
  // What was paid and taken back stays `paid` at Stripe.
  const bool reversed = idOf(object["reversed_by"]).has_value();
  if (payout.status == PayoutStatus::Succeeded && reversed) payout.status = PayoutStatus::Reversed;
  payout.destination.emplace();
  payout.destination->providerId = idOf(object["destination"]);
  payout.mode = wordOfField(object["method"]);
  payout.arrivalUnixS = secondsOf(object["arrival_date"]);
  payout.bankReference = wordOfField(object["trace_id"]["value"]);
  if (payout.status != PayoutStatus::Failed) return;
  payout.failure.emplace();
  payout.failure->providerCode = std::string(object["failure_code"].stringOr(""));
  payout.failure->providerMessage = std::string(object["failure_message"].stringOr(""));
  const auto meaning = meaningOfCode(payout.failure->providerCode);
  if (meaning) payout.failure->category = meaning->category;
}

}  // namespace

sdk::Result<sdk::Payout> payoutOf(json::View object) {
  sdk::Payout payout;
  const bool transfer = object["object"].stringOr("") == "transfer";
  const std::string_view kind = transfer ? "transfer" : "payout";
  if (auto problem = readCommon(object, kind, payout)) return std::move(*problem);
  const auto currency = currencyOf(object["currency"]);
  if (!currency) return unusable(kind, "currency");
  payout.currency = *currency;
  const auto amount = amountOf(object["amount"], *currency);
  if (!amount) return unusable(kind, "amount");
  payout.amount = *amount;
  if (!transfer && !object["status"].isString()) return unusable(kind, "status");
  transfer ? readTransfer(object, payout) : readPayout(object, payout);
  payout.description = textOf(object["description"]);
  payout.purpose = wordOfField(object["metadata"]["unigate_purpose"]);
  payout.reference = referenceOf(object);
  return payout;
}

}  // namespace stripe
