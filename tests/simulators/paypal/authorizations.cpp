// Reserved money: captured in parts, released, reserved anew.
#include "paypal/operations.hpp"
#include "paypal/orders.hpp"

namespace simulators::paypal {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kLifetimeMs = 29 * kDayMs;

Money leftOf(const Json& authorization) {
  auto money = moneyOf(authorization["amount"]);
  money.units -= integerOf(authorization, "_captured");
  return money;
}

Json& unitOf(Json& order, const Json& authorization) {
  return order["purchase_units"][static_cast<std::size_t>(integerOf(authorization, "_unit"))];
}

void bookRelease(World& world, Account& account, const Json& authorization, const Money& money,
                 const std::string& key) {
  if (money.units == 0) return;
  Entry entry;
  entry.type = "void";
  entry.id = textOf(authorization, "id");
  entry.payment = textOf(authorization, "_payment");
  entry.money = money;
  entry.key = key;
  for (const auto& [name, value] : dig(authorization, "_metadata").items()) {
    entry.metadata.emplace_back(name, value.get<std::string>());
  }
  book(world, account, std::move(entry));
}

void release(World& world, Account& account, Json& authorization, const std::string& key,
             const std::string& origin) {
  bookRelease(world, account, authorization, leftOf(authorization), key);
  authorization["status"] = "VOIDED";
  authorization["update_time"] = isoTime(world.timeMs());
  announce(world, account, "PAYMENT.AUTHORIZATION.VOIDED", "authorization",
           "A payment authorization was voided", renderAuthorization(authorization, origin),
           origin);
}

bool isOpen(const Json& authorization) {
  const auto status = textOf(authorization, "status");
  return status == "CREATED" || status == "PARTIALLY_CAPTURED" || status == "PENDING";
}

ApiAnswer answer(const Call& call, unsigned status, const Json& authorization) {
  auto whole = renderAuthorization(authorization, call.request.origin);
  if (call.wantsRepresentation() || call.request.method == "GET") return jsonAnswer(status, whole);
  Json out = Json::object();
  take(out, whole, {"id", "status", "links"});
  return jsonAnswer(status, out);
}

ApiAnswer getAuthorization(Call& call) {
  return answer(call, 200, named(call, "authorizations"));
}

void checkCapturable(const Json& authorization) {
  const auto status = textOf(authorization, "status");
  if (status == "VOIDED") {
    throw unprocessable("AUTHORIZATION_VOIDED",
                        "A voided authorization cannot be captured or reauthorized.");
  }
  if (status == "CAPTURED") {
    throw unprocessable("AUTHORIZATION_ALREADY_CAPTURED",
                        "Authorization has already been captured.");
  }
  if (status == "DENIED") {
    throw unprocessable("AUTHORIZATION_DENIED", "A denied authorization cannot be captured.");
  }
}

ApiAnswer captureAuthorization(Call& call) {
  auto& authorization = named(call, "authorizations");
  call.obeyMockHeader();
  checkCapturable(authorization);
  const auto left = leftOf(authorization);
  auto wanted = left;
  if (call.body.is_object() && has(call.body, "amount")) {
    wanted = requireMoney(call.body, "amount", "/amount");
  }
  if (wanted.currency != left.currency) {
    throw unprocessable("AUTH_CAPTURE_CURRENCY_MISMATCH",
                        "Currency of capture must be the same as currency of authorization.",
                        "/amount/currency_code", wanted.code());
  }
  if (wanted.units > left.units) {
    throw unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED", "Capture amount exceeds allowable limit.",
                        "/amount/value", wanted.value());
  }
  const bool all = wanted.units == left.units;
  const bool isFinal = all || flagOf(call.body, "final_capture");
  NewCapture wish;
  wish.amount = wanted;
  wish.orderId = textOf(authorization, "_order");
  wish.authorizationId = textOf(authorization, "id");
  wish.payment = textOf(authorization, "_payment");
  wish.key = call.request.idempotencyKey;
  wish.origin = call.request.origin;
  wish.finalCapture = isFinal;
  take(wish.details, authorization, {"custom_id", "invoice_id", "payee"});
  take(wish.details, call.body, {"invoice_id", "note_to_payer", "soft_descriptor"});
  for (const auto& [name, value] : dig(authorization, "_metadata").items()) {
    wish.metadata.emplace_back(name, value.get<std::string>());
  }
  auto& capture = createCapture(call.world, call.account, std::move(wish));
  authorization["_captured"] = integerOf(authorization, "_captured") + wanted.units;
  authorization["status"] = isFinal ? "CAPTURED" : "PARTIALLY_CAPTURED";
  authorization["update_time"] = call.now();
  if (isFinal && !all) {
    bookRelease(call.world, call.account, authorization, leftOf(authorization),
                call.request.idempotencyKey);
  }
  if (auto* order = call.account.of("orders").find(textOf(authorization, "_order"))) {
    auto& unit = unitOf(*order, authorization);
    unit["_payments"]["captures"].push_back(textOf(capture, "id"));
  }
  const auto whole = renderCapture(capture, call.request.origin);
  if (call.wantsRepresentation()) return jsonAnswer(201, whole);
  Json out = Json::object();
  take(out, whole, {"id", "status", "links"});
  return jsonAnswer(201, out);
}

