// balance.get: of the RazorpayX account. Razorpay documents a balance in its statement alone
// (GET /v1/transactions): that of the newest transaction.
#include <utility>

#include "operations.hpp"

namespace razorpay {

sdk::Result<sdk::HttpRequest> buildBalanceGet(const sdk::BalanceQuery&, const sdk::Call& call) {
  const std::string_view account = call.setting("account_number");
  if (account.empty()) {
    return sdk::Error::invalidRequest(
        "account_number",
        "Razorpay tells the balance of a RazorpayX account alone: set the credential "
        "account_number");
  }
  sdk::FormEncoder query;
  query.add("account_number", account).add("count", kPageMax);
  return get("/v1/transactions", query.take(), call, "transactions.all");
}

// The order of the list is not documented: an ascending one that may go on beyond this page does
// not hold the newest transaction.
sdk::Result<sdk::Balance> parseBalanceGet(const sdk::HttpResponse& response,
                                          const sdk::BalanceQuery&, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, "collection", document)) return std::move(*problem);
  if (!document["items"].isArray()) return sdk::Error::badResponse("Razorpay's answer is no list");
  const std::string_view account = call.setting("account_number");
  std::vector<json::View> items;
  for (const json::View item : document["items"].items()) {
    if (item["account_number"].stringOr(account) == account) items.push_back(item);
  }
  sdk::Balance balance;
  balance.livemode = call.live;
  if (items.empty()) return balance;
  const auto timeOf = [](json::View item) { return item["created_at"].int64Or(0); };
  const bool ascending = timeOf(items.front()) < timeOf(items.back());
  if (ascending && document["items"].size() >= static_cast<std::size_t>(kPageMax)) {
    return sdk::Error::badResponse("Razorpay's statement begins with the oldest transactions");
  }
  const json::View newest = ascending ? items.back() : items.front();
  const auto amount = newest["balance"].int64();
  auto currency = currencyOf(newest["currency"]);
  if (!amount || !currency) return unusable("transaction", "balance");
  balance.available.push_back({*amount, std::move(*currency)});
  return balance;
}

}  // namespace razorpay
