#include "stripe/currencies.hpp"
#include "stripe/listing.hpp"
#include "stripe/operations.hpp"
#include "stripe/render.hpp"

namespace simulators::stripe {
namespace {

std::shared_ptr<const Payment> paymentParameter(const Call& call) {
  const auto id = call.params.text("payment_intent");
  auto payment = call.account.findPayment(id);
  if (!payment) throw resourceMissing("payment_intent", id, "payment_intent", false);
  return payment;
}

std::shared_ptr<const Charge> chargeParameter(const Call& call) {
  const auto id = call.params.text("charge");
  auto charge = call.account.findCharge(id);
  if (!charge) throw resourceMissing("charge", id, "charge", false);
  return charge;
}

std::shared_ptr<const Charge> chargeToRefund(const Call& call) {
  const auto& params = call.params;
  if (params.has("customer") || params.has("origin")) {
    throw invalidParameter(params.has("origin") ? "origin" : "customer",
                           "Refunds from a customer balance are not available for this account.");
  }
  if (params.has("payment_intent") && params.has("charge")) {
    throw invalidParameter("charge",
                           "You may only specify one of these parameters: charge, payment_intent.",
                           "parameters_exclusive");
  }
  std::shared_ptr<const Charge> charge;
  if (params.has("charge")) {
    charge = chargeParameter(call);
  } else if (params.has("payment_intent")) {
    const auto payment = paymentParameter(call);
    if (payment->latestCharge != kNone) charge = call.account.charges.at(payment->latestCharge);
  } else {
    throw invalidParameter("",
                           "One of the following params should be provided for this request: "
                           "payment_intent or charge.",
                           "parameter_missing");
  }
  if (!charge || charge->failure || !charge->captured()) {
    ApiError error;
    error.code = params.has("charge") ? "charge_not_refundable" : "payment_intent_unexpected_state";
    error.message = params.has("charge")
                        ? "Charge " + std::string(params.text("charge")) + " is not refundable."
                        : "This PaymentIntent (" + std::string(params.text("payment_intent")) +
                              ") does not have a successful charge to refund.";
    throw error;
  }
  return charge;
}

std::int64_t amountToRefund(const Call& call, const Charge& charge) {
  const auto left = charge.amount - charge.amountRefunded;
  const auto currency = text(charge.currency);
  if (left == 0) {
    ApiError error;
    error.code = "charge_already_refunded";
    error.message = "Charge " + call.account.chargeId(charge.index) + " has already been refunded.";
    throw error;
  }
  const auto amount = call.params.integer("amount").value_or(left);
  if (amount < 1) {
    throw invalidParameter("amount", "This value must be greater than or equal to 1.",
                           "parameter_invalid_integer");
  }
  if (amount % amountStep(currency) != 0) {
    throw invalidParameter("amount",
                           "Invalid amount: amounts in " + std::string(currency) +
                               " must be divisible by " + std::to_string(amountStep(currency)) +
                               ".",
                           "invalid_charge_amount");
  }
  if (amount > left) {
    ApiError error;
    error.param = "amount";
    error.message = "Refund amount (" + formatAmount(amount, currency) +
                    ") is greater than unrefunded amount on charge (" +
                    formatAmount(left, currency) + ")";
    throw error;
  }
  return amount;
}

std::shared_ptr<const Refund> pathRefund(const Call& call) {
  auto refund = call.account.findRefund(call.id);
  if (!refund) throw resourceMissing("refund", call.id, "id", true);
  return refund;
}

}  // namespace

Answer createRefund(Call& call) {
  auto& account = call.account;
  auto charge = *chargeToRefund(call);
  Refund refund;
  refund.amount = amountToRefund(call, charge);
  refund.charge = charge.index;
  refund.payment = charge.payment;
  refund.customer = charge.customer;
  refund.method = charge.method;
  refund.created = call.now();
  refund.currency = charge.currency;
  refund.reason = call.params.text("reason");
  applyMetadata(refund.metadata, call.params.node("metadata"));
  const auto stored = account.refunds.add(std::move(refund));

  charge.refunds.push_back(stored->index);
  charge.amountRefunded += stored->amount;
  const auto refunded = account.charges.put(std::move(charge));
  account.balances[std::string(text(stored->currency))].take(stored->amount);
  call.event("charge.refunded", refunded);
  call.event("refund.created", stored);
  call.move("refund", account.refundId(stored->index), *account.payments.at(stored->payment),
            stored->amount, stored->metadata);
  return answer(call, *stored);
}

Answer getRefund(Call& call) {
  return answer(call, *pathRefund(call));
}

Answer updateRefund(Call& call) {
  auto refund = *pathRefund(call);
  applyMetadata(refund.metadata, call.params.node("metadata"));
  return answer(call, *call.account.refunds.put(std::move(refund)));
}

Answer cancelRefund(Call& call) {
  const auto refund = pathRefund(call);
  ApiError error;
  error.message = "Refund " + call.account.refundId(refund->index) +
                  " cannot be canceled: only refunds with status requires_action can be canceled.";
  throw error;
}

Answer listRefunds(Call& call) {
  Index payment = kNone;
  Index charge = kNone;
  if (call.params.has("payment_intent")) payment = paymentParameter(call)->index;
  if (call.params.has("charge")) charge = chargeParameter(call)->index;
  return listAnswer(
      call, call.account.refunds, "refund",
      [&](const Refund& refund) {
        return (payment == kNone || refund.payment == payment) &&
               (charge == kNone || refund.charge == charge);
      },
      [&](std::string_view id) { return call.account.findRefund(id); },
      [&](JsonWriter& json, const Refund& refund) {
        writeRefund(json, call.account, refund, &call.expand);
      });
}

}  // namespace simulators::stripe
