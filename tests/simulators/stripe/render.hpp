// The JSON of Stripe's objects at API version 2026-07-29.dahlia. What an object shows depends on
// the given version of it alone (and, where `expand` asks for it, on the objects that it names).
#pragma once

#include "common/form.hpp"
#include "common/json.hpp"
#include "stripe/account.hpp"
#include "stripe/expansion.hpp"

namespace simulators::stripe {

inline constexpr std::string_view kApiVersion = "2026-07-29.dahlia";

// `latestCharge`: the version to show expanded, whatever `expand` says.
void writePayment(JsonWriter& json, const Account& account, const Payment& payment,
                  const Expansion* expand, const Charge* latestCharge = nullptr);
void writeCharge(JsonWriter& json, const Account& account, const Charge& charge,
                 const Expansion* expand);
void writeRefund(JsonWriter& json, const Account& account, const Refund& refund,
                 const Expansion* expand);
void writeCustomer(JsonWriter& json, const Account& account, const Customer& customer);
void writeDeletedCustomer(JsonWriter& json, const Account& account, const Customer& customer);
void writeMethod(JsonWriter& json, const Account& account, const PaymentMethod& method,
                 const Expansion* expand);

// Parts that are kept as JSON from the moment they are given.
JsonText addressJson(const FormNode* address);
JsonText shippingJson(const FormNode& shipping);
JsonText billingJson(const FormNode* billing);

}  // namespace simulators::stripe
