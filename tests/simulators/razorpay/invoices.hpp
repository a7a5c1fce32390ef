// Invoices: made by the merchant, or by each charge of a subscription.
#pragma once

#include "razorpay/call.hpp"

namespace simulators::razorpay {

struct InvoiceDraft {
  std::string type = "invoice";
  std::string customer;
  Json customerDetails = Json::object();
  Json lines = Json::array();  // name, amount, quantity, currency
  std::string currency = "INR";
  std::string description;
  std::string receipt;
  std::string subscription;
  std::string order;
  std::int64_t billingStart = 0, billingEnd = 0, expireBy = 0, date = 0;
  bool partial = false;
  Json notes = Json::array();
};
Json& newInvoice(Host& host, Book& book, const InvoiceDraft& draft);
void invoicePaid(Host& host, Book& book, Json& invoice, const Json& payment);

}  // namespace simulators::razorpay
