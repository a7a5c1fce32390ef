#include "razorpay/operations.hpp"

namespace simulators::razorpay {

Json createPlan(Call& call) {
  const auto& item = call.params["item"];
  const auto currency = has(item, "currency") ? textOf(item, "currency") : std::string("INR");
  if (!has(item, "name")) refuse("The name field is required.", "item.name");
  if (!has(item, "amount")) refuse("The amount field is required.", "item.amount");
  checkAmount(integerOf(item, "amount"), currency);
  const auto period = call.text("period");
  const auto interval = call.integer("interval");
  if (interval < 1) refuse("The interval must be at least 1.", "interval");
  if (period == "daily" && interval < 7) {
    refuse("For daily plans, the interval should be at least 7", "interval");
  }
  const auto now = call.host.now();
  return shown(call.book["plan"].add({{"id", call.host.id("plan_")},
                                      {"entity", "plan"},
                                      {"interval", interval},
                                      {"period", period},
                                      {"item",
                                       {{"id", call.host.id("item_")},
                                        {"active", true},
                                        {"name", item.at("name")},
                                        {"description", textOrNull(textOf(item, "description"))},
                                        {"amount", item.at("amount")},
                                        {"unit_amount", item.at("amount")},
                                        {"currency", currency},
                                        {"type", "plan"},
                                        {"unit", nullptr},
                                        {"tax_inclusive", false},
                                        {"hsn_code", nullptr},
                                        {"sac_code", nullptr},
                                        {"tax_rate", nullptr},
                                        {"tax_id", nullptr},
                                        {"tax_group_id", nullptr},
                                        {"created_at", now},
                                        {"updated_at", now}}},
                                      {"notes", notesOf(call.params)},
                                      {"created_at", now}}));
}

Json listPlans(Call& call) {
  return collection(call, "plan", [&](const Json& plan) {
    return !call.has("period") || textOf(plan, "period") == call.text("period");
  });
}

Json getPlan(Call& call) {
  return shown(object(call, "plan", call.ids[0]));
}

}  // namespace simulators::razorpay
