// payment_links.create and .get: an order whose page for the payer is the link. Once the payer has
// approved, payments.confirm with the link's id takes the money.
#include <utility>

#include "operations.hpp"

namespace paypal {

namespace {

using sdk::PaymentLinkStatus;

std::optional<sdk::Error> check(const sdk::PaymentLinkCreate& in) {
  using sdk::Error;
  if (in.acceptPartial.value_or(false)) {
    return Error::notSupported("accept_partial", "PayPal takes the whole amount only");
  }
  if (in.notifySms.value_or(false)) {
    return Error::notSupported("notify_sms", "PayPal does not send the link: send url yourself");
  }
  if (in.notifyEmail.value_or(false)) {
    return Error::notSupported("notify_email", "PayPal does not send the link: send url yourself");
  }
  if (in.expiresUnixS) {
    return Error::notSupported("expires_unix_s",
                               "PayPal ends a link by itself, at a time of its own");
  }
  if (auto bad = tooLong("description", in.description.value_or(""), 127)) return bad;
  return tooLong("reference", in.reference.value_or(""), 127);
}

PaymentLinkStatus statusOf(const Order& order) {
  switch (order.payment.status) {
    case sdk::PaymentStatus::Succeeded:
      return PaymentLinkStatus::Paid;
    case sdk::PaymentStatus::Canceled:
      return PaymentLinkStatus::Canceled;
    case sdk::PaymentStatus::RequiresPaymentMethod:
    case sdk::PaymentStatus::RequiresAction:
      return PaymentLinkStatus::Active;
    case sdk::PaymentStatus::Processing:
    case sdk::PaymentStatus::RequiresConfirmation:
    case sdk::PaymentStatus::RequiresCapture:
      return PaymentLinkStatus::Processing;
    default:
      return PaymentLinkStatus::Unknown;
  }
}

sdk::Result<sdk::PaymentLink> readLink(const sdk::HttpResponse& response, const sdk::Call& call,
                                       std::string_view id) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  const sdk::Result<Order> order = orderOf(document.root(), call.live);
  if (!order) return order.error();
  const sdk::Payment& payment = order->payment;
  if (!id.empty() && payment.providerId != id) {
    return sdk::Error::badResponse("PayPal answered with another order");
  }
  sdk::PaymentLink link;
  link.providerId = payment.providerId;
  link.status = statusOf(*order);
  link.url = linkOf(document.root(), {"payer-action", "approve"}).value_or("");
  if (link.url.empty() && link.status == PaymentLinkStatus::Active) {
    return sdk::Error::badResponse("PayPal's order has no page for the payer");
  }
  link.amount = payment.amount;
  link.currency = payment.currency;
  link.amountPaid = payment.amountCaptured;
  link.description = payment.description;
  link.reference = payment.reference;
  // The order is the payment too, from the approval on.
  if (link.status == PaymentLinkStatus::Paid || link.status == PaymentLinkStatus::Processing) {
    link.paymentProviderId = payment.providerId;
  }
  link.livemode = call.live;
  link.createdUnixS = payment.createdUnixS;
  return link;
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildLinkCreate(const sdk::PaymentLinkCreate& in,
                                              const sdk::Call& call) {
  if (auto bad = check(in)) return std::move(*bad);
  OrderFields fields;
  fields.amount = in.amount;
  fields.currency = in.currency;
  fields.operationId = in.operationId;
  fields.reference = in.reference.value_or("");
  fields.description = in.description;
  fields.returnUrl = in.returnUrl;
  fields.email = in.customerEmail;
  auto body = orderBody(fields);
  if (!body) return std::move(body).error();
  return createOrder(std::move(*body), call);
}

sdk::Result<sdk::PaymentLink> parseLinkCreate(const sdk::HttpResponse& response,
                                              const sdk::PaymentLinkCreate& in,
                                              const sdk::Call& call) {
  sdk::Result<sdk::PaymentLink> link = readLink(response, call, {});
  if (link && (link->amount != in.amount || link->currency != in.currency)) {
    return sdk::Error::badResponse("PayPal answered with another amount or currency");
  }
  return link;
}

sdk::Result<sdk::HttpRequest> buildLinkGet(const sdk::ProviderRef& in) {
  return getOrder(in.providerId);
}

sdk::Result<sdk::PaymentLink> parseLinkGet(const sdk::HttpResponse& response,
                                           const sdk::ProviderRef& in, const sdk::Call& call) {
  return readLink(response, call, in.providerId);
}

// An order that nobody was sent to can't be paid, and no list shows it.
sdk::Step startLinkLookup(PaymentLookup& lookup, const sdk::PaymentLinkCreate& in,
                          const sdk::Call& call) {
  sdk::PaymentCreate same;
  same.operationId = in.operationId;
  same.operationCreatedUnixS = in.operationCreatedUnixS;
  return startPaymentLookup(lookup, same, call);
}

sdk::Step nextLinkLookup(PaymentLookup& lookup, const sdk::HttpResponse& response,
                         const sdk::Call& call) {
  if (lookup.foundId.empty()) return nextPaymentLookup(lookup, response, call);
  return readLink(response, call, lookup.foundId);
}

}  // namespace paypal
