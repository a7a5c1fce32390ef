// What the simulated Razorpay keeps: for each account its objects, as the JSON that answers show.
// Members whose name begins with an underscore are the simulator's own and are never shown.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/documents.hpp"
#include "common/json_value.hpp"

namespace simulators::razorpay {

struct Book {
  std::string account;  // acc_...
  std::string keyLast4;
  bool livemode = false;
  std::map<std::string, Documents, std::less<>> kinds;
  std::int64_t bankBalance = 10'000'000'000;  // RazorpayX, in paise: one crore of rupees
  std::int64_t unsettled = 0;  // captured less fees and refunds since the last settlement
  bool settlementPlanned = false;

  Documents& operator[](std::string_view kind) {
    const auto found = kinds.find(kind);
    return found != kinds.end() ? found->second : kinds[std::string(kind)];
  }
};

}  // namespace simulators::razorpay
