// refunds.create, refunds.get, refunds.list. Refunds are of Razorpay's payments; a unified payment
// is an order, so the captured payment of the order is looked up first.
#include <algorithm>
#include <utility>

#include "operations.hpp"
#include "status.hpp"

namespace razorpay {

namespace {

constexpr std::string_view kRefund = "refund";
constexpr std::string_view kPayPrefix = "pay_";

sdk::HttpRequest sendRefund(const RefundState& state, const sdk::Call& call) {
  return postWithKey("X-Refund-Idempotency", "/v1/payments/" + state.paymentId + "/refund",
                     state.body, call, "payments.refund");
}

sdk::Result<std::string> refundBody(const sdk::RefundCreate& in) {
  json::Writer body;
  body.beginObject();
  // The same for every attempt: another body under the key would be refused, and without an amount
  // Razorpay refunds what is left.
  if (in.amount) {
    const auto amount = toRazorpay(*in.amount, in.currency);
    if (!amount) return amount.error();
    body.member("amount", *amount);
  }
  if (auto problem = checkOperationId(in.operationId)) return std::move(*problem);
  body.member("receipt", in.operationId);
  if (auto problem = addNotes(body, in.metadata,
                              {{kOperationKey, in.operationId},
                               {kPaymentKey, in.paymentProviderId},
                               {kReasonKey, in.reason.value_or("")}})) {
    return std::move(*problem);
  }
  body.endObject();
  return body.take();
}

// The captured payment of the order, the oldest of several, so that every attempt finds the same.
std::optional<sdk::Error> findCaptured(RefundState& state, const sdk::HttpResponse& response) {
  json::Document document;
  std::vector<json::View> payments;
  if (auto problem = readPayments(response, document, payments)) return problem;
  json::View captured;
  for (const json::View payment : payments) {
    if (!isCaptured(payment)) continue;
    if (!captured.exists() ||
        payment["created_at"].int64Or(0) < captured["created_at"].int64Or(0)) {
      captured = payment;
    }
  }
  if (!captured.exists()) {
    return sdk::Error::declined(sdk::Category::InvalidState,
                                "the order has no captured payment to refund");
  }
  state.paymentId = std::string(captured["id"].stringOr(""));
  if (!isRazorpayId(state.paymentId)) return unusable("payment", "id");
  if (currencyOf(captured["currency"]) != state.currency) {
    return sdk::Error::invalidRequest("currency", "the payment is in another currency");
  }
  return std::nullopt;
}

sdk::Step readCreated(const RefundState& state, const sdk::HttpResponse& response,
                      const sdk::Call& call) {
  sdk::Result<sdk::Refund> refund = readOne<sdk::Refund>(response, call, refundOf);
  if (!refund) return refund;
  if ((state.amount && refund->amount != *state.amount) || refund->currency != state.currency) {
    return sdk::Error::badResponse("Razorpay answered with another refund");
  }
  refund->paymentProviderId = state.given;
  return refund;
}

}  // namespace

sdk::Result<sdk::Refund> refundOf(json::View object, const Context& context) {
  sdk::Refund refund;
  if (auto problem = readCommon(object, kRefund, context, refund)) return std::move(*problem);
  if (auto problem = readMoney(object, kRefund, refund)) return std::move(*problem);
  refund.status = sdk::mapStatus(kRefundWords, object["status"].stringOr(""));
  refund.paymentProviderId = textOf(object["notes"][kPaymentKey]);
  if (!refund.paymentProviderId) refund.paymentProviderId = textOf(object["payment_id"]);
  refund.reason = textOf(object["notes"][kReasonKey]);
  return refund;
}

sdk::Step startRefundCreate(RefundState& state, const sdk::RefundCreate& in,
                            const sdk::Call& call) {
  auto body = refundBody(in);
  if (!body) return std::move(body).error();
  state.body = std::move(*body);
  state.given = in.paymentProviderId;
  state.amount = in.amount;
  state.currency = in.currency;
  state.operationId = in.operationId;
  if (!isRazorpayId(in.paymentProviderId)) {
    return sdk::Error::invalidRequest("payment_provider_id",
                                      "'payment_provider_id' is no id of Razorpay");
  }
  if (std::string_view(in.paymentProviderId).starts_with(kPayPrefix)) {
    state.paymentId = in.paymentProviderId;
    state.sending = true;
    return sendRefund(state, call);
  }
  return askPaymentsOf(in.paymentProviderId, call);
}

sdk::Step nextRefundCreate(RefundState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  if (state.sending) return readCreated(state, response, call);
  if (auto problem = findCaptured(state, response)) return std::move(*problem);
  state.sending = true;
  return sendRefund(state, call);
}

sdk::Step startRefundLookup(RefundState& state, const sdk::RefundCreate& in,
                            const sdk::Call& call) {
  state.given = in.paymentProviderId;
  state.amount = in.amount;
  state.currency = in.currency;
  state.operationId = in.operationId;
  if (!isRazorpayId(in.paymentProviderId) || in.operationId.empty()) {
    return sdk::Error::unknown(sdk::Category::NotSupported,
                               "the operation carries no id to look for");
  }
  if (!std::string_view(in.paymentProviderId).starts_with(kPayPrefix)) {
    return askPaymentsOf(in.paymentProviderId, call);
  }
  state.paymentId = in.paymentProviderId;
  state.sending = true;
  return get("/v1/payments/" + state.paymentId + "/refunds", "count=100", call, "payments.refunds");
}

sdk::Step nextRefundLookup(RefundState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  if (!state.sending) {
    if (auto problem = findCaptured(state, response)) {
      // Nothing captured: then nothing was refunded either, by any attempt.
      if (problem->category == sdk::Category::InvalidState) return std::move(*problem).proven();
      return std::move(*problem);
    }
    state.sending = true;
    return get("/v1/payments/" + state.paymentId + "/refunds", "count=100", call,
               "payments.refunds");
  }
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  const json::View items = document["items"];
  if (!items.isArray()) return sdk::Error::badResponse("Razorpay's answer is no list");
  for (const json::View object : items.items()) {
    if (noteOf(object, kOperationKey) != state.operationId) continue;
    sdk::Result<sdk::Refund> refund = refundOf(object, contextOf(call));
    if (refund) refund->paymentProviderId = state.given;
    return refund;
  }
  state.seen += static_cast<std::int64_t>(items.size());
  if (static_cast<std::int64_t>(items.size()) < kPageMax) {
    return sdk::Error::neverHappened("the payment has no such refund");
  }
  sdk::FormEncoder query;
  query.add("count", kPageMax).add("skip", state.seen);
  return get("/v1/payments/" + state.paymentId + "/refunds", query.take(), call,
             "payments.refunds");
}

sdk::Result<sdk::HttpRequest> buildRefundGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  auto path = objectPath("/v1/refunds/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "refunds.fetch");
}

sdk::Result<sdk::Refund> parseRefundGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in, const sdk::Call& call) {
  return readOne<sdk::Refund>(response, call, refundOf, in.providerId);
}

