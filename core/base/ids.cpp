#include "base/ids.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace unigate::base {

namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

using Bits = std::array<std::uint8_t, 16>;

// Puts the time into the first 48 bits and writes all as text.
std::string idOf(std::string_view prefix, std::int64_t unixMs, Bits bits) {
  const auto ms = static_cast<std::uint64_t>(unixMs);
  for (std::size_t i = 0; i < 6; ++i) bits[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  std::string id(prefix);
  id.reserve(prefix.size() + kIdBodyLength);
  // 128 bits as 26 digits of 5 bits; the first digit carries the 3 highest bits.
  for (int digit = 25; digit >= 0; --digit) {
    const int low = digit * 5;
    unsigned value = 0;
    for (int bit = low + 4; bit >= low; --bit) {
      value <<= 1U;
      if (bit < 128) value |= (bits[static_cast<std::size_t>(15 - bit / 8)] >> (bit % 8)) & 1U;
    }
    id.push_back(kAlphabet[value]);
  }
  return id;
}

}  // namespace

std::string makeId(std::string_view prefix, const Clock& clock, Random& random) {
  Bits bits{};
  random.fill(bits);
  return idOf(prefix, clock.unixMs(), bits);
}

std::string makeIdOf(std::string_view prefix, std::int64_t unixMs, std::string_view seed) {
  const auto digest = sha256(seed);
  Bits bits{};
  std::copy_n(digest.begin(), bits.size(), bits.begin());
  return idOf(prefix, unixMs, bits);
}

bool isId(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kIdBodyLength || text.substr(0, prefix.size()) != prefix)
    return false;
  const std::string_view body = text.substr(prefix.size());
  // 26 digits hold 130 bits; the first carries three of the 128.
  return body.front() <= '7' && body.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace unigate::base
