// The table of API operations: method, path, parameters, and the function that carries each out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stripe/call.hpp"
#include "stripe/expansion.hpp"
#include "stripe/parameters.hpp"

namespace simulators::stripe {

struct Operation {
  std::string_view method;
  std::string_view path;  // "*" stands for an id
  ObjectKind answers;
  bool list;
  std::vector<Field> fields;
  Answer (*execute)(Call&);

  bool changes() const { return method != "GET"; }
};

struct Match {
  const Operation* operation = nullptr;
  std::string id;
};

// No operation: the URL is not one of the API's.
Match findOperation(std::string_view method, std::string_view path);

Answer createPayment(Call& call);
Answer getPayment(Call& call);
Answer updatePayment(Call& call);
Answer confirmPaymentCall(Call& call);
Answer capturePaymentCall(Call& call);
Answer cancelPaymentCall(Call& call);
Answer listPayments(Call& call);
Answer searchPayments(Call& call);

Answer getCharge(Call& call);
Answer listCharges(Call& call);

Answer createRefund(Call& call);
Answer getRefund(Call& call);
Answer updateRefund(Call& call);
Answer cancelRefund(Call& call);
Answer listRefunds(Call& call);

Answer createCustomer(Call& call);
Answer getCustomer(Call& call);
Answer updateCustomer(Call& call);
Answer deleteCustomer(Call& call);
Answer listCustomers(Call& call);
Answer searchCustomers(Call& call);
Answer listCustomerMethods(Call& call);

Answer createMethod(Call& call);
Answer getMethod(Call& call);
Answer updateMethod(Call& call);
Answer attachMethod(Call& call);
Answer detachMethod(Call& call);
Answer listMethods(Call& call);

Answer getBalance(Call& call);

}  // namespace simulators::stripe
