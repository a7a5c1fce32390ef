#include "common/hashing.hpp"

namespace simulators {

std::uint64_t mixBits(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

std::uint64_t hashText(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return mixBits(hash);
}

std::string base62(std::uint64_t value, std::size_t length) {
  std::string text(length, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value /= 62) {
    *digit = kBase62[value % 62];
  }
  return text;
}

std::string drawnText(std::string_view alphabet, std::uint64_t seed, std::uint64_t number,
                      std::size_t length) {
  std::string text;
  auto bits = mixBits(seed ^ mixBits(number));
  for (std::size_t i = 0; i < length; ++i) {
    bits = mixBits(bits);
    text.push_back(alphabet[bits % alphabet.size()]);
  }
  return text;
}

}  // namespace simulators
