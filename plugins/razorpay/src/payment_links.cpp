// payment_links.create, .get, .list, .cancel: /v1/payment_links. Our operation is the reference_id,
// which Razorpay takes only once and can filter by.
#include <utility>

#include "operations.hpp"
#include "status.hpp"

namespace razorpay {

namespace {

void addCustomer(json::Writer& body, const sdk::PaymentLinkCreate& in) {
  if (!in.customerName && !in.customerEmail && !in.customerPhone) return;
  body.key("customer").beginObject();
  if (in.customerName) body.member("name", *in.customerName);
  if (in.customerEmail) body.member("email", *in.customerEmail);
  if (in.customerPhone) body.member("contact", *in.customerPhone);
  body.endObject();
}

void addNotify(json::Writer& body, const sdk::PaymentLinkCreate& in) {
  if (!in.notifySms && !in.notifyEmail) return;
  body.key("notify").beginObject();
  if (in.notifySms) body.member("sms", *in.notifySms);
  if (in.notifyEmail) body.member("email", *in.notifyEmail);
  body.endObject();
}

}  // namespace

sdk::Result<sdk::PaymentLink> linkOf(json::View object, const Context& context) {
  sdk::PaymentLink link;
  // Payment links are the only objects without the member `entity`.
  if (auto problem = readCommon(object, {}, context, link)) return std::move(*problem);
  const auto word = object["status"].string();
  const auto url = textOf(object["short_url"]);
  if (!word || !url) return unusable("payment link", word ? "short_url" : "status");
  link.status = sdk::mapStatus(kLinkWords, *word);
  link.url = *url;
  auto currency = currencyOf(object["currency"]);
  const auto amount = fromRazorpay(object["amount"]);
  if (!currency || !amount) return unusable("payment link", "amount or currency");
  link.amount = *amount;
  link.currency = std::move(*currency);
  link.amountPaid = fromRazorpay(object["amount_paid"]);
  link.description = textOf(object["description"]);
  link.reference = textOf(object["notes"][kReferenceKey]);
  if (!link.reference) link.reference = textOf(object["reference_id"]);
  link.customerName = textOf(object["customer"]["name"]);
  link.customerEmail = textOf(object["customer"]["email"]);
  link.customerPhone = textOf(object["customer"]["contact"]);
  link.acceptPartial = object["accept_partial"].boolean();
  link.expiresUnixS = secondsOf(object["expire_by"]);
  link.paymentProviderId = textOf(object["order_id"]);
  const json::View first = object["payments"][std::size_t{0}];
  if (!link.paymentProviderId) link.paymentProviderId = textOf(first["payment_id"]);
  return link;
}

sdk::Result<sdk::HttpRequest> buildLinkCreate(const sdk::PaymentLinkCreate& in,
                                              const sdk::Call& call) {
  const auto amount = toRazorpay(in.amount, in.currency);
  if (!amount) return amount.error();
  if (auto problem = checkOperationId(in.operationId)) return std::move(*problem);
  json::Writer body;
  body.beginObject().member("amount", *amount).member("currency", in.currency);
  if (in.acceptPartial) body.member("accept_partial", *in.acceptPartial);
  if (in.description) body.member("description", *in.description);
  addCustomer(body, in);
  addNotify(body, in);
  if (!in.operationId.empty()) body.member("reference_id", in.operationId);
  if (in.expiresUnixS) body.member("expire_by", *in.expiresUnixS);
  if (in.returnUrl) body.member("callback_url", *in.returnUrl).member("callback_method", "get");
  const std::string_view reference = in.reference ? std::string_view(*in.reference) : "";
  if (auto problem = addNotes(
          body, in.metadata,
          {{kOperationKey, in.operationId},
           {kReferenceKey, reference == in.operationId ? std::string_view() : reference}})) {
    return std::move(*problem);
  }
  body.endObject();
  return post("/v1/payment_links", body.take(), call, "payment_links.create");
}

sdk::Result<sdk::PaymentLink> parseLinkCreate(const sdk::HttpResponse& response,
                                              const sdk::PaymentLinkCreate& in,
                                              const sdk::Call& call) {
  sdk::Result<sdk::PaymentLink> link = readOne<sdk::PaymentLink>(response, call, linkOf);
  if (link && (link->amount != in.amount || link->currency != in.currency)) {
    return sdk::Error::badResponse("Razorpay answered with another amount or currency");
  }
  // An earlier attempt took the reference_id; the look-up by it tells which link it made.
  if (!link && link.error().category == sdk::Category::Duplicate) {
    link.error().outcome = sdk::Outcome::Unknown;
  }
  return link;
}

sdk::Step startLinkLookup(Lookup& lookup, const sdk::PaymentLinkCreate& in, const sdk::Call& call) {
  lookup.path = "/v1/payment_links";
  lookup.label = "payment_links.all";
  lookup.operationId = in.operationId;
  lookup.hasRange = false;
  if (!in.operationId.empty()) lookup.filter.add("reference_id", in.operationId);
  lookup.found = foundAs<linkOf>;
  return startLookup(lookup, call);
}

sdk::Result<sdk::HttpRequest> buildLinkGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  auto path = objectPath("/v1/payment_links/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "payment_links.fetch");
}

sdk::Result<sdk::PaymentLink> parseLinkGet(const sdk::HttpResponse& response,
                                           const sdk::ProviderRef& in, const sdk::Call& call) {
  return readOne<sdk::PaymentLink>(response, call, linkOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildLinksList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto query = listQuery(in, false);
  if (!query) return std::move(query).error();
  return get("/v1/payment_links", query->take(), call, "payment_links.all");
}

sdk::Result<sdk::Page<sdk::PaymentLink>> parseLinksList(const sdk::HttpResponse& response,
                                                        const sdk::ListQuery& in,
                                                        const sdk::Call& call) {
  return readPage<sdk::PaymentLink>(
      response, in, [&](json::View object) { return linkOf(object, contextOf(call)); },
      inRange<sdk::PaymentLink>(in));
}

sdk::Result<sdk::HttpRequest> buildLinkCancel(const sdk::PaymentLinkCancel& in,
                                              const sdk::Call& call) {
  auto path = objectPath("/v1/payment_links/", in.providerId, "provider_id", "/cancel");
  if (!path) return std::move(path).error();
  return post(std::move(*path), {}, call, "payment_links.cancel");
}

sdk::Result<sdk::PaymentLink> parseLinkCancel(const sdk::HttpResponse& response,
                                              const sdk::PaymentLinkCancel& in,
                                              const sdk::Call& call) {
  auto link = readOne<sdk::PaymentLink>(response, call, linkOf, in.providerId);
  if (link && link->status != sdk::PaymentLinkStatus::Canceled) {
    return sdk::Error::badResponse("Razorpay does not say that the link is cancelled");
  }
  return link;
}

sdk::Result<sdk::HttpRequest> askLinkCancel(const sdk::PaymentLinkCancel& in,
                                            const sdk::Call& call) {
  return buildLinkGet({in.providerId}, call);
}

sdk::Result<sdk::PaymentLink> judgeLinkCancel(const sdk::HttpResponse& response,
                                              const sdk::PaymentLinkCancel& in,
                                              const sdk::Call& call) {
  auto link = readOne<sdk::PaymentLink>(response, call, linkOf, in.providerId);
  if (!link || link->status == sdk::PaymentLinkStatus::Canceled) return link;
  return sdk::Error::neverHappened("the link was not cancelled");
}

}  // namespace razorpay
