#include "paypal/orders.hpp"

#include <algorithm>
#include <set>

#include "paypal/operations.hpp"
#include "paypal/patch.hpp"

namespace simulators::paypal {
namespace {

constexpr std::size_t kUnitsMax = 10;

std::string unitPath(std::size_t index) {
  return "/purchase_units/" + std::to_string(index);
}

void checkCurrency(const Money& money, const Currency*& currency) {
  if (currency && currency != money.currency) {
    throw unprocessable("MULTI_CURRENCY_ORDER",
                        "Multiple differing values of currency_code are not supported. Entire "
                        "Order request must have the same currency_code.");
  }
  currency = money.currency;
}

// The parts of the amount add up, and the items to their part.
void checkBreakdown(const Json& unit, const Money& total, const std::string& path) {
  const auto& breakdown = dig(unit, "amount.breakdown");
  const auto& items = dig(unit, "items");
  std::int64_t itemSum = 0;
  if (items.is_array()) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto where = path + "/items/" + std::to_string(i);
      if (digText(items[i], "name").empty()) throw missing(where + "/name");
      if (digText(items[i], "quantity").empty()) throw missing(where + "/quantity");
      const auto price = requireMoney(items[i], "unit_amount", where + "/unit_amount", true);
      itemSum += price.units * std::atoll(digText(items[i], "quantity").c_str());
    }
  }
  if (!breakdown.is_object()) {
    if (items.is_array() && !items.empty()) {
      throw unprocessable("ITEM_TOTAL_REQUIRED",
                          "If item details are specified (items.unit_amount and items.quantity) "
                          "corresponding amount.breakdown.item_total is required.",
                          path + "/amount/breakdown/item_total");
    }
    return;
  }
  std::int64_t sum = 0;
  for (const auto* part : {"item_total", "shipping", "handling", "tax_total", "insurance",
                           "shipping_discount", "discount"}) {
    if (!has(breakdown, part)) continue;
    const auto money =
        requireMoney(breakdown, part, path + "/amount/breakdown/" + std::string(part), true);
    sum += std::string_view(part).ends_with("discount") ? -money.units : money.units;
  }
  if (sum != total.units) {
    throw unprocessable("AMOUNT_MISMATCH",
                        "Should equal item_total + tax_total + shipping + handling + insurance - "
                        "shipping_discount - discount.",
                        path + "/amount/value", total.value());
  }
  if (items.is_array() && !items.empty() &&
      moneyOf(dig(breakdown, "item_total")).units != itemSum) {
    throw unprocessable("ITEM_TOTAL_MISMATCH",
                        "Should equal sum of (unit_amount * quantity) across all items for a given "
                        "purchase_unit.",
                        path + "/amount/breakdown/item_total/value",
                        digText(breakdown, "item_total.value"));
  }
}

// Checks the units and gives each its reference id and its amount in PayPal's spelling.
void completeUnits(Json& units) {
  if (!units.is_array() || units.empty()) throw missing("/purchase_units");
  if (units.size() > kUnitsMax) {
    throw invalidRequest("INVALID_ARRAY_MAX_ITEMS",
                         "The number of items in an array parameter is too large.",
                         "/purchase_units");
  }
  const Currency* currency = nullptr;
  std::set<std::string> references;
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto& unit = units[i];
    const auto path = unitPath(i);
    if (!unit.is_object()) throw missing(path + "/amount");
    const auto total = requireMoney(unit, "amount", path + "/amount");
    checkCurrency(total, currency);
    checkBreakdown(unit, total, path);
    unit["amount"]["value"] = total.value();
    auto reference = digText(unit, "reference_id");
    if (reference.empty() && units.size() > 1) {
      throw unprocessable("REFERENCE_ID_REQUIRED",
                          "'reference_id' is required for each 'purchase_unit' if multiple "
                          "'purchase_unit' are provided.",
                          path + "/reference_id");
    }
    if (reference.empty()) reference = "default";
    if (!references.insert(reference).second) {
      throw unprocessable("DUPLICATE_REFERENCE_ID",
                          "`reference_id` must be unique if multiple `purchase_unit` are provided.",
                          path + "/reference_id", reference);
    }
    Json completed = Json::object();
    completed["reference_id"] = reference;
    completed.update(unit);
    completed["reference_id"] = reference;
    for (const auto* field : {"custom_id", "invoice_id", "description", "soft_descriptor"}) {
      const auto longest = std::string_view(field) == "soft_descriptor" ? 22U : 127U;
      const auto text = digText(unit, field);
      if (text.size() > longest) {
        throw invalidRequest("INVALID_STRING_MAX_LENGTH", "The value of a field is too long.",
                             path + "/" + field, text);
      }
    }
    unit = std::move(completed);
  }
}

