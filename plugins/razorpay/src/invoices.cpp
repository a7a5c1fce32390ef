// invoices.get, invoices.list: /v1/invoices.
#include <utility>

#include "operations.hpp"
#include "status.hpp"

namespace razorpay {

sdk::Result<sdk::Invoice> invoiceOf(json::View object, const Context& context) {
  sdk::Invoice invoice;
  if (auto problem = readCommon(object, "invoice", context, invoice)) return std::move(*problem);
  const auto word = object["status"].string();
  if (!word) return unusable("invoice", "status");
  invoice.status = sdk::mapStatus(kInvoiceWords, *word);
  auto currency = currencyOf(object["currency"]);
  if (!currency) return unusable("invoice", "currency");
  invoice.currency = std::move(*currency);
  const auto amount = fromRazorpay(object["amount"]);
  // A draft without lines has no amount yet.
  const bool empty = object["amount"].isNothing() && invoice.status == sdk::InvoiceStatus::Draft;
  if (!amount && !empty) return unusable("invoice", "amount");
  invoice.amount = amount.value_or(0);
  invoice.amountPaid = fromRazorpay(object["amount_paid"]);
  invoice.amountDue = fromRazorpay(object["amount_due"]);
  invoice.number = textOf(object["invoice_number"]);
  if (!invoice.number) invoice.number = textOf(object["receipt"]);
  invoice.customerProviderId = textOf(object["customer_id"]);
  invoice.subscriptionProviderId = textOf(object["subscription_id"]);
  // A unified payment is an order.
  invoice.paymentProviderId = textOf(object["order_id"]);
  if (!invoice.paymentProviderId) invoice.paymentProviderId = textOf(object["payment_id"]);
  invoice.description = textOf(object["description"]);
  invoice.hostedUrl = textOf(object["short_url"]);
  invoice.dueUnixS = secondsOf(object["expire_by"]);
  invoice.paidUnixS = secondsOf(object["paid_at"]);
  return invoice;
}

sdk::Result<sdk::HttpRequest> buildInvoiceGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  auto path = objectPath("/v1/invoices/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "invoices.fetch");
}

sdk::Result<sdk::Invoice> parseInvoiceGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call) {
  return readOne<sdk::Invoice>(response, call, invoiceOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildInvoicesList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto query = listQuery(in);
  if (!query) return std::move(query).error();
  query->add("customer_id", in.customerProviderId);
  query->add("subscription_id", in.subscriptionProviderId);
  return get("/v1/invoices", query->take(), call, "invoices.all");
}

sdk::Result<sdk::Page<sdk::Invoice>> parseInvoicesList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call) {
  return readPage<sdk::Invoice>(
      response, in, [&](json::View object) { return invoiceOf(object, contextOf(call)); });
}

}  // namespace razorpay
