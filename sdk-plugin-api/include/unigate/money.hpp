// Money without floats: ISO 4217 currencies with their minor-unit exponents, and exact conversion
// between minor units and decimal text. Used by adapters and by the gateway.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace unigate::money {

// An ISO 4217 currency. `exponent` is the number of decimals of its minor unit.
struct Currency {
  std::string_view code;
  std::int32_t exponent;
};

// ISO 4217 list one (active codes that have a minor unit), sorted by code. Source: ISO 4217:2015 as
// maintained by SIX, amendment 176. Funds codes with a minor unit are kept; metals and testing
// codes (XAU, XTS, XXX, ...) have none and can't carry a payment.
inline constexpr std::array kCurrencies = {
    Currency{"AED", 2}, Currency{"AFN", 2}, Currency{"ALL", 2}, Currency{"AMD", 2},
    Currency{"AOA", 2}, Currency{"ARS", 2}, Currency{"AUD", 2}, Currency{"AWG", 2},
    Currency{"AZN", 2}, Currency{"BAM", 2}, Currency{"BBD", 2}, Currency{"BDT", 2},
    Currency{"BGN", 2}, Currency{"BHD", 3}, Currency{"BIF", 0}, Currency{"BMD", 2},
    Currency{"BND", 2}, Currency{"BOB", 2}, Currency{"BOV", 2}, Currency{"BRL", 2},
    Currency{"BSD", 2}, Currency{"BTN", 2}, Currency{"BWP", 2}, Currency{"BYN", 2},
    Currency{"BZD", 2}, Currency{"CAD", 2}, Currency{"CDF", 2}, Currency{"CHE", 2},
    Currency{"CHF", 2}, Currency{"CHW", 2}, Currency{"CLF", 4}, Currency{"CLP", 0},
    Currency{"CNY", 2}, Currency{"COP", 2}, Currency{"COU", 2}, Currency{"CRC", 2},
    Currency{"CUP", 2}, Currency{"CVE", 2}, Currency{"CZK", 2}, Currency{"DJF", 0},
    Currency{"DKK", 2}, Currency{"DOP", 2}, Currency{"DZD", 2}, Currency{"EGP", 2},
    Currency{"ERN", 2}, Currency{"ETB", 2}, Currency{"EUR", 2}, Currency{"FJD", 2},
    Currency{"FKP", 2}, Currency{"GBP", 2}, Currency{"GEL", 2}, Currency{"GHS", 2},
    Currency{"GIP", 2}, Currency{"GMD", 2}, Currency{"GNF", 0}, Currency{"GTQ", 2},
    Currency{"GYD", 2}, Currency{"HKD", 2}, Currency{"HNL", 2}, Currency{"HTG", 2},
    Currency{"HUF", 2}, Currency{"IDR", 2}, Currency{"ILS", 2}, Currency{"INR", 2},
    Currency{"IQD", 3}, Currency{"IRR", 2}, Currency{"ISK", 0}, Currency{"JMD", 2},
    Currency{"JOD", 3}, Currency{"JPY", 0}, Currency{"KES", 2}, Currency{"KGS", 2},
    Currency{"KHR", 2}, Currency{"KMF", 0}, Currency{"KPW", 2}, Currency{"KRW", 0},
    Currency{"KWD", 3}, Currency{"KYD", 2}, Currency{"KZT", 2}, Currency{"LAK", 2},
    Currency{"LBP", 2}, Currency{"LKR", 2}, Currency{"LRD", 2}, Currency{"LSL", 2},
    Currency{"LYD", 3}, Currency{"MAD", 2}, Currency{"MDL", 2}, Currency{"MGA", 2},
    Currency{"MKD", 2}, Currency{"MMK", 2}, Currency{"MNT", 2}, Currency{"MOP", 2},
    Currency{"MRU", 2}, Currency{"MUR", 2}, Currency{"MVR", 2}, Currency{"MWK", 2},
    Currency{"MXN", 2}, Currency{"MXV", 2}, Currency{"MYR", 2}, Currency{"MZN", 2},
    Currency{"NAD", 2}, Currency{"NGN", 2}, Currency{"NIO", 2}, Currency{"NOK", 2},
    Currency{"NPR", 2}, Currency{"NZD", 2}, Currency{"OMR", 3}, Currency{"PAB", 2},
    Currency{"PEN", 2}, Currency{"PGK", 2}, Currency{"PHP", 2}, Currency{"PKR", 2},
    Currency{"PLN", 2}, Currency{"PYG", 0}, Currency{"QAR", 2}, Currency{"RON", 2},
    Currency{"RSD", 2}, Currency{"RUB", 2}, Currency{"RWF", 0}, Currency{"SAR", 2},
    Currency{"SBD", 2}, Currency{"SCR", 2}, Currency{"SDG", 2}, Currency{"SEK", 2},
    Currency{"SGD", 2}, Currency{"SHP", 2}, Currency{"SLE", 2}, Currency{"SOS", 2},
    Currency{"SRD", 2}, Currency{"SSP", 2}, Currency{"STN", 2}, Currency{"SVC", 2},
    Currency{"SYP", 2}, Currency{"SZL", 2}, Currency{"THB", 2}, Currency{"TJS", 2},
    Currency{"TMT", 2}, Currency{"TND", 3}, Currency{"TOP", 2}, Currency{"TRY", 2},
    Currency{"TTD", 2}, Currency{"TWD", 2}, Currency{"TZS", 2}, Currency{"UAH", 2},
    Currency{"UGX", 0}, Currency{"USD", 2}, Currency{"USN", 2}, Currency{"UYI", 0},
    Currency{"UYU", 2}, Currency{"UYW", 4}, Currency{"UZS", 2}, Currency{"VED", 2},
    Currency{"VES", 2}, Currency{"VND", 0}, Currency{"VUV", 0}, Currency{"WST", 2},
    Currency{"XAF", 0}, Currency{"XCD", 2}, Currency{"XCG", 2}, Currency{"XOF", 0},
    Currency{"XPF", 0}, Currency{"YER", 2}, Currency{"ZAR", 2}, Currency{"ZMW", 2},
    Currency{"ZWG", 2},
};