ApiAnswer createOrder(Call& call) {
  const auto intent = digText(call.body, "intent");
  if (intent.empty()) throw missing("/intent");
  if (intent != "CAPTURE" && intent != "AUTHORIZE") {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "A parameter value is not valid.", "/intent",
                         intent);
  }
  call.obeyMockHeader();
  Json order = Json::object();
  order["id"] = "";
  order["intent"] = intent;
  order["status"] = "CREATED";
  order["purchase_units"] = dig(call.body, "purchase_units");
  completeUnits(order["purchase_units"]);
  take(order, call.body, {"payer", "processing_instruction"});
  order["create_time"] = call.now();
  order["update_time"] = call.now();
  if (has(call.body, "application_context")) {
    order["_context"] = call.body["application_context"];
  }
  const auto& source = dig(call.body, "payment_source");
  if (source.is_object() && paysAtOnce(source) && call.request.idempotencyKey.empty()) {
    throw invalidRequest("PAYPAL_REQUEST_ID_REQUIRED",
                         "A PayPal-Request-Id is required if you are trying to process payment for "
                         "an Order. Please specify a PayPal-Request-Id or Create the Order without "
                         "a 'payment_source' specified.",
                         {});
  }
  const auto id = call.world.mint("", 17);
  order["id"] = id;
  if (source.is_object() && !source.empty()) {
    applySource(call, order, source);
    // Stored before it is paid: the payment names its order.
    auto& stored = call.account.of("orders").add(id, std::move(order));
    if (textOf(stored, "status") == "APPROVED") {
      try {
        payOrder(call, stored);
      } catch (const ApiProblem&) {
        call.account.of("orders").erase(id);
        throw;
      }
    }
  } else {
    call.account.of("orders").add(id, std::move(order));
  }
  return jsonAnswer(201, renderOrder(call.account, *call.account.of("orders").find(id),
                                     call.request.origin, call.wantsRepresentation()));
}

ApiAnswer getOrder(Call& call) {
  const auto& order = named(call, "orders");
  return jsonAnswer(200, renderOrder(call.account, order, call.request.origin, true));
}

ApiAnswer updateOrder(Call& call) {
  auto& order = named(call, "orders");
  const auto status = textOf(order, "status");
  if (status == "COMPLETED" || status == "VOIDED") {
    throw unprocessable("ORDER_ALREADY_COMPLETED",
                        "The order cannot be patched after it is completed.");
  }
  if (!call.body.is_array()) throw missing("/");
  for (const auto& change : call.body) {
    const auto path = digText(change, "path");
    const bool patchable = path == "/intent" || path.starts_with("/payer") ||
                           path.starts_with("/purchase_units") ||
                           path.starts_with("/payment_source/");
    if (!patchable || path.find("/payments") != std::string::npos) {
      throw unprocessable("NOT_PATCHABLE", "Cannot be patched.", path);
    }
  }
  auto changed = order;
  applyPatch(changed, call.body);
  completeUnits(changed["purchase_units"]);
  changed["update_time"] = call.now();
  order = std::move(changed);
  return noContent();
}

ApiAnswer confirmSource(Call& call) {
  auto& order = named(call, "orders");
  const auto status = textOf(order, "status");
  if (status == "APPROVED") {
    throw unprocessable("PAYMENT_ALREADY_APPROVED",
                        "The payment has already been approved.  Please capture the order, or "
                        "create and confirm a new order with this payment source.");
  }
  if (status == "COMPLETED" || status == "VOIDED") {
    throw unprocessable("ORDER_COMPLETED_OR_VOIDED",
                        "Order is voided or completed and hence cannot be confirmed.");
  }
  const auto& source = dig(call.body, "payment_source");
  if (!source.is_object() || source.empty()) throw missing("/payment_source");
  call.obeyMockHeader();
  applySource(call, order, source);
  order["update_time"] = call.now();
  return jsonAnswer(
      200, renderOrder(call.account, order, call.request.origin, call.wantsRepresentation()));
}

