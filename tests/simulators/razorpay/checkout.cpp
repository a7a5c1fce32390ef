// Control endpoints for what the payer does in Checkout, on the page of a link or an invoice, or
// with a mandate. They answer what the browser hands to the merchant, signature included.
#include "razorpay/flow.hpp"
#include "razorpay/invoices.hpp"
#include "razorpay/operations.hpp"
#include "razorpay/payment_links.hpp"
#include "razorpay/subscriptions.hpp"

namespace simulators::razorpay {
namespace {

struct Attempt {
  Instrument instrument;
  Outcome outcome = Outcome::kCaptured;
  PaymentError error;
};

// What the test asked for; a magic card number or UPI id speaks where it said nothing.
Attempt attemptOf(const Call& call) {
  Attempt attempt;
  attempt.instrument = instrumentOf(call.params);
  auto outcome = call.text("outcome");
  auto error = call.text("error");
  const auto& own = attempt.instrument;
  const auto fails = [&](const char* why) {
    if (outcome.empty()) outcome = "failed";
    if (error.empty()) error = why;
  };
  if (own.method == "upi" && own.vpa.starts_with("failure@")) fails("payment_cancelled");
  if (own.method == "card" && own.cardNumber == "4000000000000002") fails("card_declined");
  if (own.method == "card" && own.cardNumber == "4000000000009995") fails("insufficient_funds");
  if (own.method == "card" && own.cardNumber == "4000000000000069") fails("card_expired");
  if (outcome == "failed") attempt.outcome = Outcome::kFailed;
  if (outcome == "authorized") attempt.outcome = Outcome::kAuthorized;
  if (attempt.outcome == Outcome::kFailed) {
    attempt.error = paymentError(error.empty() ? "payment_failed" : error);
  }
  return attempt;
}

Json failureOf(const Json& payment) {
  return {
      {"error",
       {{"code", payment.at("error_code")},
        {"description", payment.at("error_description")},
        {"source", payment.at("error_source")},
        {"step", payment.at("error_step")},
        {"reason", payment.at("error_reason")},
        {"metadata", {{"payment_id", payment.at("id")}, {"order_id", payment.at("order_id")}}}}}};
}

bool failed(const Json& payment) {
  return textOf(payment, "status") == "failed";
}

// Keeps the instrument for the customer, if the test wants it saved.
void save(Call& call, Instrument& instrument) {
  if (!call.flag("save") || instrument.customer.empty()) return;
  object(call, "customer", instrument.customer);
  const auto now = call.host.now();
  Json token = {{"id", call.host.id("token_")},
                {"entity", "token"},
                {"token", call.host.id("")},
                {"bank", nullptr},
                {"wallet", nullptr},
                {"method", instrument.method}};
  if (instrument.method == "card") {
    const auto& number = instrument.cardNumber;
    token["card"] = {{"entity", "card"},
                     {"name", "Gaurav Kumar"},
                     {"last4", number.size() < 4 ? number : number.substr(number.size() - 4)},
                     {"network", number.starts_with('5') ? "MasterCard" : "Visa"},
                     {"type", "credit"},
                     {"issuer", "HDFC"},
                     {"international", false},
                     {"emi", false},
                     {"sub_type", "consumer"},
                     {"expiry_month", 12},
                     {"expiry_year", 2034},
                     {"flows", {{"otp", true}, {"recurring", true}}}};
  } else if (instrument.method == "upi") {
    const auto at = instrument.vpa.find('@');
    token["vpa"] = {{"username", instrument.vpa.substr(0, at)},
                    {"handle", at == std::string::npos ? "" : instrument.vpa.substr(at + 1)},
                    {"name", nullptr}};
  }
  token.update(Json{{"recurring", true},
                    {"recurring_details", {{"status", "confirmed"}, {"failure_reason", nullptr}}},
                    {"auth_type", nullptr},
                    {"mrn", nullptr},
                    {"used_at", now},
                    {"created_at", now},
                    {"expired_at", 2'048'630'399},
                    {"dcc_enabled", false},
                    {"billing_address", nullptr},
                    {"_customer", instrument.customer}});
  instrument.token = textOf(call.book["token"].add(std::move(token)), "id");
}

}  // namespace

Json payOrder(Call& call) {
  auto& order = object(call, "order", call.ids[0]);
  if (textOf(order, "status") == "paid") {
    refuse(
        "Your payment has been declined as the order is already paid. Please initiate the "
        "payment with a new order.");
  }
  const auto due = integerOf(order, "amount_due");
  const auto amount = call.integer("amount", due);
  if (amount != due && !flagOf(order, "_partial")) {
    refuse(
        "Your payment amount is different from your order amount. To pay successfully, please "
        "try using right amount.");
  }
  auto attempt = attemptOf(call);
  const auto id = textOf(order, "id");
  const auto secret = attempt.outcome == Outcome::kFailed ? "" : call.host.secret(call.book);
  save(call, attempt.instrument);
  const auto& payment = pay(call.host, call.book, order, amount, attempt.instrument,
                            attempt.outcome, attempt.error, "", call.text("description"));
  if (failed(payment)) return failureOf(payment);
  const auto paymentId = textOf(payment, "id");
  return {{"razorpay_payment_id", paymentId},
          {"razorpay_order_id", id},
          {"razorpay_signature", checkoutSignature(call.host, call.book, id + "|" + paymentId)}};
}

Json payLink(Call& call) {
  auto& link = object(call, "payment_link", call.ids[0]);
  const auto status = textOf(link, "status");
  if (status != "created" && status != "partially_paid") refuse("the link is " + status);
  const auto left = integerOf(link, "amount") - integerOf(link, "amount_paid");
  const auto amount = call.integer("amount", left);
  const auto least = std::min(integerOf(link, "first_min_partial_amount"), left);
  if (amount > left || (amount != left && !flagOf(link, "accept_partial")) || amount < least) {
    refuse(
        "amount must be what is left of the link, or a part of it if it accepts partial payments");
  }
  const auto attempt = attemptOf(call);
  if (attempt.outcome == Outcome::kAuthorized) refuse("a link is captured at once");
  if (attempt.outcome != Outcome::kFailed) call.host.secret(call.book);
  auto& order = *call.book["order"].find(textOf(link, "order_id"));
  const auto id = textOf(link, "id");
  const auto& payment = pay(call.host, call.book, order, amount, attempt.instrument,
                            attempt.outcome, attempt.error, "", "#" + id.substr(6));
  if (failed(payment)) return failureOf(payment);
  linkPaid(call.host, call.book, link, payment);
  const auto paymentId = textOf(payment, "id");
  const auto reference = textOf(link, "reference_id");
  const auto now = textOf(link, "status");
  const auto signature =
      checkoutSignature(call.host, call.book, id + "|" + reference + "|" + now + "|" + paymentId);
  return {{"razorpay_payment_id", paymentId},
          {"razorpay_payment_link_id", id},
          {"razorpay_payment_link_reference_id", reference},
          {"razorpay_payment_link_status", now},
          {"razorpay_signature", signature}};
}

Json payInvoice(Call& call) {
  auto& invoice = object(call, "invoice", call.ids[0]);
  const auto status = textOf(invoice, "status");
  if (status != "issued" && status != "partially_paid") refuse("the invoice is " + status);
  const auto due = integerOf(invoice, "amount_due");
  const auto amount = call.integer("amount", due);
  if (amount > due || (amount != due && !flagOf(invoice, "partial_payment"))) {
    refuse("amount must be what is due, or a part of it if the invoice takes partial payments");
  }
  const auto attempt = attemptOf(call);
  if (attempt.outcome != Outcome::kFailed) call.host.secret(call.book);
  auto& order = *call.book["order"].find(textOf(invoice, "order_id"));
  const auto id = textOf(invoice, "id");
  const auto& payment =
      pay(call.host, call.book, order, amount, attempt.instrument,
          attempt.outcome == Outcome::kFailed ? Outcome::kFailed : Outcome::kCaptured,
          attempt.error, id, "Invoice #" + id.substr(4));
  if (failed(payment)) return failureOf(payment);
  invoicePaid(call.host, call.book, invoice, payment);
  const auto paymentId = textOf(payment, "id");
  const auto receipt = textOf(invoice, "receipt");
  const auto signature = checkoutSignature(
      call.host, call.book, id + "|" + receipt + "|" + textOf(invoice, "status") + "|" + paymentId);
  return {{"razorpay_payment_id", paymentId},
          {"razorpay_invoice_id", id},
          {"razorpay_invoice_status", invoice.at("status")},
          {"razorpay_invoice_receipt", receipt},
          {"razorpay_signature", signature}};
}

Json authenticateSubscription(Call& call) {
  auto& subscription = object(call, "subscription", call.ids[0]);
  if (textOf(subscription, "status") != "created") {
    refuse("the subscription is " + textOf(subscription, "status") + " already");
  }
  const auto attempt = attemptOf(call);
  if (attempt.outcome == Outcome::kFailed) refuse(attempt.error.description);
  call.host.secret(call.book);
  const auto& payer = attempt.instrument;
  subscription["customer_id"] =
      payer.customer.empty()
          ? customerOf(call.host, call.book, {{"email", payer.email}, {"contact", payer.contact}})
                .at("id")
          : object(call, "customer", payer.customer).at("id");
  subscription["payment_method"] = attempt.instrument.method;
  if (call.has("charges")) subscription["_charges"] = call.text("charges");
  const auto id = textOf(subscription, "id");
  subscriptionAuthenticated(call.host, call.book, subscription);
  // A mandate that begins later is authenticated by a payment that is refunded; its id alone
  // matters here.
  const auto payment = subscription.contains("_last_payment")
                           ? textOf(subscription, "_last_payment")
                           : call.host.id("pay_");
  return {{"razorpay_payment_id", payment},
          {"razorpay_subscription_id", id},
          {"razorpay_signature", checkoutSignature(call.host, call.book, payment + "|" + id)}};
}

// The next charge at once, or that all later ones fail or succeed.
Json chargeSubscription(Call& call) {
  auto& subscription = object(call, "subscription", call.ids[0]);
  const auto status = textOf(subscription, "status");
  if (status != "active" && status != "authenticated" && status != "pending") {
    refuse("the subscription is " + status);
  }
  if (call.has("charges")) {
    subscription["_charges"] = call.text("charges");
  } else {
    chargeNow(call.host, call.book, subscription, call.text("outcome") == "failed");
  }
  return shown(subscription);
}

}  // namespace simulators::razorpay
