#include "stripe/operations.hpp"

namespace simulators::stripe {
namespace {

void writeAmounts(JsonWriter& json, std::string_view name, const Account& account, bool pending) {
  static const decltype(account.balances) kNothing{{"usd", {}}};
  json.beginArray(name);
  for (const auto& [currency, balance] : account.balances.empty() ? kNothing : account.balances) {
    const auto shown = pending ? balance.pendingSum() : balance.available;
    json.beginObject();
    json.field("amount", shown);
    json.field("currency", currency);
    json.beginObject("source_types");
    json.field("card", shown);
    json.endObject();
    json.endObject();
  }
  json.endArray();
}

}  // namespace

// The simulator takes no fee.
Answer getBalance(Call& call) {
  for (auto& [currency, balance] : call.account.balances) balance.settle(call.now());
  JsonWriter json;
  json.beginObject();
  json.field("object", "balance");
  writeAmounts(json, "available", call.account, false);
  json.field("livemode", call.account.livemode);
  writeAmounts(json, "pending", call.account, true);
  json.endObject();
  Answer answer;
  answer.body = json.text();
  return answer;
}

}  // namespace simulators::stripe
