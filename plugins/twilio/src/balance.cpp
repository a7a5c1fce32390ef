// balance.get: GET /2010-04-01/Accounts/{AccountSid}/Balance.json.
#include <algorithm>
#include <limits>
#include <utility>

#include "operations.hpp"

namespace twilio {

namespace {

// Minor units, rounded down where Twilio tells more decimals than the currency has (it charges
// parts of a cent); then `exact` keeps the whole. Empty for text that is no amount.
std::optional<sdk::Money> moneyOf(std::string_view text, const money::Currency& currency) {
  sdk::Money money;
  money.currency = std::string(currency.code);
  if (const auto minor = money::fromDecimal(text, currency.exponent)) {
    money.amount = *minor;
    return money;
  }
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || text.size() - point > 20) return std::nullopt;
  // All decimals must be digits, and the part that is kept must be an amount.
  const std::string_view decimals = text.substr(point + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(decimals.begin(), decimals.end(), digit)) return std::nullopt;
  const std::size_t kept = static_cast<std::size_t>(currency.exponent);
  const auto cut = money::fromDecimal(
      kept == 0 ? text.substr(0, point) : text.substr(0, point + 1 + kept), currency.exponent);
  if (!cut || *cut == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  money.amount = text.front() == '-' ? *cut - 1 : *cut;
  money.exact = std::string(text);
  return money;
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildBalanceGet(const sdk::BalanceQuery&, const sdk::Call& call) {
  auto path = accountPath(call, "/Balance.json");
  if (!path) return std::move(path).error();
  return get(kApi, std::move(*path), {}, "balance.get");
}

sdk::Result<sdk::Balance> parseBalanceGet(const sdk::HttpResponse& response,
                                          const sdk::BalanceQuery&, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  const auto currency = money::findCurrency(document["currency"].stringOr(""));
  const auto amount =
      currency ? moneyOf(document["balance"].stringOr(""), *currency) : std::nullopt;
  if (!amount) return sdk::Error::badResponse("Twilio's balance can't be understood");
  sdk::Balance balance;
  balance.available.push_back(*amount);
  balance.livemode = call.live;
  return balance;
}

}  // namespace twilio