ApiAnswer voidAuthorization(Call& call) {
  auto& authorization = named(call, "authorizations");
  call.obeyMockHeader();
  const auto status = textOf(authorization, "status");
  if (status == "VOIDED") {
    throw unprocessable("PREVIOUSLY_VOIDED",
                        "Authorization has been previously voided and hence cannot be voided "
                        "again.");
  }
  if (status == "CAPTURED") {
    throw unprocessable("PREVIOUSLY_CAPTURED",
                        "Authorization has been previously captured and hence cannot be voided.");
  }
  release(call.world, call.account, authorization, call.request.idempotencyKey,
          call.request.origin);
  return call.wantsRepresentation() ? answer(call, 200, authorization) : noContent();
}

ApiAnswer reauthorize(Call& call) {
  auto& old = named(call, "authorizations");
  call.obeyMockHeader();
  checkCapturable(old);
  if (textOf(old, "status") != "CREATED") {
    throw unprocessable("REAUTHORIZATION_NOT_SUPPORTED",
                        "A reauthorize is not supported for this type of transaction.");
  }
  auto amount = leftOf(old);
  if (call.body.is_object() && has(call.body, "amount")) {
    amount = requireMoney(call.body, "amount", "/amount");
  }
  if (amount.currency != leftOf(old).currency) {
    throw unprocessable("AUTH_CURRENCY_MISMATCH",
                        "Currency of the reauthorization must be the same as of the authorization.",
                        "/amount/currency_code", amount.code());
  }
  if (amount.units > leftOf(old).units * 115 / 100) {
    throw unprocessable("AUTHORIZATION_AMOUNT_EXCEEDED",
                        "The reauthorized amount exceeds 115% of the original.", "/amount/value",
                        amount.value());
  }
  NewCapture wish;
  wish.amount = amount;
  wish.orderId = textOf(old, "_order");
  wish.payment = textOf(old, "_payment");
  wish.key = call.request.idempotencyKey;
  wish.origin = call.request.origin;
  take(wish.details, old, {"custom_id", "invoice_id", "payee"});
  for (const auto& [name, value] : dig(old, "_metadata").items()) {
    wish.metadata.emplace_back(name, value.get<std::string>());
  }
  release(call.world, call.account, old, wish.key, wish.origin);
  auto& renewed = createAuthorization(call.world, call.account, std::move(wish));
  renewed["_unit"] = integerOf(old, "_unit");
  if (auto* order = call.account.of("orders").find(textOf(old, "_order"))) {
    auto& unit = unitOf(*order, old);
    unit["_payments"]["authorizations"].push_back(textOf(renewed, "id"));
  }
  return answer(call, 201, renewed);
}

}  // namespace

Json& createAuthorization(World& world, Account& account, NewCapture wish) {
  const auto id = world.mint("", 17);
  const auto origin = wish.origin;
  Json authorization = Json::object();
  authorization["id"] = id;
  authorization["status"] = "CREATED";
  authorization["amount"] = moneyJson(wish.amount);
  authorization["seller_protection"] =
      Json{{"status", "ELIGIBLE"},
           {"dispute_categories", {"ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"}}};
  authorization.update(wish.details);
  authorization["expiration_time"] = isoTime(world.timeMs() + kLifetimeMs);
  authorization["create_time"] = isoTime(world.timeMs());
  authorization["update_time"] = isoTime(world.timeMs());
  authorization["_order"] = wish.orderId;
  authorization["_payment"] = wish.payment;
  authorization["_captured"] = 0;
  authorization["_unit"] = 0;
  authorization["_metadata"] = Json::object();
  for (const auto& [name, value] : wish.metadata) authorization["_metadata"][name] = value;
  auto& stored = account.of("authorizations").add(id, std::move(authorization));
  Entry entry;
  entry.type = "authorization";
  entry.id = id;
  entry.payment = wish.payment;
  entry.money = wish.amount;
  entry.key = wish.key;
  entry.metadata = wish.metadata;
  book(world, account, std::move(entry));
  announce(world, account, "PAYMENT.AUTHORIZATION.CREATED", "authorization",
           "A payment authorization is created", renderAuthorization(stored, origin), origin);
  world.at(world.timeMs() + kLifetimeMs, [&world, &account, id, origin] {
    auto* expired = account.of("authorizations").find(id);
    if (expired && isOpen(*expired)) release(world, account, *expired, {}, origin);
  });
  return stored;
}

Json renderAuthorization(const Json& authorization, const std::string& origin) {
  auto out = shown(authorization);
  const auto self = origin + "/v2/payments/authorizations/" + textOf(authorization, "id");
  const auto order = textOf(authorization, "_order");
  if (!order.empty()) {
    out["supplementary_data"] = Json{{"related_ids", {{"order_id", order}}}};
  }
  out["links"] = Json::array({link(self, "self")});
  if (isOpen(authorization)) {
    out["links"].push_back(link(self + "/capture", "capture", "POST"));
    out["links"].push_back(link(self + "/void", "void", "POST"));
    out["links"].push_back(link(self + "/reauthorize", "reauthorize", "POST"));
  }
  if (!order.empty()) out["links"].push_back(link(origin + "/v2/checkout/orders/" + order, "up"));
  return out;
}

void addAuthorizations(Routes& routes) {
  routes.insert(routes.end(),
                {{"GET", "/v2/payments/authorizations/{}", getAuthorization},
                 {"POST", "/v2/payments/authorizations/{}/capture", captureAuthorization},
                 {"POST", "/v2/payments/authorizations/{}/void", voidAuthorization},
                 {"POST", "/v2/payments/authorizations/{}/reauthorize", reauthorize}});
}

}  // namespace simulators::paypal
