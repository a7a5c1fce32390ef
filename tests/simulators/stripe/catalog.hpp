// Prices, as other resources use them.
#pragma once

#include <string>

#include "stripe/call.hpp"

namespace simulators::stripe {

// A price that a request describes in place ("price_data"); returns its id.
std::string priceFromData(Call& call, const Json& data);

// The lines of a link or a session: price, quantity and what they come to.
struct Lines {
  Json lines = Json::array();  // {"price":id,"quantity":n,"amount":n}
  std::string currency;
  std::int64_t total = 0;
  bool recurring = false;
};
Lines linesOf(Call& call, const Json& given, const std::string& param);

}  // namespace simulators::stripe
