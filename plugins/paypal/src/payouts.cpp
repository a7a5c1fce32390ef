// payouts.create, .get and .cancel: a batch of one item (/v1/payments/payouts). The payout's id is
// the batch's. In this API money is {currency, value}.
#include <algorithm>
#include <array>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

using sdk::PayoutStatus;

constexpr std::array kBatchStatuses = {
    sdk::StatusName<PayoutStatus>{"PENDING", PayoutStatus::Pending},
    sdk::StatusName<PayoutStatus>{"PROCESSING", PayoutStatus::Processing},
    sdk::StatusName<PayoutStatus>{"SUCCESS", PayoutStatus::Processing},  // the item tells
    sdk::StatusName<PayoutStatus>{"DENIED", PayoutStatus::Failed},
    sdk::StatusName<PayoutStatus>{"CANCELED", PayoutStatus::Canceled},
    sdk::StatusName<PayoutStatus>{"CANCELLED", PayoutStatus::Canceled},
};

constexpr std::array kItemStatuses = {
    sdk::StatusName<PayoutStatus>{"SUCCESS", PayoutStatus::Succeeded},
    sdk::StatusName<PayoutStatus>{"PENDING", PayoutStatus::Processing},
    sdk::StatusName<PayoutStatus>{"UNCLAIMED", PayoutStatus::Processing},
    sdk::StatusName<PayoutStatus>{"ONHOLD", PayoutStatus::Processing},
    sdk::StatusName<PayoutStatus>{"FAILED", PayoutStatus::Failed},
    sdk::StatusName<PayoutStatus>{"BLOCKED", PayoutStatus::Failed},
    sdk::StatusName<PayoutStatus>{"DENIED", PayoutStatus::Failed},
    sdk::StatusName<PayoutStatus>{"RETURNED", PayoutStatus::Reversed},
    sdk::StatusName<PayoutStatus>{"REFUNDED", PayoutStatus::Reversed},
    sdk::StatusName<PayoutStatus>{"REVERSED", PayoutStatus::Reversed},
};

constexpr std::array<std::string_view, 9> kPurposes = {
    "AWARDS",   "PRIZES",    "DONATIONS",
    "GOODS",    "SERVICES",  "REBATES",
    "CASHBACK", "DISCOUNTS", "NON_GOODS_OR_SERVICES"};

struct Receiver {
  std::string_view type;
  std::string name;
};

sdk::Result<Receiver> receiverOf(const sdk::PayoutDestination& to) {
  const auto missing = [](const char* what) {
    return sdk::Error::invalidRequest(
        "destination", std::string("'destination.") + what + "' is required for this type");
  };
  switch (to.type) {
    case sdk::DestinationType::Email:
      if (!to.email || to.email->empty()) return missing("email");
      return Receiver{"EMAIL", *to.email};
    case sdk::DestinationType::Phone:
      if (!to.phone || to.phone->empty()) return missing("phone");
      return Receiver{"PHONE", *to.phone};
    case sdk::DestinationType::ProviderAccount:
      if (!to.providerId || to.providerId->empty()) return missing("provider_id");
      return Receiver{"PAYPAL_ID", *to.providerId};
    default:
      return sdk::Error::notSupported(
          "destination", "PayPal pays to an email, a phone or a provider_account (a payer id)");
  }
}

sdk::Result<std::string> payoutBody(const sdk::PayoutCreate& in, const sdk::Call& call) {
  const auto amount = toPaypal(in.amount, in.currency);
  if (!amount) return amount.error();
  const auto receiver = receiverOf(in.destination);
  if (!receiver) return receiver.error();
  if (auto bad = tooLong("destination", receiver->name, 127)) return std::move(*bad);
  if (auto bad = tooLong("description", in.description.value_or(""), 1000)) return std::move(*bad);
  if (auto bad = tooLong("operation_id", in.operationId, 63)) return std::move(*bad);
  const std::string purpose = money::upper(in.purpose.value_or(""));
  if (!purpose.empty() &&
      std::find(kPurposes.begin(), kPurposes.end(), purpose) == kPurposes.end()) {
    return sdk::Error::invalidRequest("purpose",
                                      "'purpose' must be one of awards, prizes, donations, goods, "
                                      "services, rebates, cashback, discounts, "
                                      "non_goods_or_services at PayPal");
  }
  json::Writer out;
  out.beginObject().key("sender_batch_header").beginObject();
  // The second guard against paying twice: PayPal refuses it for 30 days.
  out.member("sender_batch_id", call.idempotencyKey);
  memberIf(out, "email_message", in.description);
  out.endObject().key("items").beginArray().beginObject();
  out.member("recipient_type", receiver->type).key("amount").beginObject();
  out.member("value", *amount).member("currency", in.currency).endObject();
  out.member("receiver", receiver->name);
  memberIf(out, "note", in.description);
  if (!in.operationId.empty()) out.member("sender_item_id", in.operationId);
  if (!purpose.empty()) out.member("purpose", purpose);
  if (in.mode) out.member("recipient_wallet", money::upper(*in.mode));
  out.endObject().endArray().endObject();
  return out.take();
}