// Upper-case ASCII copy.
inline std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

// Lower-case ASCII copy.
inline std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// The currency of a code in either case; empty for a code that is not in the list.
inline std::optional<Currency> findCurrency(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  const std::string wanted = upper(code);
  for (const Currency& currency : kCurrencies) {
    if (currency.code == wanted) return currency;
  }
  return std::nullopt;
}

// Exact decimal text of `minor` units: 1050 with exponent 2 is "10.50", -5 is "-0.05", exponent 0
// has no point.
inline std::string toDecimal(std::int64_t minor, std::int32_t exponent) {
  const bool negative = minor < 0;
  const std::uint64_t magnitude =
      negative ? ~static_cast<std::uint64_t>(minor) + 1 : static_cast<std::uint64_t>(minor);
  std::string digits = std::to_string(magnitude);
  if (exponent > 0) {
    const auto decimals = static_cast<std::size_t>(exponent);
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - decimals, ".");
  }
  if (negative) digits.insert(digits.begin(), '-');
  return digits;
}

// Minor units of decimal text such as "10.5", "-0.05", ".5" or "1050". Empty when the text is no
// plain decimal, carries a non-zero digit beyond the currency's minor unit, or does not fit into 64
// bits: nothing is ever rounded.
inline std::optional<std::int64_t> fromDecimal(std::string_view text, std::int32_t exponent) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (point != std::string_view::npos && fraction.empty()) return std::nullopt;
  const std::uint64_t limit =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  std::uint64_t value = 0;
  const auto push = [&value, limit](char c) {
    if (c < '0' || c > '9') return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (limit - digit) / 10) return false;
    value = value * 10 + digit;
    return true;
  };
  for (const char c : whole) {
    if (!push(c)) return std::nullopt;
  }
  for (std::int32_t i = 0; i < exponent; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (!push(at < fraction.size() ? fraction[at] : '0')) return std::nullopt;
  }
  for (std::size_t at = static_cast<std::size_t>(exponent); at < fraction.size(); ++at) {
    if (fraction[at] != '0') return std::nullopt;
  }
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

}  // namespace unigate::money
