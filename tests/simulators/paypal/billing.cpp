// The cycles of subscriptions.
#include <ctime>

#include "paypal/orders.hpp"
#include "paypal/subscriptions.hpp"

namespace simulators::paypal {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

std::int64_t addMonths(std::int64_t ms, std::int64_t months) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  const int day = parts.tm_mday;
  parts.tm_mday = 1;
  parts.tm_mon += static_cast<int>(months);
  auto first = timegm(&parts);
  std::tm month{};
  gmtime_r(&first, &month);
  const int year = month.tm_year + 1900;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int last = kDays[month.tm_mon];
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month.tm_mon == 1 && leap) last = 29;
  return (static_cast<std::int64_t>(first) + (std::min(day, last) - 1) * 86'400LL) * 1000 +
         ms % 1000;
}

// The start of the n-th period of the cycle that began at that time.
std::int64_t periodStart(const Json& cycle, std::int64_t fromMs, std::int64_t periods) {
  const auto unit = digText(cycle, "frequency.interval_unit");
  const auto count =
      periods * std::max<std::int64_t>(1, integerOf(cycle["frequency"], "interval_count", 1));
  if (unit == "DAY") return fromMs + count * kDayMs;
  if (unit == "WEEK") return fromMs + count * 7 * kDayMs;
  return addMonths(fromMs, unit == "YEAR" ? count * 12 : count);
}

const Json* currentCycle(const Json& subscription) {
  const auto& executions = dig(subscription, "billing_info.cycle_executions");
  const auto place = static_cast<std::size_t>(integerOf(subscription, "_cycle"));
  if (place >= executions.size()) return nullptr;
  for (const auto& cycle : dig(subscription, "_plan.billing_cycles")) {
    if (integerOf(cycle, "sequence") == integerOf(executions[place], "sequence")) return &cycle;
  }
  return nullptr;
}

Json executionsOf(const Json& plan) {
  std::vector<const Json*> cycles;
  for (const auto& cycle : dig(plan, "billing_cycles")) cycles.push_back(&cycle);
  std::stable_sort(cycles.begin(), cycles.end(), [](const Json* a, const Json* b) {
    return integerOf(*a, "sequence") < integerOf(*b, "sequence");
  });
  Json list = Json::array();
  for (const auto* cycle : cycles) {
    const auto total = integerOf(*cycle, "total_cycles", 1);
    list.push_back(Json{{"tenure_type", digText(*cycle, "tenure_type")},
                        {"sequence", integerOf(*cycle, "sequence")},
                        {"cycles_completed", 0},
                        {"cycles_remaining", total},
                        {"current_pricing_scheme_version", 1},
                        {"total_cycles", total}});
  }
  return list;
}

void arm(World& world, Account& account, Json& subscription, std::int64_t dueMs,
         const std::string& origin);

void expire(World& world, Account& account, Json& subscription, const std::string& origin) {
  subscription["billing_info"].erase("next_billing_time");
  setSubscriptionStatus(world, account, subscription, "EXPIRED", "BILLING.SUBSCRIPTION.EXPIRED",
                        origin);
}

void countFailure(World& world, Account& account, Json& subscription, const Money& amount,
                  const std::string& origin) {
  auto& info = subscription["billing_info"];
  const auto failed = integerOf(info, "failed_payments_count") + 1;
  info["failed_payments_count"] = failed;
  info["last_failed_payment"] = Json{{"amount", moneyJson(amount)},
                                     {"time", isoTime(world.timeMs())},
                                     {"reason_code", "PAYMENT_DENIED"}};
  auto outstanding = moneyOf(info["outstanding_balance"]);
  outstanding.units += amount.units;
  info["outstanding_balance"] = moneyJson(outstanding);
  announce(world, account, "BILLING.SUBSCRIPTION.PAYMENT.FAILED", "subscription",
           "Payment failed on subscription", renderSubscription(subscription, origin), origin);
  const auto threshold =
      integerOf(dig(subscription, "_plan.payment_preferences"), "payment_failure_threshold");
  if (threshold > 0 && failed >= threshold) {
    stopBilling(subscription);
    setSubscriptionStatus(world, account, subscription, "SUSPENDED",
                          "BILLING.SUBSCRIPTION.SUSPENDED", origin);
  }
}

// One period is due: it is charged, and the next one is set.
void bill(World& world, Account& account, Json& subscription, const std::string& origin) {
  const auto* cycle = currentCycle(subscription);
  if (!cycle) return expire(world, account, subscription, origin);
  auto& execution = subscription["billing_info"]["cycle_executions"]
                                [static_cast<std::size_t>(integerOf(subscription, "_cycle"))];
  const auto done = integerOf(execution, "cycles_completed") + 1;
  const auto total = integerOf(execution, "total_cycles");
  execution["cycles_completed"] = done;
  execution["cycles_remaining"] = total == 0 ? 0 : total - done;
  const auto period = integerOf(subscription, "_period") + 1;
  const auto nextMs = periodStart(*cycle, integerOf(subscription, "_cycleStartMs"), period);
  subscription["_period"] = period;
  const auto price = currentPrice(subscription);
  if (total != 0 && done >= total) {
    subscription["_cycle"] = integerOf(subscription, "_cycle") + 1;
    subscription["_cycleStartMs"] = nextMs;
    subscription["_period"] = 0;
  }
  arm(world, account, subscription, nextMs, origin);
  if (!price.currency || price.units == 0) return;
  if (!chargeSubscription(world, account, subscription, price, {}, origin)) {
    countFailure(world, account, subscription, price, origin);
  }
}