// What the payer left of himself; PayPal shows it once the order is approved.
Json payerOf(World& world, const Json& order) {
  Json payer = Json::object();
  payer["name"] = Json{{"given_name", "Sim"}, {"surname", "Buyer"}};
  payer["email_address"] = "buyer@example.com";
  payer["payer_id"] = world.mintPayer();
  payer["address"] = Json{{"country_code", "US"}};
  for (const auto* wish : {"payer", "payment_source.paypal", "payment_source.venmo"}) {
    const auto& given = dig(order, wish);
    take(payer, given, {"name", "address"});
    if (!digText(given, "email_address").empty()) payer["email_address"] = given["email_address"];
  }
  return payer;
}

Json orderLinks(const Json& order, const std::string& origin) {
  const auto id = textOf(order, "id");
  const auto status = textOf(order, "status");
  const auto self = origin + "/v2/checkout/orders/" + id;
  const auto page = origin + "/checkoutnow?token=" + id;
  Json links = Json::array();
  links.push_back(link(self, "self"));
  if (status == "PAYER_ACTION_REQUIRED") links.push_back(link(page, "payer-action"));
  if (status == "CREATED") links.push_back(link(page, "approve"));
  if (status == "CREATED" || status == "APPROVED") {
    const auto action = textOf(order, "intent") == "CAPTURE" ? "capture" : "authorize";
    links.push_back(link(self, "update", "PATCH"));
    links.push_back(link(self + "/" + action, action, "POST"));
  }
  return links;
}

}  // namespace

void approveOrder(World& world, Account& account, Json& order, const std::string& origin) {
  const auto status = textOf(order, "status");
  if (status != "CREATED" && status != "PAYER_ACTION_REQUIRED") {
    throw unprocessable("ORDER_CANNOT_BE_CONFIRMED",
                        "The order does not wait for the payer's approval.");
  }
  order["payer"] = payerOf(world, order);
  auto& source = order["payment_source"];
  if (!source.is_object() || source.empty()) source = Json{{"paypal", Json::object()}};
  if (has(source, "paypal")) {
    auto& wallet = source["paypal"];
    if (!wallet.is_object()) wallet = Json::object();
    wallet["email_address"] = order["payer"]["email_address"];
    wallet["account_id"] = order["payer"]["payer_id"];
    wallet["account_status"] = "VERIFIED";
    wallet["name"] = order["payer"]["name"];
    wallet["address"] = order["payer"]["address"];
  }
  order["status"] = "APPROVED";
  order["update_time"] = isoTime(world.timeMs());
  announce(world, account, "CHECKOUT.ORDER.APPROVED", "checkout-order",
           "An order has been approved by buyer", renderOrder(account, order, origin, true),
           origin);
}

Json renderOrder(Account& account, const Json& order, const std::string& origin, bool whole) {
  Json out = Json::object();
  if (!whole) {
    take(out, order, {"id", "status"});
    out["links"] = orderLinks(order, origin);
    return out;
  }
  out = shown(order);
  auto& units = out["purchase_units"];
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto& unit = units[i];
    if (!has(unit, "payee")) {
      unit["payee"] =
          Json{{"email_address", "merchant@example.com"}, {"merchant_id", account.merchantId}};
    }
    const auto& made = dig(order["purchase_units"][i], "_payments");
    Json payments = Json::object();
    const auto show = [&](const char* name, auto render) {
      const auto& ids = dig(made, name);
      if (!ids.is_array()) return;
      payments[name] = Json::array();
      for (const auto& id : ids) {
        payments[name].push_back(render(*account.of(name).find(id.get<std::string>()), origin));
      }
    };
    show("authorizations", renderAuthorization);
    show("captures", renderCapture);
    show("refunds", [](const Json& refund, const std::string&) { return shown(refund); });
    if (!payments.empty()) unit["payments"] = std::move(payments);
  }
  out["links"] = orderLinks(order, origin);
  return out;
}

void addOrders(Routes& routes) {
  routes.insert(routes.end(),
                {{"POST", "/v2/checkout/orders", createOrder},
                 {"GET", "/v2/checkout/orders/{}", getOrder},
                 {"PATCH", "/v2/checkout/orders/{}", updateOrder},
                 {"POST", "/v2/checkout/orders/{}/confirm-payment-source", confirmSource}});
}

}  // namespace simulators::paypal
