// payments.capture: POST /v2/payments/authorizations/{id}/capture, after a look at the order for
// the authorization.
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

sdk::Error wrongState(const Order& order, std::string why) {
  return sdk::Error::declined(sdk::Category::InvalidState, std::move(why))
      .withResource(sdk::toJson(order.payment));
}

// What can't be captured is refused before anything is sent. On a resend PayPal has the word: what
// stands in the way may be the work of the attempt before.
std::optional<sdk::Error> check(const Order& order, const PaymentCapturing& state,
                                const sdk::Call& call) {
  if (!order.authorizes || order.authorizations.empty()) {
    return wrongState(order, order.status == "COMPLETED"
                                 ? "the payment was captured with its confirmation"
                                 : "confirm the payment first: nothing is authorized yet");
  }
  if (state.currency != order.payment.currency) {
    return sdk::Error::invalidRequest("currency", "the payment is in " + order.payment.currency);
  }
  if (call.recovering != sdk::Recovering::No || call.attempt > 1) return std::nullopt;
  if (!state.amount && order.payment.amountCaptured > 0) {
    return sdk::Error::invalidRequest(
        "amount",
        "a part was captured already: say how much of the remaining " +
            std::to_string(authorizationOf(order)->money.amount - order.payment.amountCaptured) +
            " to capture");
  }
  return std::nullopt;
}

// The whole amount closes the authorization; a part leaves the rest open for further captures. The
// body is made of what never changes, so that a resend is the same request.
sdk::Step capture(const Order& order, const PaymentCapturing& state, const sdk::Call& call) {
  const Part& authorization = *authorizationOf(order);
  auto path =
      objectPath("/v2/payments/authorizations", authorization.id, "provider_id", "/capture");
  if (!path) return std::move(path).error();
  json::Writer out;
  out.beginObject();
  if (state.amount) {
    const auto amount = toPaypal(*state.amount, state.currency);
    if (!amount) return amount.error();
    writeMoney(out, "amount", *amount, state.currency);
  }
  out.member("final_capture", !state.amount || *state.amount >= authorization.money.amount);
  out.endObject();
  return post(std::move(*path), out.take(), call.idempotencyKey, "authorizations.capture");
}

// The payment with this capture in it. A resend's look at the order may show it already.
sdk::Step captured(PaymentCapturing& state, const Part& part, json::View object) {
  Order& order = state.order;
  bool known = false;
  for (Part& other : order.captures) {
    if (other.id != part.id) continue;
    other = part;
    known = true;
  }
  if (!known) order.captures.push_back(part);
  const Part* authorization = authorizationOf(order);
  settle(order);
  const bool whole = object["final_capture"].booleanOr(!state.amount) ||
                     order.payment.amountCaptured >= authorization->money.amount;
  for (Part& each : order.authorizations) {
    if (each.id == authorization->id) each.status = whole ? "CAPTURED" : "PARTIALLY_CAPTURED";
  }
  settle(order);
  if (part.status == "DECLINED" || part.status == "FAILED") {
    return declinedBy(failureOf(object, part.status)).withResource(sdk::toJson(order.payment));
  }
  return sdk::done(order.payment);
}

}  // namespace

sdk::Step startPaymentCapture(PaymentCapturing& state, const sdk::PaymentCapture& in) {
  state.providerId = in.providerId;
  state.amount = in.amount;
  state.currency = in.currency;
  if (in.amount) {
    if (const auto amount = toPaypal(*in.amount, in.currency); !amount) return amount.error();
  }
  return getOrder(in.providerId);
}

sdk::Step nextPaymentCapture(PaymentCapturing& state, const sdk::HttpResponse& response,
                             const sdk::Call& call) {
  if (!state.looked) {
    state.looked = true;
    sdk::Result<Order> order = readOrder(response, call, state.providerId);
    if (!order) return std::move(order).error();
    if (auto bad = check(*order, state, call)) return std::move(*bad);
    state.order = std::move(*order);
    return capture(state.order, state, call);
  }
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  const sdk::Result<Part> part = partOf(document.root());
  if (!part) return part.error();
  if (part->money.currency != state.currency ||
      (state.amount && part->money.amount != *state.amount)) {
    return sdk::Error::badResponse("PayPal answered with another amount or currency");
  }
  return captured(state, *part, document.root());
}

sdk::Result<sdk::HttpRequest> askPaymentCapture(const sdk::PaymentCapture& in) {
  return getOrder(in.providerId);
}

// A capture bears no mark of the operation, so only an order without captures, or with one that is
// just as it was asked for, tells.
sdk::Step judgePaymentCapture(const sdk::HttpResponse& response, const sdk::PaymentCapture& in,
                              const sdk::Call& call) {
  const sdk::Result<Order> order = readOrder(response, call, in.providerId);
  if (!order) return order.error();
  if (order->captures.empty()) return sdk::Error::neverHappened("the payment was not captured");
  const Part* authorization = authorizationOf(*order);
  const std::int64_t wanted = in.amount.value_or(
      authorization != nullptr ? authorization->money.amount : order->payment.amount);
  std::size_t same = 0;
  for (const Part& capture : order->captures) {
    if (capture.money.amount == wanted && capture.money.currency == in.currency) ++same;
  }
  if (same == 0) return sdk::Error::neverHappened("the payment was captured with other amounts");
  if (same == 1 && order->captures.size() == 1) return sdk::done(order->payment);
  return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                             "the payment was captured several times: which capture was this "
                             "one's can't be told");
}

}  // namespace paypal
