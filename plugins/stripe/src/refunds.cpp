// refunds.create, refunds.get, refunds.list: /v1/refunds.
#include <algorithm>
#include <array>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"
#include "status.hpp"

namespace stripe {

namespace {

constexpr std::array<std::string_view, 3> kReasons = {"duplicate", "fraudulent",
                                                      "requested_by_customer"};

sdk::Error notUnderstood(std::string_view what) {
  return sdk::Error::badResponse("Stripe's refund has no usable " + std::string(what));
}

sdk::Result<sdk::Refund> readRefund(const sdk::HttpResponse& response) {
  json::Document document;
  if (auto problem = readAnswer(response, "refund", document)) return std::move(*problem);
  return refundOf(document.root());
}

sdk::Step foundRefund(json::View object, const Lookup&) {
  return refundOf(object);
}

}  // namespace

sdk::Result<sdk::Refund> refundOf(json::View object) {
  sdk::Refund refund;
  if (object["object"].stringOr("") != "refund") return notUnderstood("type");
  refund.providerId = std::string(object["id"].stringOr(""));
  if (refund.providerId.empty()) return notUnderstood("id");
  refund.currency = money::upper(object["currency"].stringOr(""));
  if (!money::findCurrency(refund.currency)) return notUnderstood("currency");
  const auto amount = object["amount"].int64();
  const auto converted =
      amount ? fromStripe(*amount, refund.currency) : std::optional<std::int64_t>();
  if (!converted || *converted < 0) return notUnderstood("amount");
  refund.amount = *converted;
  refund.paymentProviderId = idOf(object["payment_intent"]);
  refund.status = refundStatus(object["status"].stringOr(""));
  refund.reason = textOf(object["metadata"][kReasonKey]);
  if (!refund.reason) refund.reason = textOf(object["reason"]);
  refund.failureReason = textOf(object["failure_reason"]);
  refund.metadata = clientMetadata(object);
  refund.createdUnixS = std::max<std::int64_t>(0, object["created"].int64Or(0));
  return refund;
}

sdk::Result<sdk::HttpRequest> buildRefundCreate(const sdk::RefundCreate& in,
                                                const sdk::Call& call) {
  // The id goes into the form, yet the same rule holds: it must be one of Stripe's.
  if (auto path = objectPath("payment_intents", in.paymentProviderId, "payment_provider_id"); !path)
    return std::move(path).error();
  sdk::FormEncoder form;
  form.add("payment_intent", in.paymentProviderId);
  if (in.amount) {
    const auto amount = toStripe(*in.amount, in.currency);
    if (!amount) return amount.error();
    form.add("amount", *amount);
  }
  if (in.connection == "connect") {
    // Both sides give back their share; without these the platform would pay for the whole.
    form.add("reverse_transfer", true);
    if (in.platformFee.value_or(0) > 0) form.add("refund_application_fee", true);
  }
  // Stripe knows three reasons; any other is kept in the metadata.
  const std::string_view reason = in.reason ? std::string_view(*in.reason) : std::string_view();
  const bool known = std::find(kReasons.begin(), kReasons.end(), reason) != kReasons.end();
  if (known) form.add("reason", reason);
  if (auto problem = addMetadata(
          form, in.metadata,
          {{kOperationKey, in.operationId}, {kReasonKey, known ? std::string_view() : reason}})) {
    return std::move(*problem);
  }
  return post("/v1/refunds", std::move(form), call, "refunds.create");
}

sdk::Result<sdk::Refund> parseRefundCreate(const sdk::HttpResponse& response,
                                           const sdk::RefundCreate& in) {
  sdk::Result<sdk::Refund> refund = readRefund(response);
  if (!refund) return refund;
  if ((in.amount && refund->amount != *in.amount) || refund->currency != in.currency ||
      refund->paymentProviderId.value_or(in.paymentProviderId) != in.paymentProviderId) {
    return sdk::Error::badResponse("Stripe answered with another refund");
  }
  return refund;
}

sdk::Step startRefundLookup(Lookup& lookup, const sdk::RefundCreate& in) {
  lookup.path = "/v1/refunds";
  lookup.label = "refunds.list";
  lookup.operationId = in.operationId;
  lookup.found = foundRefund;
  sdk::FormEncoder filter;
  filter.add("payment_intent", in.paymentProviderId);
  return startLookup(lookup, std::move(filter), in.operationCreatedUnixS);
}

sdk::Result<sdk::HttpRequest> buildRefundGet(const sdk::ProviderRef& in) {
  auto path = objectPath("refunds", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "refunds.retrieve");
}

sdk::Result<sdk::Refund> parseRefundGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in) {
  sdk::Result<sdk::Refund> refund = readRefund(response);
  if (refund && refund->providerId != in.providerId) {
    return sdk::Error::badResponse("Stripe answered with another refund");
  }
  return refund;
}

sdk::HttpRequest buildRefundsList(const sdk::ListQuery& in) {
  sdk::FormEncoder query = listQuery(in);
  query.add("payment_intent", in.paymentProviderId);
  return get("/v1/refunds", query.take(), "refunds.list");
}

sdk::Result<sdk::Page<sdk::Refund>> parseRefundsList(const sdk::HttpResponse& response) {
  return readPage(response, refundOf);
}

}  // namespace stripe
