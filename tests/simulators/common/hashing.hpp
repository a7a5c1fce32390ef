// Stable, not cryptographic hashes from which the providers make ids that look random and yet come
// out the same when a journal is carried out again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simulators {

std::uint64_t mixBits(std::uint64_t value);
std::uint64_t hashText(std::string_view text, std::uint64_t seed = 0);
std::string base62(std::uint64_t value, std::size_t length);
// `length` characters of `alphabet`, the same for the same seed and number.
std::string drawnText(std::string_view alphabet, std::uint64_t seed, std::uint64_t number,
                      std::size_t length);

inline constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace simulators
