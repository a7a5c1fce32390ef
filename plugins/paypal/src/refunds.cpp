// refunds.create, refunds.get, refunds.list: PayPal refunds captures, so the order is looked at
// first; it shows the refunds too. Those of all payments: refunds_list.cpp.
#include <algorithm>
#include <array>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

using sdk::RefundStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<RefundStatus>{"PENDING", RefundStatus::Pending},
    sdk::StatusName<RefundStatus>{"COMPLETED", RefundStatus::Succeeded},
    sdk::StatusName<RefundStatus>{"FAILED", RefundStatus::Failed},
    sdk::StatusName<RefundStatus>{"CANCELLED", RefundStatus::Canceled},
    sdk::StatusName<RefundStatus>{"CANCELED", RefundStatus::Canceled},
};

// The refund with that mark; null if the order has none.
const Part* marked(const Order& order, const std::string& operationId) {
  for (const Part& refund : order.refunds) {
    if (!operationId.empty() && refund.customId == operationId) return &refund;
  }
  return nullptr;
}

// What of a capture was not refunded, as far as the order's refunds tell.
std::int64_t leftOf(const Part& capture, const Order& order) {
  std::int64_t left = capture.money.amount;
  for (const Part& refund : order.refunds) {
    const bool counts = refund.status == "COMPLETED" || refund.status == "PENDING";
    if (counts && refund.upId == capture.id) left -= refund.money.amount;
  }
  return left;
}

// The capture that the refund draws on. With several of them the first that has enough left: the
// choice rests on the refunds that the order shows, so it is the same on a resend, or the refund of
// the lost attempt is among them.
sdk::Result<std::string> chooseCapture(const Order& order, const sdk::RefundCreate& in) {
  std::vector<const Part*> paid;
  for (const Part& capture : order.captures) {
    if (isPaid(capture)) paid.push_back(&capture);
  }
  if (paid.empty()) {
    return sdk::Error::declined(sdk::Category::InvalidState,
                                "nothing of this payment was captured that could be refunded");
  }
  if (paid.size() == 1) return paid.front()->id;
  for (const Part& refund : order.refunds) {
    if (refund.upId.empty()) {
      return sdk::Error::invalidRequest(
          "payment_provider_id",
          "this payment was captured in parts and PayPal does not say which part was refunded "
          "already: refund it at PayPal");
    }
  }
  std::vector<const Part*> fitting;
  std::int64_t most = 0;
  for (const Part* capture : paid) {
    const std::int64_t left = leftOf(*capture, order);
    most = std::max(most, left);
    if (left > 0 && left >= in.amount.value_or(1)) fitting.push_back(capture);
  }
  if (fitting.empty() || (!in.amount && fitting.size() > 1)) {
    return sdk::Error::invalidRequest(
        "amount", "this payment was captured in " + std::to_string(paid.size()) +
                      " parts, which PayPal refunds one by one: refund at most " +
                      std::to_string(most) + " at once");
  }
  return fitting.front()->id;
}

sdk::Result<std::string> refundBody(const sdk::RefundCreate& in) {
  json::Writer out;
  out.beginObject();
  if (in.amount) {
    const auto amount = toPaypal(*in.amount, in.currency);
    if (!amount) return amount.error();
    writeMoney(out, "amount", *amount, in.currency);
  }
  if (!in.operationId.empty()) out.member("custom_id", in.operationId);
  if (in.reason && !in.reason->empty()) out.member("note_to_payer", *in.reason);
  out.endObject();
  return out.take();
}

}  // namespace

sdk::Result<sdk::Refund> refundOf(json::View object, std::string_view paymentId) {
  const sdk::Result<Part> part = partOf(object);
  if (!part) return sdk::Error::badResponse("PayPal's refund has no usable id or amount");
  sdk::Refund refund;
  refund.providerId = part->id;
  refund.amount = part->money.amount;
  refund.currency = part->money.currency;
  refund.status = sdk::mapStatus(kStatuses, part->status);
  if (!paymentId.empty()) refund.paymentProviderId = std::string(paymentId);
  if (!refund.paymentProviderId) {
    refund.paymentProviderId = textOf(object["supplementary_data"]["related_ids"]["order_id"]);
  }
  refund.reason = textOf(object["note_to_payer"]);
  if (refund.status == RefundStatus::Failed) {
    refund.failureReason = textOf(object["status_details"]["reason"]);
  }
  refund.createdUnixS = part->createdUnixS;
  return refund;
}

