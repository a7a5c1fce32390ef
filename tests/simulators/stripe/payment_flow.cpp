#include "stripe/payment_flow.hpp"

#include "stripe/disputes.hpp"

namespace simulators::stripe {
namespace {

Charge newCharge(const Call& call, const Payment& payment, const PaymentMethod& method) {
  Charge charge;
  charge.payment = payment.index;
  charge.customer = payment.customer;
  charge.method = method.index;
  charge.created = call.now();
  charge.amount = payment.amount;
  charge.currency = payment.currency;
  charge.card = method.card;
  charge.expiryYear = method.expiryYear;
  charge.expiryMonth = method.expiryMonth;
  charge.details = payment.details;
  charge.billing = method.billing;
  charge.metadata = payment.metadata;
  return charge;
}

constexpr std::int64_t kDay = 24 * 60 * 60;

// Captured money is available at the beginning of the day after next, with a card that bypasses the
// wait at once.
void credit(Call& call, const Currency& currency, std::int64_t amount, CardIndex card) {
  auto& balance = call.account.balances[std::string(text(currency))];
  if (testCard(card).bypassesPending) {
    balance.available += amount;
  } else {
    balance.pending[(call.now() / kDay + 2) * kDay] += amount;
  }
}

// Keeps the card for the customer, as setup_future_usage asks.
void keepMethod(Call& call, const Payment& payment, bool authenticated) {
  if (payment.details->setupFutureUsage.empty()) return;
  auto method = *call.account.methods.at(payment.method);
  if (payment.customer != kNone) method.customer = payment.customer;
  method.authenticated = method.authenticated || authenticated;
  call.account.methods.put(std::move(method));
}

std::shared_ptr<const Payment> approve(Call& call, Payment payment, bool authenticated) {
  auto& account = call.account;
  auto charge = newCharge(call, payment, *account.methods.at(payment.method));
  charge.authenticated = authenticated;
  const bool capture = payment.details->captureMethod != "manual";
  if (capture) charge.amountCaptured = charge.amount;
  const auto stored = account.charges.add(std::move(charge));

  payment.latestCharge = stored->index;
  payment.failure = nullptr;
  payment.nextAction = nullptr;
  payment.status = capture ? PaymentStatus::kSucceeded : PaymentStatus::kRequiresCapture;
  if (capture) {
    payment.amountReceived = payment.amount;
    credit(call, payment.currency, payment.amount, stored->card);
  }
  call.move(capture ? "charge" : "authorization", account.chargeId(stored->index), payment,
            payment.amount, payment.metadata);
  keepMethod(call, payment, authenticated);
  if (testCard(stored->card).dispute) disputeSoon(call, stored->index);
  auto approved = account.payments.put(std::move(payment));
  call.event("charge.succeeded", stored);
  call.event(capture ? "payment_intent.succeeded" : "payment_intent.amount_capturable_updated",
             approved);
  return approved;
}

// Stores the failed attempt.
std::shared_ptr<const Payment> decline(Call& call, Payment payment, const Decline& reason) {
  auto& account = call.account;
  const auto method = account.methods.at(payment.method);
  auto failure = std::make_shared<Failure>();
  failure->decline = reason;
  failure->method = method;
  failure->charge = static_cast<Index>(account.charges.size());
  auto charge = newCharge(call, payment, *method);
  charge.failure = failure;
  call.event("charge.failed", account.charges.add(std::move(charge)));

  payment.latestCharge = failure->charge;
  payment.failure = std::move(failure);
  payment.nextAction = nullptr;
  payment.method = kNone;
  payment.status = PaymentStatus::kRequiresPaymentMethod;
  auto declined = account.payments.put(std::move(payment));
  call.event("payment_intent.payment_failed", declined);
  return declined;
}

[[noreturn]] void throwDeclined(const Account& account, const Payment& payment) {
  const auto& failure = *payment.failure;
  ApiError error;
  error.status = 402;
  error.type = "card_error";
  error.code = failure.decline.code;
  error.declineCode = failure.decline.declineCode;
  error.adviceCode = failure.decline.adviceCode;
  error.message = failure.decline.message;
  error.charge = account.chargeId(failure.charge);
  error.paymentJson = paymentJson(account, payment);
  error.methodJson = methodJson(account, *failure.method);
  if (error.code == "expired_card") error.param = "exp_month";
  if (error.code == "incorrect_cvc") error.param = "cvc";
  if (error.code == "incorrect_number") error.param = "number";
  throw error;
}

bool needsChallenge(const PaymentMethod& method) {
  const auto challenge = testCard(method.card).challenge;
  return challenge == Challenge::kAlways ||
         (challenge == Challenge::kUnlessSetUp && !method.authenticated);
}

std::shared_ptr<const Payment> askForAction(Call& call, Payment payment,
                                            const Confirmation& confirmation) {
  auto action = std::make_shared<NextAction>();
  action->url = call.origin + "/__sim/3ds/" + call.account.paymentId(payment.index);
  action->returnUrl = confirmation.returnUrl;
  action->idempotencyKey = call.idempotencyKey;
  payment.nextAction = std::move(action);
  payment.failure = nullptr;
  payment.status = PaymentStatus::kRequiresAction;
  auto waiting = call.account.payments.put(std::move(payment));
  call.event("payment_intent.requires_action", waiting);
  return waiting;
}

// Gives back authorised money that was not captured. Stripe shows it as a refund of the charge
// without a balance transaction.
void release(Call& call, const Payment& payment, Charge& charge, std::int64_t amount) {
  Refund refund;
  refund.charge = charge.index;
  refund.payment = payment.index;
  refund.customer = payment.customer;
  refund.method = charge.method;
  refund.created = call.now();
  refund.amount = amount;
  refund.currency = payment.currency;
  refund.release = true;
  const auto stored = call.account.refunds.add(std::move(refund));
  charge.refunds.push_back(stored->index);
  charge.amountRefunded += amount;
  call.move("void", call.account.refundId(stored->index), payment, amount, payment.metadata);
}

}  // namespace

std::shared_ptr<const Payment> confirmPayment(Call& call, Payment payment,
                                              const Confirmation& confirmation) {
  const auto method = call.account.methods.at(payment.method);
  if (needsChallenge(*method)) {
    if (!confirmation.offSession && !confirmation.refuseAction) {
      return askForAction(call, std::move(payment), confirmation);
    }
    throwDeclined(call.account, *decline(call, std::move(payment), kAuthenticationRequired));
  }
  if (const auto* reason = testCard(method->card).decline) {
    throwDeclined(call.account, *decline(call, std::move(payment), *reason));
  }
  return approve(call, std::move(payment), false);
}

std::shared_ptr<const Payment> completeChallenge(Call& call, Payment payment, bool passed) {
  const auto method = call.account.methods.at(payment.method);
  if (!passed) {
    auto failure = std::make_shared<Failure>();
    failure->type = "invalid_request_error";
    failure->decline.code = "payment_intent_authentication_failure";
    failure->decline.message =
        "The provided PaymentMethod has failed authentication. You can provide "
        "payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent "
        "again.";
    failure->method = method;
    payment.failure = std::move(failure);
    payment.nextAction = nullptr;
    payment.method = kNone;
    payment.status = PaymentStatus::kRequiresPaymentMethod;
    auto failed = call.account.payments.put(std::move(payment));
    call.event("payment_intent.payment_failed", failed);
    return failed;
  }
  if (const auto* reason = testCard(method->card).decline) {
    return decline(call, std::move(payment), *reason);
  }
  return approve(call, std::move(payment), true);
}

std::shared_ptr<const Payment> capturePayment(Call& call, Payment payment, std::int64_t amount) {
  auto& account = call.account;
  auto charge = *account.charges.at(payment.latestCharge);
  charge.amountCaptured = amount;
  call.move("capture", account.ids.transaction(IdKind::kCharge, charge.index), payment, amount,
            payment.metadata);
  if (amount < charge.amount) release(call, payment, charge, charge.amount - amount);
  const auto card = charge.card;
  const auto kept = account.charges.put(std::move(charge));
  credit(call, payment.currency, amount, card);
  call.event("charge.captured", kept);
  payment.amountReceived = amount;
  payment.status = PaymentStatus::kSucceeded;
  auto captured = account.payments.put(std::move(payment));
  call.event("payment_intent.succeeded", captured);
  return captured;
}

std::shared_ptr<const Payment> cancelPayment(Call& call, Payment payment,
                                             const std::string& reason) {
  if (payment.status == PaymentStatus::kRequiresCapture) {
    auto charge = *call.account.charges.at(payment.latestCharge);
    release(call, payment, charge, charge.amount);
    call.account.charges.put(std::move(charge));
  }
  auto details = *payment.details;
  details.cancellationReason = reason;
  payment.details = std::make_shared<const PaymentDetails>(std::move(details));
  payment.canceledAt = call.now();
  payment.nextAction = nullptr;
  payment.status = PaymentStatus::kCanceled;
  auto canceled = call.account.payments.put(std::move(payment));
  call.event("payment_intent.canceled", canceled);
  return canceled;
}

}  // namespace simulators::stripe
