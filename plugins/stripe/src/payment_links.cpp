// payment_links.get, .list, .cancel: /v1/payment_links and, for those that expire,
// /v1/checkout/sessions. The prefix of the id tells which.
#include <utility>

#include "listing.hpp"
#include "operations.hpp"
#include "payment_link.hpp"

namespace stripe {

namespace {

constexpr TwoLists kLists{kSessionPrefix};

// Sessions that stand for themselves: not the visits of a payment link, no set-ups, no
// subscriptions.
bool isLink(json::View session) {
  return session["mode"].stringOr("") == "payment" && session["payment_link"].isNothing();
}

// A session that was made to expire is one that was canceled.
sdk::Result<sdk::PaymentLink> canceled(sdk::Result<sdk::PaymentLink> link) {
  if (link && link->status == sdk::PaymentLinkStatus::Expired) {
    link->status = sdk::PaymentLinkStatus::Canceled;
  }
  return link;
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildPaymentLinkGet(const sdk::ProviderRef& in) {
  const bool session = isSession(in.providerId);
  auto path =
      objectPath(session ? "checkout/sessions" : "payment_links", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  if (session) return get(std::move(*path), {}, "checkout.sessions.retrieve");
  sdk::FormEncoder query;
  query.addNested({"expand", "0"}, "line_items");
  return get(std::move(*path), query.take(), "payment_links.retrieve");
}

sdk::Result<sdk::PaymentLink> parsePaymentLinkGet(const sdk::HttpResponse& response,
                                                  const sdk::ProviderRef& in) {
  return readPaymentLink(response, isSession(in.providerId), in.providerId);
}

sdk::Result<sdk::HttpRequest> buildPaymentLinksList(const sdk::ListQuery& in) {
  if (kLists.inSecond(in)) {
    return get("/v1/checkout/sessions", listQuery(kLists.second(in)).take(),
               "checkout.sessions.list");
  }
  if (in.createdGte || in.createdLt) {
    return sdk::Error::notSupported(in.createdGte ? "created_gte" : "created_lt",
                                    "Stripe does not tell when a payment link was made");
  }
  sdk::FormEncoder query = listQuery(in);
  query.addNested({"expand", "0"}, "data.line_items");
  return get("/v1/payment_links", query.take(), "payment_links.list");
}

sdk::Result<sdk::Page<sdk::PaymentLink>> parsePaymentLinksList(const sdk::HttpResponse& response,
                                                               const sdk::ListQuery& in) {
  const bool second = kLists.inSecond(in);
  auto page = readPage(response, paymentLinkOf, second ? isLink : nullptr);
  if (page && !second) kLists.goOn(*page);
  return page;
}

sdk::Result<sdk::HttpRequest> buildPaymentLinkCancel(const sdk::PaymentLinkCancel& in,
                                                     const sdk::Call& call) {
  if (isSession(in.providerId)) {
    auto path = objectPath("checkout/sessions", in.providerId, "provider_id", "/expire");
    if (!path) return std::move(path).error();
    return post(std::move(*path), {}, call, "checkout.sessions.expire");
  }
  auto path = objectPath("payment_links", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  form.add("active", false);
  form.addNested({"expand", "0"}, "line_items");
  return post(std::move(*path), std::move(form), call, "payment_links.update");
}

sdk::Result<sdk::PaymentLink> parsePaymentLinkCancel(const sdk::HttpResponse& response,
                                                     const sdk::PaymentLinkCancel& in) {
  auto link = canceled(readPaymentLink(response, isSession(in.providerId), in.providerId));
  if (link && link->status == sdk::PaymentLinkStatus::Active) {
    return sdk::Error::badResponse("Stripe does not say that the link is canceled");
  }
  return link;
}

sdk::Result<sdk::HttpRequest> askPaymentLinkCancel(const sdk::PaymentLinkCancel& in) {
  return buildPaymentLinkGet({in.providerId});
}

sdk::Result<sdk::PaymentLink> judgePaymentLinkCancel(const sdk::HttpResponse& response,
                                                     const sdk::PaymentLinkCancel& in) {
  auto link = canceled(readPaymentLink(response, isSession(in.providerId), in.providerId));
  if (!link || link->status == sdk::PaymentLinkStatus::Canceled) return link;
  if (link->status == sdk::PaymentLinkStatus::Active) {
    return sdk::Error::neverHappened("the link was not canceled");
  }
  return sdk::Error::declined(sdk::Category::InvalidState, "the link is paid or being paid")
      .withResource(sdk::toJson(*link))
      .proven();
}

}  // namespace stripe
