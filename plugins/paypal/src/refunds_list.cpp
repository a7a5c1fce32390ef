// The refunds of one payment stand in its order (refunds.cpp); those of all payments in the report
// of transactions.
#include "refunds_list.hpp"

#include <limits>
#include <utility>

#include "amounts.hpp"

namespace paypal {

namespace {

// A refund that the merchant made; reversals by PayPal or a bank are none.
constexpr std::string_view kMerchantRefund = "T1107";

// A mark out of a report or an order; nothing for an empty one.
void add(std::vector<sdk::Mark>& marks, json::View id, json::View operation) {
  const std::string_view text = operation.stringOr("");
  if (!text.empty()) marks.push_back({std::string(id.stringOr("")), std::string(text)});
}

// The report names the capture that was refunded, seldom the order: then the payment is left open.
sdk::Result<sdk::Refund> reportedRefund(json::View info) {
  sdk::Refund refund;
  refund.providerId = std::string(info["transaction_id"].stringOr(""));
  const auto money = moneyOf(info["transaction_amount"]);
  if (refund.providerId.empty() || !money ||
      money->amount == std::numeric_limits<std::int64_t>::min()) {
    return sdk::Error::badResponse("PayPal's report has a refund without an id or an amount");
  }
  // Money that goes out has a minus.
  refund.amount = money->amount < 0 ? -money->amount : money->amount;
  refund.currency = money->currency;
  if (info["paypal_reference_id_type"].stringOr("") == "ODR") {
    refund.paymentProviderId = textOf(info["paypal_reference_id"]);
  }
  const std::string_view status = info["transaction_status"].stringOr("");
  if (status == "S") refund.status = sdk::RefundStatus::Succeeded;
  if (status == "D") refund.status = sdk::RefundStatus::Failed;
  if (status == "V") refund.status = sdk::RefundStatus::Canceled;
  refund.createdUnixS = timeOrZero(info["transaction_initiation_date"]);
  return refund;
}

}  // namespace

sdk::Step startRefundsList(RefundsListing& state, const sdk::ListQuery& in, const sdk::Call& call) {
  state.query = in;
  if (in.paymentProviderId) return buildRefundsList(in);
  const auto page =
      reportPageOf(in.startingAfter, in.createdGte, in.createdLt, in.limit, call.nowUnixMs / 1000);
  if (!page) return page.error();
  state.page = *page;
  return getReport(state.page);
}

sdk::Step nextRefundsList(RefundsListing& state, const sdk::HttpResponse& response,
                          const sdk::Call& call) {
  if (state.query.paymentProviderId) return parseRefundsList(response, state.query, call);
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  if (!document["transaction_details"].isArray()) {
    return sdk::Error::badResponse("PayPal's report has no transactions");
  }
  sdk::Page<sdk::Refund> page;
  for (const json::View detail : document["transaction_details"].items()) {
    const json::View info = detail["transaction_info"];
    if (info["transaction_event_code"].stringOr("") != kMerchantRefund) continue;
    sdk::Result<sdk::Refund> refund = reportedRefund(info);
    if (!refund) return std::move(refund).error();
    page.data.push_back(std::move(*refund));
  }
  if (const auto next = pageAfter(state.page, document.root())) {
    page.hasMore = true;
    page.nextCursor = cursorOf(*next);
  }
  return sdk::done(page);
}

std::vector<sdk::Mark> marksOfPayments(json::View answer) {
  std::vector<sdk::Mark> marks;
  for (const json::View detail : answer["transaction_details"].items()) {
    const json::View info = detail["transaction_info"];
    const bool ofOrder = info["paypal_reference_id_type"].stringOr("") == "ODR";
    add(marks, ofOrder ? info["paypal_reference_id"] : info["transaction_id"],
        info["custom_field"]);
  }
  return marks;
}

std::vector<sdk::Mark> marksOfRefunds(json::View answer) {
  std::vector<sdk::Mark> marks;
  for (const json::View detail : answer["transaction_details"].items()) {
    const json::View info = detail["transaction_info"];
    add(marks, info["transaction_id"], info["custom_field"]);
  }
  for (const json::View unit : answer["purchase_units"].items()) {
    for (const json::View refund : unit["payments"]["refunds"].items()) {
      add(marks, refund["id"], refund["custom_id"]);
    }
  }
  return marks;
}

}  // namespace paypal
