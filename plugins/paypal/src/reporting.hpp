// PayPal's report of transactions (GET /v1/reporting/transactions), which is all that it has of a
// list of payments. It lags behind by up to three hours. Used by payments.list, search.query and
// the look-up of lost orders.
#pragma once

#include <string>
#include <vector>

#include "wire.hpp"

namespace paypal {

// The report spans this many seconds at most for one request.
inline constexpr std::int64_t kReportSpanSMax = 31 * 24 * 3600;
// Older transactions are not in the report.
inline constexpr std::int64_t kReportAgeSMax = 3LL * 365 * 24 * 3600;

// One page of one span. The spans of a list go from the newest to the oldest.
struct ReportPage {
  std::int64_t fromUnixS = 0;    // of this span
  std::int64_t toUnixS = 0;      // inclusive
  std::int64_t oldestUnixS = 0;  // where the list ends
  std::int64_t page = 1;
  std::int64_t size = 100;
};

// The first page of a list by its range and limit, or the one that a cursor of ours names.
sdk::Result<ReportPage> reportPageOf(const std::optional<std::string>& cursor,
                                     const std::optional<std::int64_t>& createdGte,
                                     const std::optional<std::int64_t>& createdLt,
                                     std::int64_t limit, std::int64_t nowUnixS);

// The page after this one; empty at the end of the list.
std::optional<ReportPage> pageAfter(const ReportPage& page, json::View report);

std::string cursorOf(const ReportPage& page);

// `filter` is added to the query: see transaction_amount and the like in PayPal's specification.
sdk::HttpRequest getReport(const ReportPage& page, const sdk::FormEncoder& filter = {});

// The payments of a report's page: what was received, as opposed to fees, refunds and payouts. A
// payment of an order has the order's id, another one the transaction's.
sdk::Result<std::vector<sdk::Payment>> paymentsOf(json::View report, bool live);

}  // namespace paypal
