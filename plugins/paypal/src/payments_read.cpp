// payments.get: GET /v2/checkout/orders/{id}. payments.list: the report of transactions. The
// look-up of an order whose answer was lost.
#include <algorithm>
#include <utility>

#include "operations.hpp"

namespace paypal {

sdk::Result<sdk::HttpRequest> buildPaymentGet(const sdk::ProviderRef& in) {
  return getOrder(in.providerId);
}

sdk::Result<sdk::Payment> parsePaymentGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call) {
  const sdk::Result<Order> order = readOrder(response, call, in.providerId);
  if (!order) return order.error();
  return order->payment;
}

sdk::Step startPaymentsList(ReportPage& state, const sdk::ListQuery& in, const sdk::Call& call) {
  if (in.customerProviderId) {
    return sdk::Error::notSupported("customer_provider_id",
                                    "PayPal's report of payments does not know customers");
  }
  const auto page =
      reportPageOf(in.startingAfter, in.createdGte, in.createdLt, in.limit, call.nowUnixMs / 1000);
  if (!page) return page.error();
  state = *page;
  return getReport(state);
}

sdk::Step nextPaymentsList(ReportPage& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  sdk::Result<std::vector<sdk::Payment>> payments = paymentsOf(document.root(), call.live);
  if (!payments) return std::move(payments).error();
  sdk::Page<sdk::Payment> page;
  page.data = std::move(*payments);
  if (const auto next = pageAfter(state, document.root())) {
    page.hasMore = true;
    page.nextCursor = cursorOf(*next);
  }
  return sdk::done(page);
}

namespace {

// The report is complete this long after a transaction.
constexpr std::int64_t kReportLagS = 3 * 3600;
constexpr std::int64_t kClockMarginS = 600;

// Until when something of the operation may have come to be.
std::int64_t latestOf(const PaymentLookup& lookup, const sdk::Call& call) {
  return std::max(*lookup.createdUnixS, call.sentUntilUnixS.value_or(0));
}

// Once the report is complete and has nothing of the operation, no money moved: an order that
// nobody was sent to can't be approved.
sdk::Error notInReport(const PaymentLookup& lookup, const sdk::Call& call) {
  const std::int64_t nowS = call.nowUnixMs / 1000;
  if (nowS - latestOf(lookup, call) > kReportLagS + kClockMarginS) {
    return sdk::Error::neverHappened("PayPal's report has no payment of this operation");
  }
  return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                             "PayPal's report of payments is up to three hours behind");
}

}  // namespace

sdk::Step startPaymentLookup(PaymentLookup& lookup, const sdk::PaymentCreate& in,
                             const sdk::Call& call) {
  if (!in.operationCreatedUnixS) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "without the time of the operation PayPal's report can't be read");
  }
  lookup.operationId = in.operationId;
  lookup.createdUnixS = in.operationCreatedUnixS;
  const std::int64_t from = std::max<std::int64_t>(0, *in.operationCreatedUnixS - kClockMarginS);
  std::int64_t to = std::min(call.nowUnixMs / 1000, from + kReportSpanSMax - 1);
  if (call.sentUntilUnixS) to = std::min(to, *call.sentUntilUnixS + kClockMarginS);
  lookup.page.fromUnixS = lookup.page.oldestUnixS = from;
  lookup.page.toUnixS = std::max(from, to);
  constexpr std::int64_t kRowsMax = 500;
  lookup.page.size = kRowsMax;
  return getReport(lookup.page);
}

sdk::Step nextPaymentLookup(PaymentLookup& lookup, const sdk::HttpResponse& response,
                            const sdk::Call& call) {
  if (!lookup.foundId.empty()) {
    const sdk::Result<Order> order = readOrder(response, call, lookup.foundId);
    if (!order) return order.error();
    return sdk::done(order->payment);
  }
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  const json::View details = document["transaction_details"];
  if (!details.isArray()) return sdk::Error::badResponse("PayPal's report has no transactions");
  for (const json::View detail : details.items()) {
    const json::View info = detail["transaction_info"];
    if (info["custom_field"].stringOr("") != lookup.operationId) continue;
    if (info["paypal_reference_id_type"].stringOr("") != "ODR") continue;
    lookup.foundId = std::string(info["paypal_reference_id"].stringOr(""));
    auto request = getOrder(lookup.foundId);
    if (!request) return sdk::Error::badResponse("PayPal's report has an order without an id");
    return std::move(*request);
  }
  const auto next = pageAfter(lookup.page, document.root());
  if (!next) return notInReport(lookup, call);
  if (call.requestsLeft < 2) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "too many payments at PayPal to look through at once");
  }
  lookup.page = *next;
  return getReport(lookup.page);
}

}  // namespace paypal
