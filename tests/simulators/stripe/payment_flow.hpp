// What happens to a payment and its money: confirming, challenging, capturing, releasing. The
// operations check their parameters and then call these; each stores the new versions and records
// the movements in the call.
#pragma once

#include "stripe/call.hpp"

namespace simulators::stripe {

struct Confirmation {
  bool offSession = false;
  bool refuseAction = false;  // error_on_requires_action
  std::string returnUrl;
};

// Charges, authorises or asks for 3-D Secure. A decline is stored and then thrown as the 402 that
// Stripe answers.
std::shared_ptr<const Payment> confirmPayment(Call& call, Payment payment,
                                              const Confirmation& confirmation);

// The payer's answer to a 3-D Secure challenge; the payment must be in kRequiresAction.
std::shared_ptr<const Payment> completeChallenge(Call& call, Payment payment, bool passed);

// 0 < amount <= payment.amount; the rest is released. The payment must be in kRequiresCapture.
std::shared_ptr<const Payment> capturePayment(Call& call, Payment payment, std::int64_t amount);

// Releases what was authorised and closes the payment. It must be in a state that can be cancelled.
std::shared_ptr<const Payment> cancelPayment(Call& call, Payment payment,
                                             const std::string& reason);

}  // namespace simulators::stripe
