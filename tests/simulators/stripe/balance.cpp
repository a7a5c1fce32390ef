#include "stripe/operations.hpp"

namespace simulators::stripe {
namespace {

void writeAmounts(JsonWriter& json, std::string_view name, const Account& account, bool pending) {
  static const decltype(account.balances) kNothing{{"usd", 0}};
  json.beginArray(name);
  for (const auto& [currency, amount] : account.balances.empty() ? kNothing : account.balances) {
    const auto shown = pending ? amount : 0;
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

// All that was captured and not refunded is pending: the simulator takes no fee and pays nothing
// out.
Answer getBalance(Call& call) {
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