void readItem(json::View item, sdk::Payout& payout) {
  payout.status = sdk::mapStatus(kItemStatuses, item["transaction_status"].stringOr(""));
  const json::View told = item["payout_item"];
  const std::string_view type = told["recipient_type"].stringOr("");
  sdk::PayoutDestination to;
  const auto receiver = textOf(told["receiver"]);
  if (type == "EMAIL") {
    to.type = sdk::DestinationType::Email;
    to.email = receiver;
  } else if (type == "PHONE") {
    to.type = sdk::DestinationType::Phone;
    to.phone = receiver;
  } else {
    to.type = sdk::DestinationType::ProviderAccount;
    to.providerId = receiver;
  }
  if (receiver) payout.destination = to;
  payout.description = textOf(told["note"]);
  payout.purpose = textOf(told["purpose"]);
  payout.mode = textOf(told["recipient_wallet"]);
  payout.reference = textOf(told["sender_item_id"]);
  payout.bankReference = textOf(item["transaction_id"]);
  const auto fee = moneyOf(item["payout_item_fee"]);
  if (fee && fee->currency == payout.currency) payout.fee = fee->amount;
  if (payout.status == PayoutStatus::Succeeded) {
    payout.arrivalUnixS = timeOf(item["time_processed"]);
  }
  if (payout.status == PayoutStatus::Failed) {
    payout.failure = failureOf(item, item["transaction_status"].stringOr(""));
    payout.failure->category =
        meaningOfCode(payout.failure->providerCode).value_or(CodeMeaning{}).category;
  }
}

}  // namespace

sdk::Result<sdk::Payout> payoutItemOf(json::View item, bool live) {
  sdk::Payout payout;
  payout.providerId = std::string(item["payout_batch_id"].stringOr(""));
  const auto money = moneyOf(item["payout_item"]["amount"]);
  if (payout.providerId.empty() || !money || money->amount < 0) {
    return sdk::Error::badResponse("PayPal's payout item has no usable batch id or amount");
  }
  payout.amount = money->amount;
  payout.currency = money->currency;
  readItem(item, payout);
  payout.livemode = live;
  return payout;
}

sdk::Result<sdk::Payout> payoutBatchOf(json::View object, bool live) {
  const json::View header = object["batch_header"];
  const json::View items = object["items"];
  const std::string id(header["payout_batch_id"].stringOr(""));
  if (id.empty()) return sdk::Error::badResponse("PayPal's payout has no id");
  if (items.size() == 1) {
    sdk::Result<sdk::Payout> payout = payoutItemOf(items[std::size_t{0}], live);
    if (!payout) return payout;
    if (payout->providerId != id) {
      return sdk::Error::badResponse("PayPal's payout holds an item of another");
    }
    // Without a word on the item the batch's status is all there is.
    if (!items[std::size_t{0}]["transaction_status"].isString()) {
      payout->status = sdk::mapStatus(kBatchStatuses, header["batch_status"].stringOr(""));
    }
    payout->createdUnixS = timeOrZero(header["time_created"]);
    return payout;
  }
  sdk::Payout payout;
  payout.providerId = id;
  payout.status = sdk::mapStatus(kBatchStatuses, header["batch_status"].stringOr(""));
  const auto money = moneyOf(header["amount"]);
  if (!money || money->amount < 0) {
    return sdk::Error::badResponse("PayPal's payout has no usable amount");
  }
  payout.amount = money->amount;
  payout.currency = money->currency;
  const auto fee = moneyOf(header["fees"]);
  if (fee && fee->currency == payout.currency) payout.fee = fee->amount;
  payout.livemode = live;
  payout.createdUnixS = timeOrZero(header["time_created"]);
  return payout;
}

namespace {

sdk::Step readBatch(const sdk::HttpResponse& response, const sdk::Call& call,
                    const std::string& id) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  sdk::Result<sdk::Payout> payout = payoutBatchOf(document.root(), call.live);
  if (payout && !id.empty() && payout->providerId != id) {
    return sdk::Error::badResponse("PayPal answered with another payout");
  }
  return payout;
}

