#include "razorpay/flow.hpp"

#include <array>

#include "common/crypto.hpp"
#include "razorpay/settlements.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kCaptureSeconds =
    5 * 24 * 60 * 60;  // then an authorised payment is given back

struct NamedError {
  const char* name;
  const char* code;
  const char* description;
  const char* source;
  const char* step;
};
constexpr std::array<NamedError, 8> kErrors{{
    {"payment_failed", "BAD_REQUEST_ERROR", "Payment failed", "bank", "payment_authorization"},
    {"card_declined", "BAD_REQUEST_ERROR",
     "Your payment didn't go through as it was declined by the bank. Try another payment method or "
     "contact your bank.",
     "bank", "payment_authorization"},
    {"insufficient_funds", "BAD_REQUEST_ERROR",
     "Your payment could not be completed due to insufficient account balance. Try again with "
     "another card or account.",
     "customer", "payment_authorization"},
    {"payment_cancelled", "BAD_REQUEST_ERROR",
     "You may have cancelled the payment or there was a delay in response from the UPI app.",
     "customer", "payment_authentication"},
    {"payment_timed_out", "BAD_REQUEST_ERROR", "Payment was not completed on time.", "customer",
     "payment_authentication"},
    {"incorrect_otp", "BAD_REQUEST_ERROR",
     "You've entered an incorrect OTP. Try again with the correct one.", "customer",
     "payment_authentication"},
    {"card_expired", "BAD_REQUEST_ERROR",
     "Your payment could not be completed as the card has expired.", "customer",
     "payment_initiation"},
    {"gateway_technical_error", "GATEWAY_ERROR",
     "Payment processing failed due to error at bank or wallet gateway", "gateway",
     "payment_authorization"},
}};

Json cardOf(Host& host, const Instrument& instrument) {
  const auto& number = instrument.cardNumber;
  const char first = number.empty() ? '4' : number[0];
  return {{"id", host.id("card_")},
          {"entity", "card"},
          {"name", "Gaurav Kumar"},
          {"last4", number.size() < 4 ? number : number.substr(number.size() - 4)},
          {"network", first == '5'   ? "MasterCard"
                      : first == '3' ? "American Express"
                                     : "Visa"},
          {"type", "credit"},
          {"issuer", "HDFC"},
          {"international", false},
          {"emi", false},
          {"sub_type", "consumer"},
          {"token_iin", nullptr}};
}

Json acquirerData(Host& host, const std::string& method) {
  const auto number = host.id("").substr(0, 12);
  if (method == "upi") return {{"rrn", number}, {"upi_transaction_id", host.id("")}};
  if (method == "card") return {{"auth_code", number.substr(0, 6)}};
  if (method == "netbanking") return {{"bank_transaction_id", number}};
  return {{"transaction_id", nullptr}};
}

Json newPayment(Host& host, const Json& order, std::int64_t amount, const Instrument& instrument,
                const std::string& invoice, const std::string& description) {
  const auto& method = instrument.method;
  Json payment = {{"id", host.id("pay_")},
                  {"entity", "payment"},
                  {"amount", amount},
                  {"currency", order.at("currency")},
                  {"status", "created"},
                  {"order_id", order.at("id")},
                  {"invoice_id", textOrNull(invoice)},
                  {"international", false},
                  {"method", method},
                  {"amount_refunded", 0},
                  {"refund_status", nullptr},
                  {"captured", false},
                  {"description", textOrNull(description)},
                  {"card_id", nullptr},
                  {"bank", nullptr},
                  {"wallet", nullptr},
                  {"vpa", nullptr},
                  {"email", textOrNull(instrument.email)},
                  {"contact", textOrNull(instrument.contact)}};
  if (!instrument.customer.empty()) payment["customer_id"] = instrument.customer;
  if (!instrument.token.empty()) payment["token_id"] = instrument.token;
  payment["notes"] = order.at("notes");
  for (const auto* name : {"fee", "tax", "error_code", "error_description", "error_source",
                           "error_step", "error_reason"}) {
    payment[name] = nullptr;
  }
  payment["acquirer_data"] = acquirerData(host, method);
  payment["created_at"] = host.now();
  if (method == "card") {
    payment["card"] = cardOf(host, instrument);
    payment["card_id"] = payment["card"]["id"];
  } else if (method == "upi") {
    payment["vpa"] = instrument.vpa;
    payment["upi"] = {{"payer_account_type", "bank_account"}, {"vpa", instrument.vpa}};
  } else if (method == "wallet") {
    payment["wallet"] = instrument.wallet;
  } else {
    payment["bank"] = instrument.bank;
  }
  return payment;
}

