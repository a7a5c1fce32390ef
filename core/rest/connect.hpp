// Payments for connected accounts: whose payment it is, and what the platform keeps of it. Used by
// payments and refunds; the routes of /api/connect are in connect.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "rest/call.hpp"

namespace unigate::rest {

struct ConnectedAccount {
  store::ResourceRecord row;
  std::int64_t feeBasisPoints = 0;  // as configured for its provider
};

// The account that a payment is for: the one with that id or, when `accountId` is empty, the one
// that was onboarded under the usual reference. `provider` may be empty. Problems name `account` or
// `connection`; 501 when the provider's adapter can't pay for connected accounts.
base::Result<ConnectedAccount> connectedAccount(const Call& call, const std::string& provider,
                                                const std::string& accountId);

// Of `amount` minor units, rounded down; a basis point is a hundredth of a percent.
std::int64_t platformFee(std::int64_t amount, std::int64_t basisPoints);

// `part` of `whole` of the fee, rounded down. `whole` is above 0.
std::int64_t partOf(std::int64_t fee, std::int64_t part, std::int64_t whole);

// What a payment's document says of it.
struct ConnectedShare {
  bool connected = false;
  std::int64_t fee = 0;  // minor units
};
ConnectedShare shareOf(const store::ResourceRecord& payment);

}  // namespace unigate::rest