namespace {

sdk::Step askRefunds(const RefundsListState& state, const sdk::Call& call) {
  auto query = listQuery(state.query);
  if (!query) return std::move(query).error();
  if (state.paymentId.empty()) return get("/v1/refunds", query->take(), call, "refunds.all");
  return get("/v1/payments/" + state.paymentId + "/refunds", query->take(), call,
             "payments.refunds");
}

}  // namespace

sdk::Step startRefundsList(RefundsListState& state, const sdk::ListQuery& in,
                           const sdk::Call& call) {
  state.query = in;
  if (!skipOf(in.startingAfter)) return badCursor();
  const std::string payment = in.paymentProviderId.value_or("");
  if (!payment.empty() && !isRazorpayId(payment)) {
    return sdk::Error::invalidRequest("payment_provider_id",
                                      "'payment_provider_id' is no id of Razorpay");
  }
  state.paymentKnown = payment.empty() || std::string_view(payment).starts_with(kPayPrefix);
  if (!state.paymentKnown) return askPaymentsOf(payment, call);
  state.paymentId = payment;
  return askRefunds(state, call);
}

sdk::Step nextRefundsList(RefundsListState& state, const sdk::HttpResponse& response,
                          const sdk::Call& call) {
  if (!state.paymentKnown) {
    json::Document document;
    std::vector<json::View> payments;
    if (auto problem = readPayments(response, document, payments)) return std::move(*problem);
    const json::View decisive = decisivePayment(payments);
    if (!isCaptured(decisive)) return sdk::done(sdk::Page<sdk::Refund>{});
    state.paymentId = std::string(decisive["id"].stringOr(""));
    if (!isRazorpayId(state.paymentId)) return unusable("payment", "id");
    state.paymentKnown = true;
    return askRefunds(state, call);
  }
  sdk::Result<sdk::Page<sdk::Refund>> page = readPage<sdk::Refund>(
      response, state.query, [&](json::View object) { return refundOf(object, contextOf(call)); });
  if (page && state.query.paymentProviderId) {
    for (sdk::Refund& refund : page->data) refund.paymentProviderId = state.query.paymentProviderId;
  }
  return page;
}

}  // namespace razorpay
