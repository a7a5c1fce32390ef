#include "reporting.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "amounts.hpp"

namespace paypal {

namespace {

sdk::Error badCursor() {
  return sdk::Error::invalidRequest("starting_after",
                                    "'starting_after' must be a next_cursor of an earlier page");
}

// "<from>-<to>-<oldest>-<page>"
std::optional<ReportPage> readCursor(std::string_view text) {
  ReportPage page;
  std::int64_t* const fields[] = {&page.fromUnixS, &page.toUnixS, &page.oldestUnixS, &page.page};
  for (std::int64_t* field : fields) {
    const std::string_view part = text.substr(0, text.find('-'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const char* end = part.data() + part.size();
    const auto [stop, problem] = std::from_chars(part.data(), end, *field);
    if (part.empty() || problem != std::errc() || stop != end) return std::nullopt;
  }
  constexpr std::int64_t kSecondsMax = 1'000'000'000'000;
  const bool sound = text.empty() && page.oldestUnixS <= page.fromUnixS &&
                     page.fromUnixS <= page.toUnixS && page.toUnixS < kSecondsMax &&
                     page.page >= 1 && page.page <= 2'147'483'647;
  return sound ? std::optional(page) : std::nullopt;
}

bool isReceivedPayment(json::View info) {
  // T00xx are payments; money that goes out has a minus.
  const std::string_view code = info["transaction_event_code"].stringOr("");
  const std::string_view amount = info["transaction_amount"]["value"].stringOr("");
  return code.substr(0, 3) == "T00" && amount.substr(0, 1) != "-";
}

sdk::Result<sdk::Payment> paymentOf(json::View info, bool live) {
  sdk::Payment payment;
  const bool ofOrder = info["paypal_reference_id_type"].stringOr("") == "ODR";
  payment.providerId = std::string(ofOrder ? info["paypal_reference_id"].stringOr("")
                                           : info["transaction_id"].stringOr(""));
  const auto money = moneyOf(info["transaction_amount"]);
  if (payment.providerId.empty() || !money) {
    return sdk::Error::badResponse("PayPal's report has a payment without an id or an amount");
  }
  payment.amount = money->amount;
  payment.currency = money->currency;
  // S: success, V: success and refunded since, D: denied, P: pending.
  const std::string_view status = info["transaction_status"].stringOr("");
  if (status == "S" || status == "V") {
    payment.status = sdk::PaymentStatus::Succeeded;
    payment.amountCaptured = payment.amount;
  }
  if (status == "V") payment.amountRefunded = payment.amount;
  if (status == "D") payment.status = sdk::PaymentStatus::Failed;
  payment.description = textOf(info["transaction_subject"]);
  payment.reference = textOf(info["invoice_id"]);
  if (!payment.reference) payment.reference = textOf(info["custom_field"]);
  payment.livemode = live;
  payment.createdUnixS = timeOrZero(info["transaction_initiation_date"]);
  return payment;
}

}  // namespace

sdk::Result<ReportPage> reportPageOf(const std::optional<std::string>& cursor,
                                     const std::optional<std::int64_t>& createdGte,
                                     const std::optional<std::int64_t>& createdLt,
                                     std::int64_t limit, std::int64_t nowUnixS) {
  ReportPage page;
  if (cursor) {
    auto named = readCursor(*cursor);
    if (!named) return badCursor();
    page = *named;
  } else {
    page.oldestUnixS =
        std::max(createdGte.value_or(0), std::max<std::int64_t>(0, nowUnixS - kReportAgeSMax));
    page.toUnixS = createdLt ? std::min(*createdLt - 1, nowUnixS) : nowUnixS;
    page.toUnixS = std::max(page.toUnixS, page.oldestUnixS);
    page.fromUnixS = std::max(page.oldestUnixS, page.toUnixS - kReportSpanSMax + 1);
  }
  page.size = limit;
  return page;
}

std::optional<ReportPage> pageAfter(const ReportPage& page, json::View report) {
  ReportPage next = page;
  if (report["total_pages"].int64Or(0) > page.page) {
    ++next.page;
    return next;
  }
  if (page.fromUnixS <= page.oldestUnixS) return std::nullopt;
  next.page = 1;
  next.toUnixS = page.fromUnixS - 1;
  next.fromUnixS = std::max(page.oldestUnixS, next.toUnixS - kReportSpanSMax + 1);
  return next;
}

std::string cursorOf(const ReportPage& page) {
  return std::to_string(page.fromUnixS) + "-" + std::to_string(page.toUnixS) + "-" +
         std::to_string(page.oldestUnixS) + "-" + std::to_string(page.page);
}

sdk::HttpRequest getReport(const ReportPage& page, const sdk::FormEncoder& filter) {
  sdk::FormEncoder query = filter;
  query.add("start_date", timestamp::toRfc3339(page.fromUnixS));
  query.add("end_date", timestamp::toRfc3339(page.toUnixS));
  query.add("fields", "transaction_info");
  query.add("page_size", page.size).add("page", page.page);
  return get("/v1/reporting/transactions", query.take(), "reporting.transactions");
}

sdk::Result<std::vector<sdk::Payment>> paymentsOf(json::View report, bool live) {
  if (!report["transaction_details"].isArray()) {
    return sdk::Error::badResponse("PayPal's report has no transactions");
  }
  std::vector<sdk::Payment> payments;
  for (const json::View detail : report["transaction_details"].items()) {
    const json::View info = detail["transaction_info"];
    if (!isReceivedPayment(info)) continue;
    sdk::Result<sdk::Payment> payment = paymentOf(info, live);
    if (!payment) return std::move(payment).error();
    payments.push_back(std::move(*payment));
  }
  return payments;
}

}  // namespace paypal
