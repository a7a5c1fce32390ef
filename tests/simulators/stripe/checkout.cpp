// Payment links and Checkout sessions, and what the payer does on their pages (control endpoints).
#include "stripe/catalog.hpp"
#include "stripe/currencies.hpp"
#include "stripe/documents.hpp"
#include "stripe/operations.hpp"
#include "stripe/payment_flow.hpp"
#include "stripe/payment_methods.hpp"
#include "stripe/subscriptions.hpp"

namespace simulators::stripe {
namespace {

constexpr std::int64_t kSessionSeconds = 24 * 60 * 60;
constexpr std::int64_t kSessionSecondsMin = 30 * 60;

Json lineItems(Call& call, const Lines& lines) {
  auto list = emptyList(call.path);
  for (const auto& line : lines.lines) {
    const auto amount = integerOf(line, "amount");
    const auto& price = *call.account.kind("price").find(textOf(line, "price"));
    list["data"].push_back({{"id", call.account.newId("li_1", 23)},
                            {"object", "item"},
                            {"adjustable_quantity", nullptr},
                            {"amount_discount", 0},
                            {"amount_subtotal", amount},
                            {"amount_tax", 0},
                            {"amount_total", amount},
                            {"currency", lines.currency},
                            {"description", "Item"},
                            {"metadata", Json::object()},
                            {"price", shown(price)},
                            {"quantity", line.at("quantity")}});
  }
  return list;
}

void expire(Call& call, Json& session) {
  session["status"] = "expired";
  session["url"] = nullptr;
  call.event("checkout.session.expired", session);
}

Json& newSession(Call& call, const Lines& lines, const std::string& mode) {
  auto session = newDocument(call, "checkout.session", "cs_test_a1", 56);
  const auto id = textOf(session, "id");
  session["amount_subtotal"] = mode == "setup" ? Json(nullptr) : Json(lines.total);
  session["amount_total"] = session["amount_subtotal"];
  session["currency"] = mode == "setup" ? Json(nullptr) : Json(lines.currency);
  session["mode"] = mode;
  session["status"] = "open";
  session["payment_status"] = mode == "setup" ? "no_payment_required" : "unpaid";
  session["payment_method_types"] = Json::array({"card"});
  session["expires_at"] = call.now() + kSessionSeconds;
  session["url"] = "https://checkout.stripe.com/c/pay/" + id;
  session["ui_mode"] = "hosted";
  session["total_details"] = {{"amount_discount", 0}, {"amount_shipping", 0}, {"amount_tax", 0}};
  session["_lines"] = lines.lines;
  session["_line_items"] = lineItems(call, lines);
  return store(call, "checkout.session", std::move(session));
}

Json customerDetails(const Json& session, const std::string& email) {
  return {{"address", nullptr},
          {"business_name", nullptr},
          {"email", textOrNull(email.empty() ? textOf(session, "customer_email") : email)},
          {"individual_name", nullptr},
          {"name", nullptr},
          {"phone", nullptr},
          {"tax_exempt", "none"},
          {"tax_ids", Json::array()}};
}

Index customerOf(Call& call, const Json& session) {
  if (const auto known = call.account.findCustomer(textOf(session, "customer")))
    return known->index;
  Customer customer;
  customer.created = call.now();
  customer.email = textOf(session, "customer_email");
  customer.invoicePrefix = call.account.ids.derived("invoice", call.account.customers.size(), 8);
  return call.account.customers.add(std::move(customer))->index;
}

// The payer pays with a test card; a decline is thrown as the page would show it, and the session
// stays open.
void complete(Call& call, Json& session) {
  const auto mode = textOf(session, "mode");
  const std::string wish(call.params.has("payment_method") ? call.params.text("payment_method")
                                                           : "pm_card_visa");
  const auto card = findCardByName(wish);
  if (!card) throw resourceMissing("PaymentMethod", wish, "payment_method", false);
  PaymentMethod method;
  method.created = call.now();
  method.card = *card;
  method.expiryYear = 2034;
  method.expiryMonth = 12;
  const auto customer =
      mode == "payment" && !has(session, "customer") ? kNone : customerOf(call, session);
  if (mode != "payment") method.customer = customer;
  const auto stored = call.account.methods.add(std::move(method));
  if (mode == "subscription") {
    const auto& subscription = subscribe(call, customer, session["_lines"],
                                         call.account.methodId(stored->index), session["metadata"]);
    session["subscription"] = subscription.at("id");
    session["invoice"] = subscription.at("latest_invoice");
    session["customer"] = call.account.customerId(customer);
    session["payment_status"] = "paid";
  } else if (mode == "payment") {
    const auto currency = textOf(session, "currency");
    Payment payment;
    payment.created = call.now();
    payment.amount = integerOf(session, "amount_total");
    payment.currency = {currency[0], currency[1], currency[2]};
    payment.customer = customer;
    payment.method = stored->index;
    PaymentDetails details;
    details.captureMethod = textOf(session, "_capture_method").empty()
                                ? "automatic"
                                : textOf(session, "_capture_method");
    payment.details = std::make_shared<const PaymentDetails>(std::move(details));
    const auto& metadata =
        session.contains("_payment_metadata") ? session["_payment_metadata"] : session["metadata"];
    for (const auto& [key, value] : metadata.items())
      payment.metadata.emplace_back(key, value.get<std::string>());
    const auto made = call.account.payments.add(std::move(payment));
    call.event("payment_intent.created", made);
    session["payment_intent"] = call.account.paymentId(made->index);
    const auto paid = confirmPayment(call, *made, {true, false, {}});
    session["payment_status"] = paid->status == PaymentStatus::kSucceeded ? "paid" : "unpaid";
  }
  session["status"] = "complete";
  session["url"] = nullptr;
  session["customer_details"] = customerDetails(session, std::string(call.params.text("email")));
  call.event("checkout.session.completed", session);
}

Json linkOf(Call& call, const Lines& lines) {
  auto link = newDocument(call, "payment_link", "plink_1", 23);
  link.erase("created");
  link["active"] = true;
  link["after_completion"] = {{"hosted_confirmation", {{"custom_message", nullptr}}},
                              {"type", "hosted_confirmation"}};
  link["billing_address_collection"] = "auto";
  link["currency"] = lines.currency;
  link["customer_creation"] = "if_required";
  link["payment_method_collection"] = "always";
  link["submit_type"] = "auto";
  link["tax_id_collection"] = {{"enabled", false}, {"required", "never"}};
  link["url"] = "https://buy.stripe.com/test_" + textOf(link, "id").substr(6);
  link["_lines"] = lines.lines;
  link["_created"] = call.now();
  return link;
}

void applyLink(Call& call, Json& link) {
  setFlags(link, call, {"active", "allow_promotion_codes"});
  setTexts(link, call, {"inactive_message", "on_behalf_of"});
  for (const auto* name : {"billing_address_collection", "customer_creation", "submit_type"}) {
    if (call.params.has(name)) link[name] = std::string(call.params.text(name));
  }
  const auto after = hashOf(call, "after_completion");
  if (textOf(after, "type") == "redirect") {
    link["after_completion"] = {{"redirect", {{"url", textOf(after.at("redirect"), "url")}}},
                                {"type", "redirect"}};
  }
}

}  // namespace

Lines linesOf(Call& call, const Json& given, const std::string& param) {
  Lines out;
  for (const auto& wish : given) {
    const auto id = has(wish, "price_data") ? priceFromData(call, wish.at("price_data"))
                                            : textOf(wish, "price");
    if (id.empty()) throw parameterMissing(param + "[0][price]");
    const auto& price = namedDocument(call, "price", id, param + "[0][price]");
    const auto quantity = integerIn(wish, "quantity", 1);
    const auto amount = integerOf(price, "unit_amount") * quantity;
    out.currency = textOf(price, "currency");
    out.total += amount;
    out.recurring = out.recurring || !price.at("recurring").is_null();
    out.lines.push_back({{"price", id}, {"quantity", quantity}, {"amount", amount}});
  }
  return out;
}

Answer createLink(Call& call) {
  const auto lines = linesOf(call, hashOf(call, "line_items"), "line_items");
  auto link = linkOf(call, lines);
  applyLink(call, link);
  auto& stored = store(call, "payment_link", std::move(link));
  call.event("payment_link.created", stored);
  return documentAnswer(call, stored);
}

Answer getLink(Call& call) {
  return documentAnswer(call, pathDocument(call, "payment_link", "payment_link"));
}

Answer listLinks(Call& call) {
  return listDocuments(call, "payment_link", [&](const Json& link) {
    return !call.params.has("active") || flagOf(link, "active") == call.params.flag("active");
  });
}

Answer updateLink(Call& call) {
  auto& link = pathDocument(call, "payment_link", "payment_link");
  applyLink(call, link);
  setMetadata(link, call);
  call.event("payment_link.updated", link);
  return documentAnswer(call, link);
}

// Control: a payer opens the link and pays.
Answer payLink(Call& call) {
  auto& link = pathDocument(call, "payment_link", "payment_link");
  if (!flagOf(link, "active")) throw invalidState("The link is not active.");
  Lines lines;
  lines.lines = link["_lines"];
  lines.currency = textOf(link, "currency");
  for (const auto& line : lines.lines) {
    lines.total += integerOf(line, "amount");
    const auto* price = call.account.kind("price").find(textOf(line, "price"));
    lines.recurring = lines.recurring || !price->at("recurring").is_null();
  }
  auto& session = newSession(call, lines, lines.recurring ? "subscription" : "payment");
  session["payment_link"] = link.at("id");
  session["metadata"] = link["metadata"];
  complete(call, session);
  return documentAnswer(call, session);
}

Answer createSession(Call& call) {
  const auto lines = linesOf(call, hashOf(call, "line_items"), "line_items");
  const auto mode =
      call.params.has("mode") ? std::string(call.params.text("mode")) : std::string("payment");
  if (mode != "setup" && lines.lines.empty()) throw parameterMissing("line_items");
  if (mode == "payment" && lines.recurring) {
    throw invalidParameter(
        "line_items",
        "You specified `payment` mode but passed a recurring price. Either switch to "
        "`subscription` mode or use only one-time prices.");
  }
  if (mode == "subscription" && !lines.recurring) {
    throw invalidParameter(
        "line_items",
        "You must provide at least one recurring price in `subscription` mode when "
        "using prices.");
  }
  const auto until = call.params.integer("expires_at");
  if (until &&
      (*until < call.now() + kSessionSecondsMin || *until > call.now() + kSessionSeconds)) {
    throw invalidParameter(
        "expires_at",
        "The `expires_at` timestamp must be between 30 minutes and 24 hours from "
        "Checkout Session creation.");
  }
  const auto customer = customerParameter(call);
  auto& session = newSession(call, lines, mode);
  if (customer != kNone) session["customer"] = call.account.customerId(customer);
  setTexts(session, call,
           {"success_url", "cancel_url", "client_reference_id", "customer_email", "locale"});
  if (until) session["expires_at"] = *until;
  const auto data = hashOf(call, "payment_intent_data");
  if (has(data, "capture_method")) session["_capture_method"] = data.at("capture_method");
  if (has(data, "metadata")) session["_payment_metadata"] = data.at("metadata");
  call.at(integerOf(session, "expires_at"), [id = textOf(session, "id")](Call& then) {
    auto* late = then.account.kind("checkout.session").find(id);
    if (late && textOf(*late, "status") == "open") expire(then, *late);
  });
  return documentAnswer(call, session);
}

Answer getSession(Call& call) {
  auto& session = pathDocument(call, "checkout.session", "session");
  if (!call.expand.find("line_items")) return documentAnswer(call, session);
  auto out = expandedDocument(call, session, call.expand);
  out["line_items"] = session.at("_line_items");
  Answer answer;
  answer.body = out.dump();
  return answer;
}

Answer listSessions(Call& call) {
  return listDocuments(call, "checkout.session", [&](const Json& session) {
    for (const auto* name :
         {"customer", "payment_intent", "payment_link", "status", "subscription"}) {
      if (call.params.has(name) && textOf(session, name) != call.params.text(name)) return false;
    }
    return true;
  });
}

Answer expireSession(Call& call) {
  auto& session = pathDocument(call, "checkout.session", "session");
  if (textOf(session, "status") != "open") {
    throw invalidState(
        "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout "
        "Session has a status of " +
        textOf(session, "status") + ".");
  }
  expire(call, session);
  return documentAnswer(call, session);
}

// Control: the payer fills in the page.
Answer completeSession(Call& call) {
  auto& session = pathDocument(call, "checkout.session", "session");
  if (textOf(session, "status") != "open") {
    throw invalidState("The session is " + textOf(session, "status") + ".");
  }
  complete(call, session);
  return documentAnswer(call, session);
}

}  // namespace simulators::stripe
