// payment_links.create: POST /v1/payment_links, or /v1/checkout/sessions for a link that expires.
#include <utility>

#include "amounts.hpp"
#include "operations.hpp"
#include "payment_link.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

std::optional<sdk::Error> refuse(const sdk::PaymentLinkCreate& in) {
  if (in.acceptPartial.value_or(false)) {
    return sdk::Error::notSupported("accept_partial", "a link of Stripe's is paid in one go");
  }
  for (const auto& [wanted, field] :
       {std::pair{in.notifySms, "notify_sms"}, std::pair{in.notifyEmail, "notify_email"}}) {
    if (wanted.value_or(false)) {
      return sdk::Error::notSupported(field, "Stripe does not send links: send the url yourself");
    }
  }
  return std::nullopt;
}

// What both kinds have: one item, and what the payment is to carry.
std::optional<sdk::Error> addCommon(sdk::FormEncoder& form, const sdk::PaymentLinkCreate& in) {
  const auto amount = toStripe(in.amount, in.currency);
  if (!amount) return amount.error();
  const std::string name =
      in.description && !in.description->empty() ? *in.description : std::string("Payment");
  form.addNested({"line_items", "0", "price_data", "currency"}, money::lower(in.currency));
  form.addNested({"line_items", "0", "price_data", "unit_amount"}, *amount);
  form.addNested({"line_items", "0", "price_data", "product_data", "name"}, name);
  form.addNested({"line_items", "0", "quantity"}, 1);
  form.addNested({"payment_intent_data", "description"}, in.description);
  // The payment that comes of it shows the client's reference; our operation is the link's alone.
  form.addNested({"payment_intent_data", "metadata", kReferenceKey},
                 in.reference.value_or(in.operationId));
  return addMetadata(form, in.metadata,
                     {{kOperationKey, in.operationId},
                      {kReferenceKey, in.reference.value_or("")},
                      {"unigate_description", in.description.value_or("")},
                      {"unigate_customer_email", in.customerEmail.value_or("")},
                      {"unigate_customer_name", in.customerName.value_or("")},
                      {"unigate_customer_phone", in.customerPhone.value_or("")}});
}

void addLink(sdk::FormEncoder& form, const sdk::PaymentLinkCreate& in) {
  // A request for this amount, hence paid once.
  form.addNested({"restrictions", "completed_sessions", "limit"}, 1);
  if (in.returnUrl) {
    form.addNested({"after_completion", "type"}, "redirect");
    form.addNested({"after_completion", "redirect", "url"}, *in.returnUrl);
  }
  form.addNested({"expand", "0"}, "line_items");
}

void addSession(sdk::FormEncoder& form, const sdk::PaymentLinkCreate& in) {
  form.add("mode", "payment").add("expires_at", *in.expiresUnixS);
  form.add("success_url", in.returnUrl).add("customer_email", in.customerEmail);
  form.add("client_reference_id", in.reference);
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildPaymentLinkCreate(const sdk::PaymentLinkCreate& in,
                                                     const sdk::Call& call) {
  if (auto problem = refuse(in)) return std::move(*problem);
  sdk::FormEncoder form;
  if (auto problem = addCommon(form, in)) return std::move(*problem);
  if (in.expiresUnixS) {
    addSession(form, in);
    return post("/v1/checkout/sessions", std::move(form), call, "checkout.sessions.create");
  }
  addLink(form, in);
  return post("/v1/payment_links", std::move(form), call, "payment_links.create");
}

sdk::Result<sdk::PaymentLink> parsePaymentLinkCreate(const sdk::HttpResponse& response,
                                                     const sdk::PaymentLinkCreate& in) {
  sdk::Result<sdk::PaymentLink> link = readPaymentLink(response, in.expiresUnixS.has_value(), {});
  if (!link) return link;
  if (link->url.empty()) return unusable(kSessionObject, "url");
  if (link->amount.value_or(in.amount) != in.amount ||
      link->currency.value_or(in.currency) != in.currency) {
    return sdk::Error::badResponse("Stripe answered with another amount or currency");
  }
  return link;
}

sdk::Step startPaymentLinkLookup(Lookup& lookup, const sdk::PaymentLinkCreate& in) {
  if (in.expiresUnixS) {
    lookIn(lookup, "/v1/checkout/sessions", "checkout.sessions.list", in.operationId,
           foundAs<paymentLinkOf>);
    return startLookup(lookup, {}, in.operationCreatedUnixS);
  }
  lookIn(lookup, "/v1/payment_links", "payment_links.list", in.operationId, foundAs<paymentLinkOf>);
  sdk::FormEncoder filter;
  filter.addNested({"expand", "0"}, "data.line_items");
  return startLookup(lookup, std::move(filter), std::nullopt);  // the list knows no time
}

}  // namespace stripe
