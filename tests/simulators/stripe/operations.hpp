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

Answer createSetup(Call& call);
Answer getSetup(Call& call);
Answer listSetups(Call& call);
Answer confirmSetup(Call& call);
Answer cancelSetup(Call& call);

Answer createProduct(Call& call);
Answer getProduct(Call& call);
Answer updateProduct(Call& call);
Answer deleteProduct(Call& call);
Answer listProducts(Call& call);
Answer searchProducts(Call& call);

Answer createPrice(Call& call);
Answer getPrice(Call& call);
Answer updatePrice(Call& call);
Answer listPrices(Call& call);
Answer searchPrices(Call& call);

Answer createSubscription(Call& call);
Answer getSubscription(Call& call);
Answer listSubscriptions(Call& call);
Answer searchSubscriptions(Call& call);
Answer updateSubscription(Call& call);
Answer resumeSubscription(Call& call);
Answer cancelSubscription(Call& call);

Answer createInvoice(Call& call);
Answer getInvoice(Call& call);
Answer listInvoices(Call& call);
Answer searchInvoices(Call& call);
Answer updateInvoice(Call& call);
Answer finalizeInvoiceCall(Call& call);
Answer payInvoiceCall(Call& call);
Answer sendInvoice(Call& call);
Answer voidInvoice(Call& call);
Answer createInvoiceItem(Call& call);
Answer listInvoiceItems(Call& call);

Answer createLink(Call& call);
Answer getLink(Call& call);
Answer listLinks(Call& call);
Answer updateLink(Call& call);
Answer payLink(Call& call);
Answer createSession(Call& call);
Answer getSession(Call& call);
Answer listSessions(Call& call);
Answer expireSession(Call& call);
Answer completeSession(Call& call);

Answer createPayout(Call& call);
Answer getPayout(Call& call);
Answer listPayouts(Call& call);
Answer cancelPayout(Call& call);
Answer reversePayout(Call& call);

Answer createTransfer(Call& call);
Answer getTransfer(Call& call);
Answer listTransfers(Call& call);
Answer reverseTransfer(Call& call);

Answer listDisputes(Call& call);
Answer getDispute(Call& call);
Answer updateDispute(Call& call);
Answer closeDispute(Call& call);
Answer openDispute(Call& call);
Answer decideDispute(Call& call);

Answer createAccount(Call& call);
Answer getAccount(Call& call);
Answer getOwnAccount(Call& call);
Answer listAccounts(Call& call);
Answer updateAccount(Call& call);
Answer deleteAccount(Call& call);
Answer createAccountLink(Call& call);
Answer createLoginLink(Call& call);
Answer onboardAccount(Call& call);

Answer listEvents(Call& call);
Answer getEvent(Call& call);

Answer createEndpoint(Call& call);
Answer getEndpoint(Call& call);
Answer listEndpoints(Call& call);
Answer updateEndpoint(Call& call);
Answer deleteEndpoint(Call& call);

}  // namespace simulators::stripe
