// Subscriptions: approved by the payer, then charged cycle by cycle as time goes by.
#pragma once

#include "paypal/call.hpp"

namespace simulators::paypal {

Json renderSubscription(const Json& subscription, const std::string& origin);
// The payer agrees: to a new subscription, or to the change that waits for him. Throws 422 if there
// is nothing to agree to.
void approveSubscription(World& world, Account& account, Json& subscription,
                         const std::string& origin);
// Begins the cycles of a subscription that has become active.
void startBilling(World& world, Account& account, Json& subscription, const std::string& origin);
// Whatever was to be charged no longer is.
void stopBilling(Json& subscription);
// Takes that much money now; false if the payer's account refuses.
bool chargeSubscription(World& world, Account& account, Json& subscription, const Money& amount,
                        const std::string& key, const std::string& origin);
// The price of the subscription's current cycle, with quantity and taxes; no currency if it is
// free.
Money currentPrice(const Json& subscription);
void setSubscriptionStatus(World& world, Account& account, Json& subscription,
                           const std::string& status, const std::string& event,
                           const std::string& origin);

}  // namespace simulators::paypal
