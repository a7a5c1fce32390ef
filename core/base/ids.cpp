#include "base/ids.hpp"

#include <array>

namespace unigate::base {

namespace {
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
}

std::string makeId(std::string_view prefix, const Clock& clock, Random& random) {
  std::array<std::uint8_t, 16> bits{};
  random.fill(bits);
  const auto ms = static_cast<std::uint64_t>(clock.unixMs());
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

bool isId(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kIdBodyLength || text.substr(0, prefix.size()) != prefix)
    return false;
  const std::string_view body = text.substr(prefix.size());
  // 26 digits hold 130 bits; the first carries three of the 128.
  return body.front() <= '7' && body.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace unigate::base
