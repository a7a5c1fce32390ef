// Calendar months in UTC, counted from year 0: year * 12 + month - 1.
#pragma once

#include <cstdint>

namespace unigate::store {

// The month of a time, and the time that a month begins at.
std::int64_t monthOf(std::int64_t unixMs);
std::int64_t startOfMonthMs(std::int64_t month);

}  // namespace unigate::store
