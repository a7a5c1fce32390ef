// balance.get: GET /v1/balance. Also the probe: it proves the key and moves nothing.
#include <utility>

#include "amounts.hpp"
#include "operations.hpp"

namespace stripe {

namespace {

std::optional<sdk::Error> readMoney(json::View list, std::vector<sdk::Money>& out) {
  if (!list.isArray()) return sdk::Error::badResponse("Stripe's balance lacks a list");
  for (const json::View item : list.items()) {
    const std::string currency = money::upper(item["currency"].stringOr(""));
    // Stripe can hold what ISO 4217 does not name, e.g. stablecoins; these have no unified form.
    if (!money::findCurrency(currency)) continue;
    const auto amount = item["amount"].int64();
    const auto converted = amount ? fromStripe(*amount, currency) : std::optional<std::int64_t>();
    if (!converted) return sdk::Error::badResponse("Stripe's balance has no usable amount");
    out.push_back({*converted, currency});
  }
  return std::nullopt;
}

}  // namespace

sdk::HttpRequest buildBalanceGet(const sdk::BalanceQuery&) {
  return get("/v1/balance", {}, "balance.retrieve");
}

sdk::Result<sdk::Balance> parseBalanceGet(const sdk::HttpResponse& response) {
  json::Document document;
  if (auto problem = readAnswer(response, "balance", document)) return std::move(*problem);
  sdk::Balance balance;
  if (auto problem = readMoney(document["available"], balance.available)) {
    return std::move(*problem);
  }
  if (auto problem = readMoney(document["pending"], balance.pending)) return std::move(*problem);
  balance.livemode = document["livemode"].booleanOr(false);
  return balance;
}

}  // namespace stripe
