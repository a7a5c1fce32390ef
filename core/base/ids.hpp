// Time-ordered prefixed ids such as "pay_01jd3k...": ULID bits (48-bit milliseconds, 80 random
// bits) in lower-case Crockford base 32. Ordered ids keep inserts at the right edge of every index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace unigate::base {

inline constexpr std::size_t kIdBodyLength = 26;

// A new id: prefix (with its underscore) and 26 characters. Any thread.
std::string makeId(std::string_view prefix, const Clock& clock, Random& random);

// The id of something that others made at `unixMs`: the same for the same `seed`, so that two who
// hear of it at once name it alike. Any thread.
std::string makeIdOf(std::string_view prefix, std::int64_t unixMs, std::string_view seed);

// True when `text` is `prefix` and 26 characters of the alphabet.
bool isId(std::string_view prefix, std::string_view text);

}  // namespace unigate::base
