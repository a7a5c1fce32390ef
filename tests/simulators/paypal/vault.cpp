// The vault: setup tokens, and the payment tokens that come of them.
#include "paypal/vault.hpp"

#include "paypal/operations.hpp"

namespace simulators::paypal {
namespace {

constexpr std::int64_t kSetupLifetimeMs = 3LL * 24 * 60 * 60 * 1000;

Json maskedSource(const Json& source) {
  Json out = source;
  if (has(out, "card")) {
    auto& card = out["card"];
    const auto number = digText(card, "number");
    if (number.empty() || number.size() < 13 || number.size() > 19) {
      throw invalidRequest("INVALID_STRING_LENGTH",
                           "The value of a field is either too short or too long.",
                           "/payment_source/card/number");
    }
    card["last_digits"] = number.substr(number.size() - 4);
    card["brand"] = number.starts_with('3')   ? "AMEX"
                    : number.starts_with('5') ? "MASTERCARD"
                                              : "VISA";
    for (const auto* hidden : {"number", "security_code", "experience_context"}) card.erase(hidden);
  }
  for (const auto* wallet : {"paypal", "venmo"}) {
    if (has(out, wallet)) out[wallet].erase("experience_context");
  }
  return out;
}

std::string tokenPath(const std::string& kind, const Json& token) {
  return "/v3/vault/" + kind + "/" + textOf(token, "id");
}

Json renderSetup(const Json& token, const std::string& origin) {
  auto out = shown(token);
  out["links"] = Json::array({link(origin + tokenPath("setup-tokens", token), "self")});
  if (textOf(token, "status") == "PAYER_ACTION_REQUIRED") {
    out["links"].push_back(
        link(origin + "/agreements/approve?approval_session_id=" + textOf(token, "id"), "approve"));
  }
  out["links"].push_back(link(origin + "/v3/vault/payment-tokens", "confirm", "POST"));
  return out;
}

Json renderPayment(const Json& token, const std::string& origin) {
  auto out = shown(token);
  const auto self = origin + tokenPath("payment-tokens", token);
  out["links"] = Json::array({link(self, "self"), link(self, "delete", "DELETE")});
  return out;
}

Json customerOf(Call& call) {
  auto id = digText(call.body, "customer.id");
  if (id.size() > 22) {
    throw invalidRequest("INVALID_STRING_MAX_LENGTH", "The value of a field is too long.",
                         "/customer/id", id);
  }
  if (id.empty()) id = call.world.mint("", 10);
  Json customer = Json{{"id", id}};
  take(customer, dig(call.body, "customer"), {"merchant_customer_id"});
  return customer;
}

const Json& requireSource(const Call& call) {
  const auto& source = dig(call.body, "payment_source");
  if (!source.is_object() || source.empty()) throw missing("/payment_source");
  if (source.size() != 1) {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "Exactly one payment source is allowed.",
                         "/payment_source");
  }
  return source;
}

ApiAnswer createSetup(Call& call) {
  const auto& source = requireSource(call);
  call.obeyMockHeader();
  const auto id = call.world.mint("", 17);
  Json token = Json::object();
  token["id"] = id;
  token["customer"] = customerOf(call);
  const bool byPayer = has(source, "paypal") || has(source, "venmo") ||
                       digText(source, "card.verification_method") == "SCA_ALWAYS";
  token["status"] = byPayer ? "PAYER_ACTION_REQUIRED" : "APPROVED";
  token["payment_source"] = maskedSource(source);
  token["_context"] = dig(source.begin().value(), "experience_context");
  token["_untilMs"] = call.world.timeMs() + kSetupLifetimeMs;
  const auto& stored = call.account.of("setup-tokens").add(id, std::move(token));
  return jsonAnswer(201, renderSetup(stored, call.request.origin));
}

ApiAnswer getSetup(Call& call) {
  return jsonAnswer(200, renderSetup(named(call, "setup-tokens"), call.request.origin));
}

// The approved setup token that the request turns into a payment token.
Json& usableSetup(Call& call, const std::string& id) {
  auto* setup = call.account.of("setup-tokens").find(id);
  if (!setup || integerOf(*setup, "_untilMs") <= call.world.timeMs()) throw notFound();
  if (textOf(*setup, "status") == "VAULTED") {
    throw unprocessable("TOKEN_ALREADY_USED", "The setup token has been used already.",
                        "/payment_source/token/id", id);
  }
  if (textOf(*setup, "status") != "APPROVED") {
    throw unprocessable("PAYER_ACTION_REQUIRED", "The payer has not approved the setup token.",
                        "/payment_source/token/id", id);
  }
  return *setup;
}

ApiAnswer createPayment(Call& call) {
  const auto& source = requireSource(call);
  call.obeyMockHeader();
  Json token = Json::object();
  token["id"] = "";
  if (has(source, "token")) {
    auto& setup = usableSetup(call, digText(source, "token.id"));
    token["customer"] = setup["customer"];
    token["payment_source"] = setup["payment_source"];
    setup["status"] = "VAULTED";
  } else {
    token["customer"] = customerOf(call);
    token["payment_source"] = maskedSource(source);
  }
  const auto id = call.world.mintHex(8) + "t";
  token["id"] = id;
  const auto whole = renderPayment(call.account.of("payment-tokens").add(id, std::move(token)),
                                   call.request.origin);
  announce(call.world, call.account, "VAULT.PAYMENT-TOKEN.CREATED", "payment_token",
           "A payment token has been created", whole, call.request.origin);
  return jsonAnswer(201, whole);
}

ApiAnswer listPayments(Call& call) {
  const auto customer = call.query("customer_id");
  if (customer.empty()) throw missing("customer_id");
  if (customer.size() < 7) {
    throw invalidRequest("INVALID_STRING_LENGTH",
                         "The value of a field is either too short or too long.", "customer_id",
                         customer);
  }
  std::vector<Json*> found;
  for (auto* token : call.account.of("payment-tokens").all()) {
    if (digText(*token, "customer.id") == customer) found.push_back(token);
  }
  Page page;
  Json list = Json::array();
  for (const auto* token : pageOf(call, found, page, 5, 5)) {
    list.push_back(renderPayment(*token, call.request.origin));
  }
  Json out = Json::object();
  if (call.query("total_required") == "true" && page.total > 0) {
    out["total_items"] = page.total;
    out["total_pages"] = page.pages();
  }
  out["customer"] = Json{{"id", customer}};
  out["payment_tokens"] = std::move(list);
  out["links"] =
      Json::array({link(call.link("/v3/vault/payment-tokens?customer_id=" + customer), "self")});
  return jsonAnswer(200, out);
}

ApiAnswer getPayment(Call& call) {
  return jsonAnswer(200, renderPayment(named(call, "payment-tokens"), call.request.origin));
}

// What is not there is as good as deleted: PayPal has no 404 here.
ApiAnswer deletePayment(Call& call) {
  const auto* token = call.account.of("payment-tokens").find(call.ids[0]);
  if (!token) return noContent();
  const auto whole = renderPayment(*token, call.request.origin);
  call.account.of("payment-tokens").erase(call.ids[0]);
  announce(call.world, call.account, "VAULT.PAYMENT-TOKEN.DELETED", "payment_token",
           "A payment token has been deleted", whole, call.request.origin);
  return noContent();
}

}  // namespace

void approveSetup(World& world, Json& setup) {
  if (textOf(setup, "status") != "PAYER_ACTION_REQUIRED") {
    throw unprocessable("TOKEN_ALREADY_APPROVED", "The setup token does not wait for approval.");
  }
  setup["status"] = "APPROVED";
  for (const auto* wallet : {"paypal", "venmo"}) {
    if (!has(setup["payment_source"], wallet)) continue;
    auto& source = setup["payment_source"][wallet];
    source["email_address"] = "buyer@example.com";
    source["account_id"] = world.mintPayer();
    source["payer_id"] = source["account_id"];
    source["name"] = Json{{"given_name", "Sim"}, {"surname", "Buyer"}};
  }
}

void addVault(Routes& routes) {
  routes.insert(routes.end(), {{"POST", "/v3/vault/setup-tokens", createSetup},
                               {"GET", "/v3/vault/setup-tokens/{}", getSetup},
                               {"POST", "/v3/vault/payment-tokens", createPayment},
                               {"GET", "/v3/vault/payment-tokens", listPayments},
                               {"GET", "/v3/vault/payment-tokens/{}", getPayment},
                               {"DELETE", "/v3/vault/payment-tokens/{}", deletePayment}});
}

}  // namespace simulators::paypal
