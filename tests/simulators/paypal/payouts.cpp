// Payouts: a batch of items that are paid as time goes by. The local part of the receiver's address
// decides how an item ends (docs/SIMULATORS.md).
#include "paypal/payouts.hpp"

#include <array>

#include "paypal/operations.hpp"

namespace simulators::paypal {
namespace {

constexpr std::int64_t kProcessingMs = 1'000;
constexpr std::int64_t kDoneMs = 3'000;
constexpr std::int64_t kSoonMs = 60'000;
constexpr std::int64_t kUnclaimedMs = 30LL * 24 * 60 * 60 * 1000;
constexpr std::size_t kItemsMax = 15'000;

struct Ending {
  std::string_view receiver;  // beginning of the address
  std::string_view status;
  std::string_view event;
  std::string_view error;
};
constexpr std::array<Ending, 5> kEndings{
    {{"failed", "FAILED", "PAYMENT.PAYOUTS-ITEM.FAILED", "RECEIVER_UNREGISTERED"},
     {"blocked", "BLOCKED", "PAYMENT.PAYOUTS-ITEM.BLOCKED", "RISK_DECLINE"},
     {"onhold", "ONHOLD", "PAYMENT.PAYOUTS-ITEM.HELD", "PENDING_RECIPIENT_NON_HOLDING_CURRENCY"},
     {"unclaimed", "UNCLAIMED", "PAYMENT.PAYOUTS-ITEM.UNCLAIMED", "RECEIVER_UNREGISTERED"},
     {"returned", "UNCLAIMED", "PAYMENT.PAYOUTS-ITEM.UNCLAIMED", "RECEIVER_UNREGISTERED"}}};

Json payoutMoney(const Money& money) {
  return Json{{"currency", money.code()}, {"value", money.value()}};
}

std::string itemLink(const std::string& origin, const Json& item) {
  return origin + "/v1/payments/payouts-item/" + textOf(item, "payout_item_id");
}

Json renderItem(const Json& item, const std::string& origin) {
  auto out = shown(item);
  out["links"] = Json::array({link(itemLink(origin, item), "item")});
  if (textOf(item, "transaction_status") == "UNCLAIMED") {
    out["links"].push_back(link(itemLink(origin, item) + "/cancel", "cancel", "POST"));
  }
  out["links"].push_back(
      link(origin + "/v1/payments/payouts/" + textOf(item, "payout_batch_id"), "batch"));
  return out;
}

void announceItem(World& world, Account& account, const Json& item, const std::string& event,
                  const std::string& origin) {
  announce(world, account, event, "payouts_item",
           "A payout item is " + textOf(item, "transaction_status"), renderItem(item, origin),
           origin);
}

void bookItem(World& world, Account& account, const Json& item, std::string_view type,
              bool leaves) {
  Entry entry;
  entry.type = type;
  entry.id = textOf(item, "payout_item_id");
  entry.payment = entry.id;
  entry.money = moneyOf(item["payout_item"]["amount"]);
  entry.key = textOf(item, "_key");
  entry.metadata = {{"sender_batch_id", textOf(item, "_senderBatch")},
                    {"sender_item_id", digText(item, "payout_item.sender_item_id")},
                    {"payout_batch_id", textOf(item, "payout_batch_id")}};
  entry.balanceChange = leaves ? -entry.money.units : entry.money.units;
  book(world, account, std::move(entry));
}

// The money comes back from a receiver who did not take it.
void giveBack(World& world, Account& account, Json& item, const std::string& status,
              const std::string& event, const std::string& origin) {
  bookItem(world, account, item, "payout_return", false);
  item["transaction_status"] = status;
  item["time_processed"] = isoTime(world.timeMs());
  announceItem(world, account, item, event, origin);
}

void giveBackLater(World& world, Account& account, const std::string& id, std::int64_t delayMs,
                   const std::string& from, const std::string& status, const std::string& event,
                   const std::string& origin) {
  world.at(world.timeMs() + delayMs, [&world, &account, id, from, status, event, origin] {
    auto& item = *account.of("payout-items").find(id);
    if (textOf(item, "transaction_status") == from) {
      giveBack(world, account, item, status, event, origin);
    }
  });
}

void finishItem(World& world, Account& account, Json& item, const std::string& origin) {
  const auto receiver = digText(item, "payout_item.receiver");
  const auto id = textOf(item, "payout_item_id");
  item["time_processed"] = isoTime(world.timeMs());
  item["transaction_id"] = world.mint("", 17);
  item["activity_id"] = item["transaction_id"];
  for (const auto& ending : kEndings) {
    if (!receiver.starts_with(ending.receiver)) continue;
    item["transaction_status"] = ending.status;
    item["errors"] = Json{{"name", ending.error},
                          {"message", "The payout did not reach its receiver."},
                          {"debug_id", world.mintHex(13)}};
    if (ending.status == "UNCLAIMED") {
      bookItem(world, account, item, "payout", true);
      giveBackLater(world, account, id, ending.receiver == "returned" ? kSoonMs : kUnclaimedMs,
                    "UNCLAIMED", "RETURNED", "PAYMENT.PAYOUTS-ITEM.RETURNED", origin);
    }
    return announceItem(world, account, item, std::string(ending.event), origin);
  }
  item["transaction_status"] = "SUCCESS";
  bookItem(world, account, item, "payout", true);
  announceItem(world, account, item, "PAYMENT.PAYOUTS-ITEM.SUCCEEDED", origin);
  if (receiver.starts_with("refunded")) {
    giveBackLater(world, account, id, kSoonMs, "SUCCESS", "REFUNDED",
                  "PAYMENT.PAYOUTS-ITEM.REFUNDED", origin);
  }
  if (receiver.starts_with("reversed")) {
    giveBackLater(world, account, id, kSoonMs, "SUCCESS", "REVERSED",
                  "PAYMENT.PAYOUTS-ITEM.REFUNDED", origin);
  }
}

Json renderBatch(const Json& batch) {
  Json out = Json::object();
  out["batch_header"] = shown(batch["batch_header"]);
  return out;
}

void setBatchStatus(World& world, Account& account, Json& batch, const std::string& status,
                    const std::string& event, const std::string& origin) {
  batch["batch_header"]["batch_status"] = status;
  announce(world, account, event, "payouts", "Payouts batch " + status, renderBatch(batch), origin);
}

void finishBatch(World& world, Account& account, const std::string& id, const std::string& origin) {
  auto& batch = *account.of("payouts").find(id);
  for (const auto& item : batch["_items"]) {
    finishItem(world, account, *account.of("payout-items").find(item.get<std::string>()), origin);
  }
  batch["batch_header"]["time_completed"] = isoTime(world.timeMs());
  setBatchStatus(world, account, batch, "SUCCESS", "PAYMENT.PAYOUTSBATCH.SUCCESS", origin);
}

void denyBatch(World& world, Account& account, const std::string& id, const std::string& origin) {
  auto& batch = *account.of("payouts").find(id);
  for (const auto& name : batch["_items"]) {
    auto& item = *account.of("payout-items").find(name.get<std::string>());
    item["transaction_status"] = "FAILED";
    announceItem(world, account, item, "PAYMENT.PAYOUTS-ITEM.DENIED", origin);
  }
  batch["batch_header"]["time_completed"] = isoTime(world.timeMs());
  setBatchStatus(world, account, batch, "DENIED", "PAYMENT.PAYOUTSBATCH.DENIED", origin);
}

void processBatch(World& world, Account& account, const std::string& id,
                  const std::string& origin) {
  auto& batch = *account.of("payouts").find(id);
  if (flagOf(batch, "_denied")) return denyBatch(world, account, id, origin);
  setBatchStatus(world, account, batch, "PROCESSING", "PAYMENT.PAYOUTSBATCH.PROCESSING", origin);
  world.after(kDoneMs - kProcessingMs,
              [&world, &account, id, origin] { finishBatch(world, account, id, origin); });
}

void checkBatchId(Call& call, const std::string& senderBatch) {
  if (senderBatch.empty()) return;
  for (const auto* batch : call.account.of("payouts").all()) {
    const auto made = readTime(digText(*batch, "batch_header.time_created")).value_or(0);
    if (digText(*batch, "batch_header.sender_batch_header.sender_batch_id") == senderBatch &&
        call.world.timeMs() - made < kUnclaimedMs) {
      throw ApiProblem(errorAnswer(400, "USER_BUSINESS_ERROR", "User business error.",
                                   "Batch with given sender_batch_id already exists",
                                   "Batch with given sender_batch_id already exists",
                                   "SENDER_BATCH_ID", senderBatch));
    }
  }
}

// Checks all items before any is made; returns the sum.
Money checkItems(const Json& items) {
  if (!items.is_array() || items.empty()) throw missing("items");
  if (items.size() > kItemsMax) {
    throw invalidRequest("INVALID_ARRAY_MAX_ITEMS",
                         "The number of items in an array parameter is too large.", "items");
  }
  Money sum;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto path = "items[" + std::to_string(i) + "]";
    if (digText(items[i], "receiver").empty()) throw missing(path + "/receiver");
    const auto money = requireMoney(items[i], "amount", path + "/amount");
    if (sum.currency && sum.currency != money.currency) {
      throw invalidRequest("INVALID_PARAMETER_VALUE",
                           "All items of a batch must have the same currency.",
                           path + "/amount/currency", money.code());
    }
    sum.currency = money.currency;
    sum.units += money.units;
  }
  return sum;
}

ApiAnswer createPayout(Call& call) {
  const auto& header = dig(call.body, "sender_batch_header");
  if (!header.is_object()) throw missing("sender_batch_header");
  const auto& items = dig(call.body, "items");
  const auto sum = checkItems(items);
  call.obeyMockHeader();
  const auto senderBatch = digText(header, "sender_batch_id");
  checkBatchId(call, senderBatch);
  if (sum.units > call.account.balances[sum.code()]) {
    throw ApiProblem(errorAnswer(422, "INSUFFICIENT_FUNDS",
                                 "Sender does not have sufficient funds. Please add funds and "
                                 "retry."));
  }
  const auto id = call.world.mint("", 13);
  Json batch = Json::object();
  auto& batchHeader = batch["batch_header"];
  batchHeader["payout_batch_id"] = id;
  batchHeader["batch_status"] = "PENDING";
  batchHeader["time_created"] = call.now();
  take(batchHeader["sender_batch_header"], header,
       {"sender_batch_id", "recipient_type", "email_subject", "email_message"});
  batchHeader["funding_source"] = "BALANCE";
  batchHeader["amount"] = payoutMoney(sum);
  batchHeader["fees"] = payoutMoney(Money{0, sum.currency});
  batch["_items"] = Json::array();
  batch["_denied"] = false;
  for (const auto& wish : items) {
    const auto itemId = call.world.mint("", 13);
    Json item = Json::object();
    item["payout_item_id"] = itemId;
    item["transaction_status"] = "PENDING";
    item["payout_item_fee"] = payoutMoney(Money{0, sum.currency});
    item["payout_batch_id"] = id;
    auto& payee = item["payout_item"];
    payee["recipient_type"] =
        has(wish, "recipient_type")
            ? wish["recipient_type"]
            : Json(has(header, "recipient_type") ? digText(header, "recipient_type") : "EMAIL");
    payee["amount"] = payoutMoney(moneyOf(wish["amount"]));
    take(payee, wish, {"note", "receiver", "sender_item_id", "recipient_wallet", "purpose"});
    item["_key"] = call.request.idempotencyKey;
    item["_senderBatch"] = senderBatch;
    if (digText(wish, "receiver").starts_with("denied")) batch["_denied"] = true;
    batch["_items"].push_back(itemId);
    call.account.of("payout-items").add(itemId, std::move(item));
  }
  auto& stored = call.account.of("payouts").add(id, std::move(batch));
  call.world.after(kProcessingMs,
                   [&world = call.world, &account = call.account, id,
                    origin = call.request.origin] { processBatch(world, account, id, origin); });
  Json out = Json::object();
  take(out["batch_header"], stored["batch_header"],
       {"payout_batch_id", "batch_status", "sender_batch_header"});
  out["links"] = Json::array({link(call.link("/v1/payments/payouts/" + id), "self")});
  return jsonAnswer(201, out);
}

ApiAnswer getPayout(Call& call) {
  const auto& batch = named(call, "payouts");
  auto out = renderBatch(batch);
  std::vector<Json*> items;
  for (const auto& id : batch["_items"]) {
    items.push_back(call.account.of("payout-items").find(id.get<std::string>()));
  }
  Page page;
  Json list = Json::array();
  for (const auto* item : pageOf(call, items, page, 1000, 1000)) {
    list.push_back(renderItem(*item, call.request.origin));
  }
  if (call.query("total_required") == "true") {
    out["total_items"] = page.total;
    out["total_pages"] = page.pages();
  }
  if (call.query("fields") != "batch_header") out["items"] = std::move(list);
  out["links"] = Json::array({link(call.link(call.request.path), "self")});
  return jsonAnswer(200, out);
}

Json wholeItem(Call& call, const Json& item) {
  auto out = renderItem(item, call.request.origin);
  const auto* batch = call.account.of("payouts").find(textOf(item, "payout_batch_id"));
  if (batch) {
    out["sender_batch_id"] = digText(*batch, "batch_header.sender_batch_header.sender_batch_id");
  }
  return out;
}

ApiAnswer getItem(Call& call) {
  return jsonAnswer(200, wholeItem(call, named(call, "payout-items")));
}

ApiAnswer cancelItem(Call& call) {
  auto& item = named(call, "payout-items");
  if (textOf(item, "transaction_status") != "UNCLAIMED") {
    throw ApiProblem(errorAnswer(400, "ITEM_INCORRECT_STATUS",
                                 "Item is not in a state that can be cancelled: only an unclaimed "
                                 "item can be.",
                                 "ITEM_INCORRECT_STATUS",
                                 "Only an unclaimed item can be cancelled.", "payout_item_id",
                                 call.ids[0]));
  }
  giveBack(call.world, call.account, item, "RETURNED", "PAYMENT.PAYOUTS-ITEM.CANCELED",
           call.request.origin);
  return jsonAnswer(200, wholeItem(call, item));
}

}  // namespace

void claimPayout(World& world, Account& account, Json& item, const std::string& origin) {
  const auto status = textOf(item, "transaction_status");
  if (status != "UNCLAIMED" && status != "ONHOLD") throw notFound();
  if (status == "ONHOLD") bookItem(world, account, item, "payout", true);
  item["transaction_status"] = "SUCCESS";
  item.erase("errors");
  announceItem(world, account, item, "PAYMENT.PAYOUTS-ITEM.SUCCEEDED", origin);
}

void addPayouts(Routes& routes) {
  routes.insert(routes.end(), {{"POST", "/v1/payments/payouts", createPayout},
                               {"GET", "/v1/payments/payouts/{}", getPayout},
                               {"GET", "/v1/payments/payouts-item/{}", getItem},
                               {"POST", "/v1/payments/payouts-item/{}/cancel", cancelItem}});
}

}  // namespace simulators::paypal
