#include "stripe/currencies.hpp"

#include <algorithm>
#include <array>

namespace simulators::stripe {
namespace {

constexpr std::string_view kCodes =
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp "
    "byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip "
    "gmd gnf gtq gyd hkd hnl hrk htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd "
    "kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok "
    "npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos "
    "srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer "
    "zar zmw";

constexpr std::string_view kZeroDecimals =
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
constexpr std::string_view kThreeDecimals = "bhd jod kwd omr tnd";
constexpr std::string_view kHundredthsOfWhole = "isk ugx";

struct Minimum {
  std::string_view currency;
  std::int64_t amount;
};
constexpr std::array<Minimum, 24> kMinimums{
    {{"usd", 50},    {"aed", 200},  {"aud", 50},  {"bgn", 100},  {"brl", 50},  {"cad", 50},
     {"chf", 50},    {"czk", 1500}, {"dkk", 250}, {"eur", 50},   {"gbp", 30},  {"hkd", 400},
     {"huf", 17500}, {"inr", 50},   {"jpy", 50},  {"mxn", 1000}, {"myr", 200}, {"nok", 300},
     {"nzd", 50},    {"pln", 200},  {"ron", 200}, {"sek", 300},  {"sgd", 50},  {"thb", 1000}}};

bool listed(std::string_view list, std::string_view code) {
  if (code.size() != 3) return false;
  for (std::size_t at = 0; at < list.size(); at += 4) {
    if (list.substr(at, 3) == code) return true;
  }
  return false;
}

std::string_view symbolOf(std::string_view currency) {
  if (currency == "usd") return "$";
  if (currency == "eur") return "€";
  if (currency == "gbp") return "£";
  return currency == "jpy" ? "¥" : "";
}

}  // namespace

bool isCurrency(std::string_view code) {
  return listed(kCodes, code);
}

std::string currencyList() {
  std::string list;
  for (std::size_t at = 0; at < kCodes.size(); at += 4) {
    if (at > 0) list += ", ";
    list += kCodes.substr(at, 3);
  }
  return list;
}

std::int64_t amountMin(std::string_view currency) {
  const auto found = std::find_if(kMinimums.begin(), kMinimums.end(),
                                  [&](const auto& m) { return m.currency == currency; });
  return found == kMinimums.end() ? 1 : found->amount;
}

std::int64_t amountStep(std::string_view currency) {
  if (listed(kThreeDecimals, currency)) return 10;
  return listed(kHundredthsOfWhole, currency) ? 100 : 1;
}

std::string formatAmount(std::int64_t amount, std::string_view currency) {
  const std::size_t decimals = listed(kZeroDecimals, currency)    ? 0
                               : listed(kThreeDecimals, currency) ? 3
                                                                  : 2;
  auto digits = std::to_string(amount);
  while (digits.size() <= decimals) digits = "0" + digits;
  if (decimals > 0) {
    const auto whole = digits.size() - decimals;
    digits = digits.substr(0, whole) + "." + digits.substr(whole);
  }
  return std::string(symbolOf(currency)).append(digits).append(" ").append(currency);
}

}  // namespace simulators::stripe
