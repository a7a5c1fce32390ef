// Amounts at PayPal: decimal text in the major unit. Conversions are exact or refused. Used by
// every operation that has to do with money.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire.hpp"

namespace paypal {

// PayPal's decimal text of an amount in minor units, e.g. "10.99". HUF and TWD have no decimals
// there, and no currency has more than three: what can't be said is refused naming `field`.
sdk::Result<std::string> toPaypal(std::int64_t minor, std::string_view currency,
                                  std::string_view field = "amount");

// Minor units of PayPal's decimal text; empty for what is no exact amount of that currency.
std::optional<std::int64_t> fromPaypal(std::string_view decimal, std::string_view currency);

// An amount as PayPal's answers hold it: {currency_code, value}, in payouts {currency, value}, in
// events of the first API {currency, total}.
std::optional<sdk::Money> moneyOf(json::View amount);

// Writes {currency_code, value}. `decimal` is what toPaypal gave.
void writeMoney(json::Writer& out, std::string_view name, std::string_view decimal,
                std::string_view currency);

}  // namespace paypal
