// invoices.get and .list: /v2/invoicing/invoices. A list by time is a search at PayPal.
#include <algorithm>
#include <array>
#include <utility>

#include "amounts.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

using sdk::InvoiceStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<InvoiceStatus>{"DRAFT", InvoiceStatus::Draft},
    sdk::StatusName<InvoiceStatus>{"SCHEDULED", InvoiceStatus::Scheduled},
    sdk::StatusName<InvoiceStatus>{"SENT", InvoiceStatus::Open},
    sdk::StatusName<InvoiceStatus>{"UNPAID", InvoiceStatus::Open},
    sdk::StatusName<InvoiceStatus>{"PAYMENT_PENDING", InvoiceStatus::Processing},
    sdk::StatusName<InvoiceStatus>{"PARTIALLY_PAID", InvoiceStatus::PartiallyPaid},
    sdk::StatusName<InvoiceStatus>{"PAID", InvoiceStatus::Paid},
    sdk::StatusName<InvoiceStatus>{"MARKED_AS_PAID", InvoiceStatus::Paid},
    sdk::StatusName<InvoiceStatus>{"PARTIALLY_REFUNDED", InvoiceStatus::PartiallyRefunded},
    sdk::StatusName<InvoiceStatus>{"REFUNDED", InvoiceStatus::Refunded},
    sdk::StatusName<InvoiceStatus>{"MARKED_AS_REFUNDED", InvoiceStatus::Refunded},
    sdk::StatusName<InvoiceStatus>{"CANCELLED", InvoiceStatus::Void},
    sdk::StatusName<InvoiceStatus>{"CANCELED", InvoiceStatus::Void},
};

}  // namespace

sdk::Result<sdk::Invoice> invoiceOf(json::View object, bool live) {
  sdk::Invoice invoice;
  invoice.providerId = std::string(object["id"].stringOr(""));
  if (invoice.providerId.empty()) return sdk::Error::badResponse("PayPal's invoice has no id");
  const json::View detail = object["detail"];
  invoice.status = sdk::mapStatus(kStatuses, object["status"].stringOr(""));
  const auto total = moneyOf(object["amount"]);
  if (!total) return sdk::Error::badResponse("PayPal's invoice has no usable amount");
  invoice.amount = total->amount;
  invoice.currency = total->currency;
  const auto in = [&](json::View amount) -> std::optional<std::int64_t> {
    const auto money = moneyOf(amount);
    if (!money || money->currency != invoice.currency) return std::nullopt;
    return money->amount;
  };
  invoice.amountPaid = in(object["payments"]["paid_amount"]);
  invoice.amountDue = in(object["due_amount"]);
  invoice.number = textOf(detail["invoice_number"]);
  invoice.description = textOf(detail["note"]);
  invoice.hostedUrl = textOf(detail["metadata"]["recipient_view_url"]);
  invoice.dueUnixS = timeOf(detail["payment_term"]["due_date"]);
  const json::View payment = object["payments"]["transactions"][std::size_t{0}];
  if (invoice.status == InvoiceStatus::Paid) invoice.paidUnixS = timeOf(payment["payment_date"]);
  invoice.livemode = live;
  invoice.createdUnixS = timeOrZero(detail["metadata"]["create_time"]);
  return invoice;
}

std::vector<std::string> invoiceWordsOf(std::string_view status) {
  std::vector<std::string> words;
  for (const auto& [word, unified] : kStatuses) {
    // PayPal spells it so in requests.
    if (sdk::wordOf(unified) == status && word != "CANCELED") words.emplace_back(word);
  }
  return words;
}

sdk::Result<sdk::HttpRequest> buildInvoiceGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v2/invoicing/invoices", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "invoices.get");
}

sdk::Result<sdk::Invoice> parseInvoiceGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call) {
  return readOne<sdk::Invoice>(response, call, in.providerId, invoiceOf);
}

sdk::Result<sdk::HttpRequest> buildInvoicesList(const sdk::ListQuery& in, const sdk::Call& call) {
  for (const auto& [name, filter] :
       {std::pair{"customer_provider_id", in.customerProviderId},
        std::pair{"subscription_provider_id", in.subscriptionProviderId}}) {
    if (!filter) continue;
    return sdk::Error::notSupported(
        name, "PayPal's invoices can't be listed by '" + std::string(name) + "'");
  }
  constexpr std::int64_t kPageSizeMax = 100;
  auto query = pageQuery(in, kPageSizeMax);
  if (!query) return std::move(query).error();
  if (!in.createdGte && !in.createdLt) {
    return get("/v2/invoicing/invoices", query->take(), "invoices.list");
  }
  const std::int64_t end = in.createdLt ? *in.createdLt - 1 : call.nowUnixMs / 1000;
  json::Writer out;
  out.beginObject().key("creation_date_range").beginObject();
  out.member("start", timestamp::toRfc3339(in.createdGte.value_or(0)));
  out.member("end", timestamp::toRfc3339(std::max(end, in.createdGte.value_or(0))));
  out.endObject().endObject();
  return searchInvoices(query->take(), out.take());
}

sdk::HttpRequest searchInvoices(std::string query, std::string body) {
  sdk::HttpRequest request =
      post("/v2/invoicing/search-invoices", std::move(body), {}, "invoices.search");
  request.query = std::move(query);
  request.mayRetry = true;  // a read
  return request;
}

sdk::Result<sdk::Page<sdk::Invoice>> parseInvoicesList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call) {
  return readPage<sdk::Invoice>(response, call, "items", in, invoiceOf);
}

}  // namespace paypal
