// search.query: payments in the report of transactions, invoices by PayPal's own search.
#include <algorithm>
#include <array>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

using sdk::SearchKind;

constexpr std::int64_t kDefaultLimit = 10;

struct Filter {
  const char* name;
  bool given;
};

// The first filter that the kind does not know.
template <std::size_t N>
std::optional<sdk::Error> refuse(const std::array<Filter, N>& filters, const char* kind) {
  for (const Filter& filter : filters) {
    if (!filter.given) continue;
    return sdk::Error::notSupported(
        filter.name, std::string("PayPal can't search ") + kind + " by '" + filter.name + "'");
  }
  return std::nullopt;
}

// In a report the range of amounts is in hundredths, "500 TO 500".
sdk::Step startPayments(Searching& state, const sdk::Call& call) {
  const sdk::SearchQuery& in = state.input;
  if (auto bad = refuse(
          std::array{Filter{"text", in.text.has_value()}, Filter{"email", in.email.has_value()},
                     Filter{"phone", in.phone.has_value()},
                     Filter{"customer_provider_id", in.customerProviderId.has_value()},
                     Filter{"metadata", !in.metadata.empty()}},
          "payments")) {
    return std::move(*bad);
  }
  sdk::FormEncoder filter;
  if (in.amount && !in.currency) {
    return sdk::Error::invalidRequest("currency", "'currency' is required beside 'amount'");
  }
  if (in.amount) {
    const auto decimal = toPaypal(*in.amount, *in.currency);
    if (!decimal) return decimal.error();
    const auto hundredths = money::fromDecimal(*decimal, 2);
    if (!hundredths) {
      return sdk::Error::notSupported("amount", "PayPal can't search an amount in thousandths");
    }
    const std::string text = std::to_string(*hundredths);
    filter.add("transaction_amount", text + " TO " + text);
  }
  if (in.currency) filter.add("transaction_currency", money::upper(*in.currency));
  const auto page = reportPageOf(in.startingAfter, in.createdGte, in.createdLt,
                                 in.limit.value_or(kDefaultLimit), call.nowUnixMs / 1000);
  if (!page) return page.error();
  state.page = *page;
  return getReport(state.page, filter);
}

sdk::Step endPayments(const Searching& state, json::View report, const sdk::Call& call) {
  const sdk::SearchQuery& in = state.input;
  sdk::Result<std::vector<sdk::Payment>> payments = paymentsOf(report, call.live);
  if (!payments) return std::move(payments).error();
  sdk::Page<sdk::SearchResult> page;
  for (const sdk::Payment& payment : *payments) {
    if (in.reference && payment.reference != *in.reference) continue;
    if (in.status && sdk::statusName(payment.status) != *in.status) continue;
    if (in.amount && payment.amount != *in.amount) continue;
    page.data.push_back(sdk::searchResult("payment", payment));
  }
  if (const auto next = pageAfter(state.page, report)) {
    page.hasMore = true;
    page.nextCursor = cursorOf(*next);
  }
  return sdk::done(page);
}

void writeRange(json::Writer& out, const sdk::SearchQuery& in, const sdk::Call& call) {
  if (!in.createdGte && !in.createdLt) return;
  const std::int64_t start = in.createdGte.value_or(0);
  const std::int64_t end = in.createdLt ? *in.createdLt - 1 : call.nowUnixMs / 1000;
  out.key("creation_date_range").beginObject();
  out.member("start", timestamp::toRfc3339(start));
  out.member("end", timestamp::toRfc3339(std::max(start, end))).endObject();
}

sdk::ListQuery listOf(const sdk::SearchQuery& in) {
  sdk::ListQuery list;
  list.limit = in.limit.value_or(kDefaultLimit);
  list.startingAfter = in.startingAfter;
  return list;
}

sdk::Step startInvoices(const sdk::SearchQuery& in, const sdk::Call& call) {
  if (auto bad =
          refuse(std::array{Filter{"phone", in.phone.has_value()},
                            Filter{"customer_provider_id", in.customerProviderId.has_value()},
                            Filter{"metadata", !in.metadata.empty()}},
                 "invoices")) {
    return std::move(*bad);
  }
  json::Writer out;
  out.beginObject();
  memberIf(out, "recipient_email", in.email);
  memberIf(out, "memo", in.text);
  memberIf(out, "reference", in.reference);
  if (in.status) {
    const auto words = invoiceWordsOf(*in.status);
    if (words.empty()) {
      return sdk::Error::invalidRequest("status", "no invoice has the status '" + *in.status + "'");
    }
    out.key("status").beginArray();
    for (const std::string& word : words) out.value(word);
    out.endArray();
  }
  if (in.currency) out.member("currency_code", money::upper(*in.currency));
  if (in.amount) {
    if (!in.currency) {
      return sdk::Error::invalidRequest("currency", "'currency' is required beside 'amount'");
    }
    const auto decimal = toPaypal(*in.amount, *in.currency);
    if (!decimal) return decimal.error();
    out.key("total_amount_range").beginObject();
    writeMoney(out, "lower_amount", *decimal, *in.currency);
    writeMoney(out, "upper_amount", *decimal, *in.currency);
    out.endObject();
  }
  writeRange(out, in, call);
  out.endObject();
  constexpr std::int64_t kPageSizeMax = 100;
  auto query = pageQuery(listOf(in), kPageSizeMax);
  if (!query) return std::move(query).error();
  return searchInvoices(query->take(), out.take());
}

}  // namespace

sdk::Step startSearch(Searching& state, const sdk::SearchQuery& in, const sdk::Call& call) {
  state.input = in;
  if (in.kind == SearchKind::Payment) return startPayments(state, call);
  if (in.kind == SearchKind::Invoice) return startInvoices(in, call);
  return sdk::Error::notSupported("kind", "PayPal searches payments and invoices only");
}

sdk::Step nextSearch(Searching& state, const sdk::HttpResponse& response, const sdk::Call& call) {
  if (state.input.kind == SearchKind::Payment) {
    json::Document document;
    if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
    return endPayments(state, document.root(), call);
  }
  const auto invoices =
      readPage<sdk::Invoice>(response, call, "items", listOf(state.input), invoiceOf);
  if (!invoices) return invoices.error();
  sdk::Page<sdk::SearchResult> page;
  for (const sdk::Invoice& invoice : invoices->data) {
    page.data.push_back(sdk::searchResult("invoice", invoice));
  }
  page.hasMore = invoices->hasMore;
  page.nextCursor = invoices->nextCursor;
  return sdk::done(page);
}

}  // namespace paypal
