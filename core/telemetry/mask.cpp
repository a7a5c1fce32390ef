#include <algorithm>
#include <array>
#include <cctype>

#include "base/card_guard.hpp"
#include "telemetry/logger.hpp"

namespace unigate::telemetry {

namespace {

// How keys and tokens begin; what follows is masked.
constexpr std::array<std::string_view, 10> kPrefixes = {
    "sk_", "rk_", "pk_", "unf_", "whsec_", "key_secret=", "Bearer ", "bearer ", "Basic ", "basic "};
// An unbroken run of letters and digits as long as this is taken for a token without a prefix; our
// own ids are shorter.
constexpr std::size_t kOpaqueCharsMin = 32;

bool isTokenChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '+' ||
         c == '=' || c == '.' || c == '~';
}

bool isWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::size_t runLength(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), isTokenChar);
  return static_cast<std::size_t>(end - text.begin());
}

bool looksOpaque(std::string_view run) {
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  const auto isLetter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  return run.size() >= kOpaqueCharsMin && std::any_of(run.begin(), run.end(), isDigit) &&
         std::any_of(run.begin(), run.end(), isLetter);
}

// The prefix of a token that begins here; empty when none does.
std::string_view prefixAt(std::string_view text) {
  for (const auto prefix : kPrefixes) {
    if (text.substr(0, prefix.size()) == prefix && runLength(text.substr(prefix.size())) >= 4) {
      return prefix;
    }
  }
  return {};
}

}  // namespace

std::string maskSecrets(std::string_view text) {
  std::string masked;
  masked.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const bool atWord = at == 0 || !isWordChar(text[at - 1]);
    const auto rest = text.substr(at);
    const auto prefix = atWord ? prefixAt(rest) : std::string_view();
    const auto run = atWord && prefix.empty() ? runLength(rest) : 0;
    if (!prefix.empty()) {
      masked += prefix;
      masked += "***";
      at += prefix.size() + runLength(rest.substr(prefix.size()));
    } else if (looksOpaque(rest.substr(0, run))) {
      masked += "***";
      at += run;
    } else {
      masked += text[at++];
    }
  }
  return base::maskCardNumbers(masked);
}

}  // namespace unigate::telemetry