// What was authorised and never captured is given back by Razorpay.
void giveBack(Host& host, const std::string& account, const std::string& id) {
  auto& book = host.book(account);
  auto* payment = book["payment"].find(id);
  if (!payment || textOf(*payment, "status") != "authorized") return;
  (*payment)["status"] = "refunded";
  (*payment)["amount_refunded"] = (*payment)["amount"];
  (*payment)["refund_status"] = "full";
  host.move(book, "void", id, id, integerOf(*payment, "amount"), textOf(*payment, "currency"),
            (*payment)["notes"]);
}

void markCaptured(Host& host, Book& book, Json& payment) {
  payment["status"] = "captured";
  payment["captured"] = true;
  const auto amount = integerOf(payment, "amount");
  const auto fee = feeOf(amount);
  payment["fee"] = fee;
  payment["tax"] = taxOf(fee);
  book.unsettled += amount - fee;
  planSettlement(host, book);
  auto* order = book["order"].find(textOf(payment, "order_id"));
  host.event(book, "payment.captured", {{"payment", &payment}});
  if (!order) return;
  (*order)["amount_paid"] = integerOf(*order, "amount_paid") + amount;
  (*order)["amount_due"] = integerOf(*order, "amount") - integerOf(*order, "amount_paid");
  if (integerOf(*order, "amount_due") > 0) return;
  (*order)["status"] = "paid";
  host.event(book, "order.paid", {{"payment", &payment}, {"order", order}});
}

}  // namespace

Instrument instrumentOf(const Json& params) {
  Instrument instrument;
  const auto take = [&](const char* name, std::string& target) {
    if (has(params, name)) target = textOf(params, name);
  };
  take("method", instrument.method);
  take("vpa", instrument.vpa);
  take("card", instrument.cardNumber);
  take("bank", instrument.bank);
  take("wallet", instrument.wallet);
  take("email", instrument.email);
  take("contact", instrument.contact);
  take("customer_id", instrument.customer);
  if (instrument.method == "upi" && instrument.vpa.empty()) instrument.vpa = "success@razorpay";
  return instrument;
}

PaymentError paymentError(const std::string& name) {
  for (const auto& error : kErrors) {
    if (name == error.name) {
      return {error.code, error.description, error.source, error.step, error.name};
    }
  }
  refuse(
      "error must be one of payment_failed, card_declined, insufficient_funds, "
      "payment_cancelled, payment_timed_out, incorrect_otp, card_expired, "
      "gateway_technical_error",
      "error");
}

Json& newOrder(Host& host, Book& book, std::int64_t amount, const std::string& currency,
               const std::string& receipt, const Json& notes, bool partial) {
  return book["order"].add({{"id", host.id("order_")},
                            {"entity", "order"},
                            {"amount", amount},
                            {"amount_paid", 0},
                            {"amount_due", amount},
                            {"currency", currency},
                            {"receipt", textOrNull(receipt)},
                            {"offer_id", nullptr},
                            {"status", "created"},
                            {"attempts", 0},
                            {"notes", notes},
                            {"created_at", host.now()},
                            {"_partial", partial}});
}

Json& pay(Host& host, Book& book, Json& order, std::int64_t amount, const Instrument& instrument,
          Outcome outcome, const PaymentError& error, const std::string& invoice,
          const std::string& description) {
  order["attempts"] = integerOf(order, "attempts") + 1;
  if (textOf(order, "status") == "created") order["status"] = "attempted";
  auto& payment =
      book["payment"].add(newPayment(host, order, amount, instrument, invoice, description));
  const auto id = textOf(payment, "id");
  const auto currency = textOf(payment, "currency");
  const auto reference = textOf(order, "receipt");
  if (outcome == Outcome::kFailed) {
    payment["status"] = "failed";
    payment["error_code"] = error.code;
    payment["error_description"] = error.description;
    payment["error_source"] = error.source;
    payment["error_step"] = error.step;
    payment["error_reason"] = error.reason;
    host.event(book, "payment.failed", {{"payment", &payment}});
    return payment;
  }
  payment["status"] = "authorized";
  host.event(book, "payment.authorized", {{"payment", &payment}});
  if (outcome == Outcome::kCaptured) {
    host.move(book, "charge", id, id, amount, currency, payment["notes"], reference);
    markCaptured(host, book, payment);
    return payment;
  }
  host.move(book, "authorization", id, id, amount, currency, payment["notes"], reference);
  host.at(host.now() + kCaptureSeconds,
          [&host, account = book.account, id] { giveBack(host, account, id); });
  return payment;
}

void capture(Host& host, Book& book, Json& payment) {
  const auto id = textOf(payment, "id");
  const auto* order = book["order"].find(textOf(payment, "order_id"));
  host.move(book, "capture", id, id, integerOf(payment, "amount"), textOf(payment, "currency"),
            payment["notes"], order ? textOf(*order, "receipt") : std::string());
  markCaptured(host, book, payment);
}

std::string checkoutSignature(Host& host, const Book& book, const std::string& text) {
  return hexText(hmacSha256(host.secret(book), text));
}

}  // namespace simulators::razorpay
