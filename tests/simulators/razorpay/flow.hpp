// What happens to money at the simulated Razorpay: paying, capturing, settling. The operations
// check and then call these.
#pragma once

#include "razorpay/call.hpp"

namespace simulators::razorpay {

// How the payer pays.
struct Instrument {
  std::string method = "card";
  std::string vpa;
  std::string cardNumber = "4111111111111111";
  std::string bank = "HDFC";
  std::string wallet = "payzapp";
  std::string email = "gaurav.kumar@example.com";
  std::string contact = "+919876543210";
  std::string customer;
  std::string token;
};
Instrument instrumentOf(const Json& params);

struct PaymentError {
  std::string code, description, source, step, reason;
};
// By a short name such as "insufficient_funds".
PaymentError paymentError(const std::string& name);

enum class Outcome : std::uint8_t { kAuthorized, kCaptured, kFailed };

// A new payment for the order, with all that follows from it: order, movements, events. `invoice`
// may be empty.
Json& pay(Host& host, Book& book, Json& order, std::int64_t amount, const Instrument& instrument,
          Outcome outcome, const PaymentError& error, const std::string& invoice,
          const std::string& description);

// From authorized to captured.
void capture(Host& host, Book& book, Json& payment);

Json& newOrder(Host& host, Book& book, std::int64_t amount, const std::string& currency,
               const std::string& receipt, const Json& notes, bool partial);

std::string checkoutSignature(Host& host, const Book& book, const std::string& text);

}  // namespace simulators::razorpay