// Of a batch that was just taken PayPal tells the header alone: the rest is as it was asked for.
sdk::Step created(const PayoutCreating& state, json::View object, const sdk::Call& call) {
  const json::View header = object["batch_header"];
  sdk::Payout payout;
  payout.providerId = std::string(header["payout_batch_id"].stringOr(""));
  if (payout.providerId.empty()) return sdk::Error::badResponse("PayPal's payout has no id");
  const std::string_view batchId =
      header["sender_batch_header"]["sender_batch_id"].stringOr(call.idempotencyKey);
  if (batchId != call.idempotencyKey) {
    return sdk::Error::badResponse("PayPal answered with another payout");
  }
  payout.status = sdk::mapStatus(kBatchStatuses, header["batch_status"].stringOr(""));
  const sdk::PayoutCreate& in = state.input;
  payout.amount = in.amount;
  payout.currency = in.currency;
  payout.destination = in.destination;
  payout.description = in.description;
  payout.reference = in.reference;
  payout.livemode = call.live;
  payout.createdUnixS = timeOrZero(header["time_created"]);
  return sdk::done(payout);
}

}  // namespace

sdk::Step startPayoutCreate(PayoutCreating& state, const sdk::PayoutCreate& in,
                            const sdk::Call& call) {
  state.input = in;
  auto body = payoutBody(in, call);
  if (!body) return std::move(body).error();
  return post("/v1/payments/payouts", std::move(*body), call.idempotencyKey, "payouts.create");
}

sdk::Step nextPayoutCreate(PayoutCreating& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  if (!state.earlierId.empty()) return readBatch(response, call, state.earlierId);
  json::Document document;
  if (response.is2xx()) {
    if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
    return created(state, document.root(), call);
  }
  const sdk::Error error = errorOf(response, call);
  // Our batch id is the key of this operation alone, so a batch that has it is ours. PayPal names
  // it in a link.
  if (error.category == sdk::Category::Duplicate && response.json(document)) {
    state.earlierId = idInLink(document.root(), {"self"});
    auto path = objectPath("/v1/payments/payouts", state.earlierId, "provider_id");
    if (path) return get(std::move(*path), {}, "payouts.get");
    return sdk::Error::unknown(sdk::Category::Duplicate, error.message)
        .withRetry(sdk::Retry::Never)
        .withProviderCode(error.providerCode);
  }
  return error;
}

sdk::Result<sdk::HttpRequest> buildPayoutGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v1/payments/payouts", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "payouts.get");
}

sdk::Step parsePayoutGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in,
                         const sdk::Call& call) {
  return readBatch(response, call, in.providerId);
}

sdk::Step startPayoutCancel(PayoutCanceling& state, const sdk::PayoutCancel& in) {
  state.providerId = in.providerId;
  return buildPayoutGet({in.providerId});
}

sdk::Step nextPayoutCancel(PayoutCanceling& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  if (state.looked) {
    sdk::Result<sdk::Payout> payout = payoutItemOf(document.root(), call.live);
    if (payout && payout->providerId != state.providerId) {
      return sdk::Error::badResponse("PayPal answered with an item of another payout");
    }
    if (payout) payout->createdUnixS = state.createdUnixS;
    return payout;
  }
  state.looked = true;
  const sdk::Result<sdk::Payout> payout = payoutBatchOf(document.root(), call.live);
  if (!payout) return payout.error();
  if (payout->providerId != state.providerId) {
    return sdk::Error::badResponse("PayPal answered with another payout");
  }
  const json::View item = document["items"][std::size_t{0}];
  if (document["items"].size() != 1 || item["transaction_status"].stringOr("") != "UNCLAIMED") {
    return sdk::Error::declined(sdk::Category::InvalidState,
                                "PayPal cancels a payout only while nobody has claimed it")
        .withResource(sdk::toJson(*payout));
  }
  state.createdUnixS = payout->createdUnixS;
  auto path = objectPath("/v1/payments/payouts-item", item["payout_item_id"].stringOr(""),
                         "provider_id", "/cancel");
  if (!path) return sdk::Error::badResponse("PayPal's payout item has no usable id");
  return post(std::move(*path), {}, {}, "payouts_item.cancel");
}

sdk::Result<sdk::HttpRequest> askPayoutCancel(const sdk::PayoutCancel& in) {
  return buildPayoutGet({in.providerId});
}

sdk::Step judgePayoutCancel(const sdk::HttpResponse& response, const sdk::PayoutCancel& in,
                            const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  const sdk::Result<sdk::Payout> payout = payoutBatchOf(document.root(), call.live);
  if (!payout) return payout.error();
  if (payout->providerId != in.providerId) {
    return sdk::Error::badResponse("PayPal answered with another payout");
  }
  if (payout->status == PayoutStatus::Reversed || payout->status == PayoutStatus::Canceled) {
    return sdk::done(*payout);
  }
  return sdk::Error::neverHappened("the payout was not canceled");
}

}  // namespace paypal
