// balance.get: GET /v1/reporting/balances.
#include <utility>

#include "amounts.hpp"
#include "operations.hpp"

namespace paypal {

sdk::HttpRequest buildBalanceGet(const sdk::BalanceQuery&) {
  return get("/v1/reporting/balances", {}, "reporting.balances");
}

sdk::Result<sdk::Balance> parseBalanceGet(const sdk::HttpResponse& response,
                                          const sdk::BalanceQuery&, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  if (!document["balances"].isArray()) {
    return sdk::Error::badResponse("PayPal's answer holds no balances");
  }
  sdk::Balance balance;
  for (const json::View row : document["balances"].items()) {
    // Where PayPal does not split the total, all of it is available.
    const bool split = row["available_balance"].exists();
    const auto available = moneyOf(split ? row["available_balance"] : row["total_balance"]);
    if (!available) return sdk::Error::badResponse("PayPal's balance has no usable amount");
    balance.available.push_back(*available);
    if (!row["withheld_balance"].exists()) continue;
    const auto withheld = moneyOf(row["withheld_balance"]);
    if (!withheld) return sdk::Error::badResponse("PayPal's balance has no usable amount");
    balance.pending.push_back(*withheld);
  }
  balance.livemode = call.live;
  return balance;
}

}  // namespace paypal
