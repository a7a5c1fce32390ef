// Stripe's payout (to a bank account or card of one's own) and transfer (to a connected account) as
// unified payouts. Used by the payout operations and by webhooks.
#pragma once

#include <string_view>

#include "wire.hpp"

namespace stripe {

inline constexpr std::string_view kTransferPrefix = "tr_";

inline bool isTransfer(std::string_view id) {
  return id.starts_with(kTransferPrefix);
}

// Reads an object of either kind.
sdk::Result<sdk::Payout> payoutOf(json::View object);

}  // namespace stripe
