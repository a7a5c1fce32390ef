// invoices.get, .list: /v1/invoices. The payments are expanded, because they alone name the payment
// intent since 2025.
#include <array>
#include <utility>

#include "listing.hpp"
#include "operations.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

using sdk::InvoiceStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<InvoiceStatus>{"draft", InvoiceStatus::Draft},
    sdk::StatusName<InvoiceStatus>{"open", InvoiceStatus::Open},
    sdk::StatusName<InvoiceStatus>{"paid", InvoiceStatus::Paid},
    sdk::StatusName<InvoiceStatus>{"uncollectible", InvoiceStatus::Uncollectible},
    sdk::StatusName<InvoiceStatus>{"void", InvoiceStatus::Void},
};

// Versions before 2025 name the payment intent and the subscription on the invoice itself.
void readLinks(json::View object, sdk::Invoice& invoice) {
  invoice.paymentProviderId = idOf(object["payment_intent"]);
  for (const json::View payment : object["payments"]["data"].items()) {
    if (!invoice.paymentProviderId || payment["is_default"].booleanOr(false)) {
      auto id = idOf(payment["payment"]["payment_intent"]);
      if (id) invoice.paymentProviderId = std::move(id);
    }
  }
  invoice.subscriptionProviderId = idOf(object["subscription"]);
  if (!invoice.subscriptionProviderId) {
    invoice.subscriptionProviderId = idOf(object["parent"]["subscription_details"]["subscription"]);
  }
}

}  // namespace

sdk::Result<sdk::Invoice> invoiceOf(json::View object) {
  sdk::Invoice invoice;
  if (auto problem = readCommon(object, "invoice", invoice)) return std::move(*problem);
  invoice.status = sdk::mapStatus(kStatuses, object["status"].stringOr(""));
  const auto currency = currencyOf(object["currency"]);
  if (!currency) return unusable("invoice", "currency");
  invoice.currency = *currency;
  const auto total = object["total"].int64();
  // An invoice may give money back, which the unified model calls a total of 0.
  const auto amount =
      total && *total < 0 ? std::optional<std::int64_t>(0) : amountOf(object["total"], *currency);
  if (!amount) return unusable("invoice", "total");
  invoice.amount = *amount;
  invoice.amountPaid = amountOf(object["amount_paid"], *currency);
  invoice.amountDue = amountOf(object["amount_remaining"], *currency);
  invoice.number = textOf(object["number"]);
  invoice.customerProviderId = idOf(object["customer"]);
  readLinks(object, invoice);
  invoice.description = textOf(object["description"]);
  invoice.hostedUrl = textOf(object["hosted_invoice_url"]);
  invoice.pdfUrl = textOf(object["invoice_pdf"]);
  invoice.dueUnixS = secondsOf(object["due_date"]);
  invoice.paidUnixS = secondsOf(object["status_transitions"]["paid_at"]);
  return invoice;
}

sdk::Result<sdk::HttpRequest> buildInvoiceGet(const sdk::ProviderRef& in) {
  auto path = objectPath("invoices", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  sdk::FormEncoder query;
  query.addNested({"expand", "0"}, "payments");
  return get(std::move(*path), query.take(), "invoices.retrieve");
}

sdk::Result<sdk::Invoice> parseInvoiceGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in) {
  return readOne(response, "invoice", invoiceOf, in.providerId);
}

sdk::HttpRequest buildInvoicesList(const sdk::ListQuery& in) {
  sdk::FormEncoder query = listQuery(in);
  query.add("customer", in.customerProviderId).add("subscription", in.subscriptionProviderId);
  query.addNested({"expand", "0"}, "data.payments");
  return get("/v1/invoices", query.take(), "invoices.list");
}

sdk::Result<sdk::Page<sdk::Invoice>> parseInvoicesList(const sdk::HttpResponse& response) {
  return readPage(response, invoiceOf);
}

}  // namespace stripe
