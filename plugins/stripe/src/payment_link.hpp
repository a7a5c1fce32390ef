// Stripe's payment_link and checkout.session as unified payment links: a link that expires is a
// checkout session. Used by the payment link operations and by webhooks.
#pragma once

#include <string_view>

#include "wire.hpp"

namespace stripe {

inline constexpr std::string_view kSessionPrefix = "cs_";
inline constexpr std::string_view kLinkObject = "payment_link";
inline constexpr std::string_view kSessionObject = "checkout.session";

// True if the id is one of a checkout session.
inline bool isSession(std::string_view id) {
  return id.starts_with(kSessionPrefix);
}

// Reads an object of either kind.
sdk::Result<sdk::PaymentLink> paymentLinkOf(json::View object);

// The link in a 2xx answer; it must be the one with `providerId`, if that is not empty.
sdk::Result<sdk::PaymentLink> readPaymentLink(const sdk::HttpResponse& response, bool session,
                                              std::string_view providerId);

}  // namespace stripe