void arm(World& world, Account& account, Json& subscription, std::int64_t dueMs,
         const std::string& origin) {
  const auto id = textOf(subscription, "id");
  const auto round = integerOf(subscription, "_round");
  subscription["_nextMs"] = dueMs;
  subscription["billing_info"]["next_billing_time"] = isoTime(dueMs);
  world.at(dueMs, [&world, &account, id, round, origin] {
    auto* found = account.of("subscriptions").find(id);
    if (found && integerOf(*found, "_round") == round) bill(world, account, *found, origin);
  });
}

std::int64_t withTax(const Json& plan, std::int64_t units) {
  const auto percentage = digText(plan, "taxes.percentage");
  if (percentage.empty() || flagOf(dig(plan, "taxes"), "inclusive")) return units;
  const auto hundredths = readMoney("USD", percentage).money.units;
  return units + (units * hundredths + 5'000) / 10'000;
}

}  // namespace

Money currentPrice(const Json& subscription) {
  const auto* cycle = currentCycle(subscription);
  if (!cycle || !has(dig(*cycle, "pricing_scheme"), "fixed_price")) return {};
  auto price = moneyOf((*cycle)["pricing_scheme"]["fixed_price"]);
  const auto quantity = digText(subscription, "quantity");
  if (!quantity.empty()) price.units *= std::atoll(quantity.c_str());
  price.units = withTax(subscription["_plan"], price.units);
  if (has(subscription, "shipping_amount")) {
    price.units += moneyOf(subscription["shipping_amount"]).units;
  }
  return price;
}

bool chargeSubscription(World& world, Account& account, Json& subscription, const Money& amount,
                        const std::string& key, const std::string& origin) {
  if (flagOf(subscription, "_fails") ||
      digText(subscription, "subscriber.email_address").starts_with("fail")) {
    return false;
  }
  NewCapture wish;
  wish.amount = amount;
  wish.subscriptionId = textOf(subscription, "id");
  wish.payment = wish.subscriptionId;
  wish.key = key;
  wish.origin = origin;
  take(wish.details, subscription, {"custom_id"});
  wish.metadata.emplace_back("subscription", wish.subscriptionId);
  if (has(subscription, "custom_id")) {
    wish.metadata.emplace_back("custom_id", textOf(subscription, "custom_id"));
  }
  createCapture(world, account, std::move(wish));
  subscription["billing_info"]["last_payment"] =
      Json{{"amount", moneyJson(amount)}, {"time", isoTime(world.timeMs())}};
  subscription["billing_info"]["failed_payments_count"] = 0;
  return true;
}

void startBilling(World& world, Account& account, Json& subscription, const std::string& origin) {
  const auto plan = subscription["_plan"];
  Money zero;
  for (const auto& cycle : plan["billing_cycles"]) {
    const auto& price = dig(cycle, "pricing_scheme.fixed_price");
    if (price.is_object()) zero.currency = moneyOf(price).currency;
  }
  const auto startMs =
      std::max(readTime(textOf(subscription, "start_time")).value_or(0), world.timeMs());
  if (!has(subscription, "billing_info")) {
    subscription["billing_info"] = Json{{"outstanding_balance", moneyJson(zero)},
                                        {"cycle_executions", executionsOf(plan)},
                                        {"failed_payments_count", 0}};
    subscription["_cycle"] = 0;
    subscription["_period"] = 0;
    subscription["_cycleStartMs"] = startMs;
    const auto& fee = dig(plan, "payment_preferences.setup_fee");
    if (fee.is_object() && moneyOf(fee).units > 0) {
      const auto amount = moneyOf(fee);
      if (!chargeSubscription(world, account, subscription, amount, {}, origin)) {
        countFailure(world, account, subscription, amount, origin);
        if (digText(plan, "payment_preferences.setup_fee_failure_action") != "CONTINUE") {
          stopBilling(subscription);
          return setSubscriptionStatus(world, account, subscription, "CANCELLED",
                                       "BILLING.SUBSCRIPTION.CANCELLED", origin);
        }
      }
    }
    if (startMs <= world.timeMs()) return bill(world, account, subscription, origin);
    return arm(world, account, subscription, startMs, origin);
  }
  // Resumed: what fell due while it rested is not charged.
  auto dueMs = integerOf(subscription, "_nextMs", world.timeMs());
  if (const auto* cycle = currentCycle(subscription)) {
    while (dueMs < world.timeMs()) {
      const auto period = integerOf(subscription, "_period") + 1;
      subscription["_period"] = period;
      dueMs = periodStart(*cycle, integerOf(subscription, "_cycleStartMs"), period);
    }
  }
  arm(world, account, subscription, dueMs, origin);
}

void stopBilling(Json& subscription) {
  subscription["_round"] = integerOf(subscription, "_round") + 1;
  if (has(subscription, "billing_info")) subscription["billing_info"].erase("next_billing_time");
}

void setSubscriptionStatus(World& world, Account& account, Json& subscription,
                           const std::string& status, const std::string& event,
                           const std::string& origin) {
  subscription["status"] = status;
  subscription["status_update_time"] = isoTime(world.timeMs());
  subscription["update_time"] = isoTime(world.timeMs());
  announce(world, account, event, "subscription", "Subscription " + status,
           renderSubscription(subscription, origin), origin);
}

}  // namespace simulators::paypal
