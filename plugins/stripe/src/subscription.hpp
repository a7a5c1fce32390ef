// Stripe's subscription as a unified one. Used by the subscription operations, by the search and by
// webhooks.
#pragma once

#include <string_view>

#include "wire.hpp"

namespace stripe {

// Our mark of the number of charges after which a subscription ends.
inline constexpr std::string_view kTotalCountKey = "unigate_total_count";

// Reads a subscription object of any API version since 2022.
sdk::Result<sdk::Subscription> subscriptionOf(json::View object);

// The subscription in a 2xx answer; it must be the one with `providerId`, if that is not empty.
sdk::Result<sdk::Subscription> readSubscription(const sdk::HttpResponse& response,
                                                std::string_view providerId);

}  // namespace stripe
