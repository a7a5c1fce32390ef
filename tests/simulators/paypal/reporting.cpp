// Reports: balances and transactions.
#include "paypal/operations.hpp"

namespace simulators::paypal {
namespace {

constexpr std::int64_t kRangeMaxMs = 31LL * 24 * 60 * 60 * 1000;

ApiAnswer getBalances(Call& call) {
  const auto wanted = call.query("currency_code");
  Json list = Json::array();
  for (const auto& [code, units] : call.account.balances) {
    if (!wanted.empty() && wanted != "ALL" && wanted != code) continue;
    const auto money = moneyJson(Money{units, findCurrency(code)});
    const auto none = moneyJson(Money{0, findCurrency(code)});
    list.push_back(Json{{"currency", code},
                        {"primary", code == "USD"},
                        {"total_balance", money},
                        {"available_balance", money},
                        {"withheld_balance", none}});
  }
  Json out = Json::object();
  out["balances"] = std::move(list);
  out["account_id"] = call.account.merchantId;
  out["as_of_time"] = call.now();
  out["last_refresh_time"] = call.now();
  return jsonAnswer(200, out);
}

struct Row {
  std::string time;
  Json json;
};

Json info(const Call& call, const Json& object, const char* idName, const char* code,
          const Money& money, const std::string& time, std::string_view status) {
  Json row = Json::object();
  row["paypal_account_id"] = call.account.merchantId;
  row["transaction_id"] = textOf(object, idName);
  row["transaction_event_code"] = code;
  row["transaction_initiation_date"] = time;
  row["transaction_updated_date"] =
      has(object, "update_time") ? textOf(object, "update_time") : time;
  row["transaction_amount"] = moneyJson(money);
  row["transaction_status"] = status;
  if (has(object, "invoice_id")) row["invoice_id"] = object["invoice_id"];
  if (has(object, "custom_id")) row["custom_field"] = object["custom_id"];
  return row;
}

std::string_view statusLetter(const Json& object) {
  const auto status = textOf(object, "status");
  if (status == "PENDING") return "P";
  if (status == "DECLINED" || status == "FAILED") return "D";
  return "S";
}

std::vector<Row> rowsOf(Call& call) {
  std::vector<Row> rows;
  for (const auto* capture : call.account.of("captures").all()) {
    const bool sale = !textOf(*capture, "_subscription").empty();
    const auto time = textOf(*capture, "create_time");
    auto row = info(call, *capture, "id", sale ? "T0002" : "T0006", moneyOf((*capture)["amount"]),
                    time, statusLetter(*capture));
    const auto& fee = dig(*capture, "seller_receivable_breakdown.paypal_fee");
    if (fee.is_object()) {
      auto money = moneyOf(fee);
      money.units = -money.units;
      row["fee_amount"] = moneyJson(money);
    }
    const auto reference = sale ? textOf(*capture, "_subscription") : textOf(*capture, "_order");
    if (!reference.empty()) {
      row["paypal_reference_id"] = reference;
      row["paypal_reference_id_type"] = sale ? "SUB" : "ODR";
    }
    rows.push_back({time, Json{{"transaction_info", std::move(row)}}});
  }
  for (const auto* refund : call.account.of("refunds").all()) {
    auto money = moneyOf((*refund)["amount"]);
    money.units = -money.units;
    const auto time = textOf(*refund, "create_time");
    auto row = info(call, *refund, "id", "T1107", money, time, statusLetter(*refund));
    row["paypal_reference_id"] = textOf(*refund, "_capture");
    row["paypal_reference_id_type"] = "TXN";
    rows.push_back({time, Json{{"transaction_info", std::move(row)}}});
  }
  for (const auto* item : call.account.of("payout-items").all()) {
    if (!has(*item, "transaction_id")) continue;
    auto money = moneyOf((*item)["payout_item"]["amount"]);
    money.units = -money.units;
    const auto time = textOf(*item, "time_processed");
    auto row = info(call, *item, "transaction_id", "T0001", money, time, "S");
    row["paypal_reference_id"] = textOf(*item, "payout_item_id");
    row["paypal_reference_id_type"] = "TXN";
    rows.push_back({time, Json{{"transaction_info", std::move(row)}}});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.time < b.time; });
  return rows;
}

ApiAnswer listTransactions(Call& call) {
  const auto start = readTime(call.query("start_date"));
  const auto end = readTime(call.query("end_date"));
  if (!start) throw missing("start_date");
  if (!end) throw missing("end_date");
  if (*end < *start || *end - *start > kRangeMaxMs) {
    throw invalidRequest("INVALID_DATE_RANGE",
                         "The date range must be positive and at most 31 days.", "end_date");
  }
  const auto wantedId = call.query("transaction_id");
  const auto wantedStatus = call.query("transaction_status");
  const auto wantedCurrency = call.query("transaction_currency");
  std::vector<Row> rows;
  for (auto& row : rowsOf(call)) {
    const auto& details = row.json["transaction_info"];
    const auto at = readTime(row.time).value_or(0);
    if (at < *start || at > *end) continue;
    if (!wantedId.empty() && textOf(details, "transaction_id") != wantedId &&
        textOf(details, "paypal_reference_id") != wantedId) {
      continue;
    }
    if (!wantedStatus.empty() && textOf(details, "transaction_status") != wantedStatus) continue;
    if (!wantedCurrency.empty() &&
        digText(details, "transaction_amount.currency_code") != wantedCurrency) {
      continue;
    }
    rows.push_back(std::move(row));
  }
  std::vector<Json*> objects;
  for (auto& row : rows) objects.push_back(&row.json);
  Page page;
  Json list = Json::array();
  for (const auto* row : pageOf(call, objects, page, 100, 500)) list.push_back(*row);
  Json out = Json::object();
  out["transaction_details"] = std::move(list);
  out["account_number"] = call.account.merchantId;
  out["start_date"] = isoTime(*start);
  out["end_date"] = isoTime(*end);
  out["last_refreshed_datetime"] = call.now();
  out["page"] = page.number;
  out["total_items"] = page.total;
  out["total_pages"] = page.pages();
  out["links"] = Json::array({link(call.link(call.request.path), "self")});
  return jsonAnswer(200, out);
}

}  // namespace

void addReporting(Routes& routes) {
  routes.insert(routes.end(), {{"GET", "/v1/reporting/balances", getBalances},
                               {"GET", "/v1/reporting/transactions", listTransactions}});
}

}  // namespace simulators::paypal
