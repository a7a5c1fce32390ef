#include "payment_link.hpp"

#include <utility>

#include "reading.hpp"

namespace stripe {

namespace {

using sdk::PaymentLinkStatus;

// What the payer pays: the sum of the items, where the answer has all of them.
std::optional<sdk::Error> readItems(json::View items, sdk::PaymentLink& link) {
  if (!items["data"].isArray() || items["has_more"].booleanOr(true) || !link.currency) {
    return std::nullopt;
  }
  std::int64_t sum = 0;
  for (const json::View item : items["data"].items()) {
    const auto amount = amountOf(item["amount_total"], *link.currency);
    if (!amount || __builtin_add_overflow(sum, *amount, &sum)) {
      return unusable(kLinkObject, "amount_total");
    }
  }
  link.amount = sum;
  return std::nullopt;
}

// A link that may be paid once is paid when it was.
PaymentLinkStatus linkStatus(json::View object) {
  const json::View sessions = object["restrictions"]["completed_sessions"];
  const auto count = sessions["count"].int64();
  const auto limit = sessions["limit"].int64();
  if (count && limit && *limit > 0 && *count >= *limit) return PaymentLinkStatus::Paid;
  const auto active = object["active"].boolean();
  if (!active) return PaymentLinkStatus::Unknown;
  return *active ? PaymentLinkStatus::Active : PaymentLinkStatus::Canceled;
}

// A session is complete before money that comes later has come.
PaymentLinkStatus sessionStatus(json::View object) {
  const std::string_view status = object["status"].stringOr("");
  const std::string_view paid = object["payment_status"].stringOr("");
  if (status == "open") return PaymentLinkStatus::Active;
  if (status == "expired") return PaymentLinkStatus::Expired;
  if (status != "complete") return PaymentLinkStatus::Unknown;
  const bool done = paid == "paid" || paid == "no_payment_required";
  return done ? PaymentLinkStatus::Paid : PaymentLinkStatus::Processing;
}

std::optional<sdk::Error> readSession(json::View object, sdk::PaymentLink& link) {
  link.status = sessionStatus(object);
  if (link.currency && !object["amount_total"].isNothing()) {
    link.amount = amountOf(object["amount_total"], *link.currency);
    if (!link.amount) return unusable(kSessionObject, "amount_total");
  }
  if (object["payment_status"].stringOr("") == "paid") link.amountPaid = link.amount;
  link.expiresUnixS = secondsOf(object["expires_at"]);
  link.paymentProviderId = idOf(object["payment_intent"]);
  const json::View payer = object["customer_details"];
  link.customerName = wordOfField(payer["name"]);
  link.customerEmail = wordOfField(payer["email"]);
  link.customerPhone = wordOfField(payer["phone"]);
  if (!link.customerEmail) link.customerEmail = wordOfField(object["customer_email"]);
  return std::nullopt;
}

std::optional<sdk::Error> readLink(json::View object, sdk::PaymentLink& link) {
  link.status = linkStatus(object);
  if (auto problem = readItems(object["line_items"], link)) return problem;
  if (link.status == PaymentLinkStatus::Paid &&
      object["restrictions"]["completed_sessions"]["limit"].int64Or(0) == 1) {
    link.amountPaid = link.amount;
  }
  return std::nullopt;
}

}  // namespace

sdk::Result<sdk::PaymentLink> paymentLinkOf(json::View object) {
  sdk::PaymentLink link;
  const bool session = object["object"].stringOr("") == kSessionObject;
  const std::string_view kind = session ? kSessionObject : kLinkObject;
  if (auto problem = readCommon(object, kind, link)) return std::move(*problem);
  // A session that is over has no page any more.
  link.url = std::string(object["url"].stringOr(""));
  if (!session && link.url.empty()) return unusable(kind, "url");
  link.currency = currencyOf(object["currency"]);
  const json::View metadata = object["metadata"];
  if (auto problem = session ? readSession(object, link) : readLink(object, link)) {
    return std::move(*problem);
  }
  const auto fill = [&](std::optional<std::string>& field, std::string_view name) {
    if (!field) field = wordOfField(metadata[name]);
  };
  fill(link.customerName, "unigate_customer_name");
  fill(link.customerEmail, "unigate_customer_email");
  fill(link.customerPhone, "unigate_customer_phone");
  fill(link.description, "unigate_description");
  link.reference = referenceOf(object);
  return link;
}

sdk::Result<sdk::PaymentLink> readPaymentLink(const sdk::HttpResponse& response, bool session,
                                              std::string_view providerId) {
  return readOne(response, session ? kSessionObject : kLinkObject, paymentLinkOf, providerId);
}

}  // namespace stripe