namespace {

sdk::Refund refundOf(const Part& part, const std::string& paymentId) {
  sdk::Refund refund;
  refund.providerId = part.id;
  refund.paymentProviderId = paymentId;
  refund.amount = part.money.amount;
  refund.currency = part.money.currency;
  refund.status = sdk::mapStatus(kStatuses, part.status);
  refund.createdUnixS = part.createdUnixS;
  return refund;
}

}  // namespace

sdk::Step startRefundCreate(RefundCreating& state, const sdk::RefundCreate& in) {
  state.input = in;
  if (auto bad = tooLong("reason", in.reason.value_or(""), 255)) return std::move(*bad);
  if (const auto body = refundBody(in); !body) return body.error();
  return getOrder(in.paymentProviderId, "payment_provider_id");
}

sdk::Step nextRefundCreate(RefundCreating& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  const sdk::RefundCreate& in = state.input;
  if (!state.looked) {
    state.looked = true;
    const sdk::Result<Order> order = readOrder(response, call, in.paymentProviderId);
    if (!order) return order.error();
    if (order->payment.currency != in.currency) {
      return sdk::Error::invalidRequest("currency", "the payment is in " + order->payment.currency);
    }
    if (const Part* done = marked(*order, in.operationId)) {
      return sdk::done(refundOf(*done, in.paymentProviderId));
    }
    const auto capture = chooseCapture(*order, in);
    if (!capture) return capture.error();
    auto path = objectPath("/v2/payments/captures", *capture, "payment_provider_id", "/refund");
    if (!path) return std::move(path).error();
    auto body = refundBody(in);
    if (!body) return std::move(body).error();
    return post(std::move(*path), std::move(*body), call.idempotencyKey, "captures.refund");
  }
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  const sdk::Result<sdk::Refund> refund = refundOf(document.root(), in.paymentProviderId);
  if (refund && (refund->currency != in.currency || (in.amount && refund->amount != *in.amount))) {
    return sdk::Error::badResponse("PayPal answered with another refund");
  }
  return refund;
}

sdk::Result<sdk::HttpRequest> askRefundCreate(const sdk::RefundCreate& in) {
  return getOrder(in.paymentProviderId, "payment_provider_id");
}

sdk::Step judgeRefundCreate(const sdk::HttpResponse& response, const sdk::RefundCreate& in,
                            const sdk::Call& call) {
  const sdk::Result<Order> order = readOrder(response, call, in.paymentProviderId);
  if (!order) return order.error();
  if (const Part* done = marked(*order, in.operationId)) {
    return sdk::done(refundOf(*done, in.paymentProviderId));
  }
  return sdk::Error::neverHappened("PayPal has no refund of this operation");
}

sdk::Result<sdk::HttpRequest> buildRefundGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v2/payments/refunds", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "refunds.get");
}

sdk::Result<sdk::Refund> parseRefundGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  sdk::Result<sdk::Refund> refund = refundOf(document.root(), {});
  if (refund && refund->providerId != in.providerId) {
    return sdk::Error::badResponse("PayPal answered with another refund");
  }
  return refund;
}

sdk::Result<sdk::HttpRequest> buildRefundsList(const sdk::ListQuery& in) {
  return getOrder(*in.paymentProviderId, "payment_provider_id");
}

sdk::Result<sdk::Page<sdk::Refund>> parseRefundsList(const sdk::HttpResponse& response,
                                                     const sdk::ListQuery& in,
                                                     const sdk::Call& call) {
  const sdk::Result<Order> order = readOrder(response, call, *in.paymentProviderId);
  if (!order) return order.error();
  std::vector<Part> refunds = order->refunds;
  // The newest first, as in all lists.
  std::reverse(refunds.begin(), refunds.end());
  auto from = refunds.begin();
  if (in.startingAfter) {
    from = std::find_if(refunds.begin(), refunds.end(),
                        [&](const Part& part) { return part.id == *in.startingAfter; });
    if (from == refunds.end()) {
      return sdk::Error::invalidRequest("starting_after",
                                        "'starting_after' must be a next_cursor of this list");
    }
    ++from;
  }
  sdk::Page<sdk::Refund> page;
  for (; from != refunds.end(); ++from) {
    const bool inTime = from->createdUnixS >= in.createdGte.value_or(0) &&
                        (!in.createdLt || from->createdUnixS < *in.createdLt);
    if (!inTime) continue;
    if (page.data.size() == static_cast<std::size_t>(in.limit)) {
      page.hasMore = true;
      page.nextCursor = page.data.back().providerId;
      break;
    }
    page.data.push_back(refundOf(*from, *in.paymentProviderId));
  }
  return page;
}

}  // namespace paypal
