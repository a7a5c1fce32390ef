#include "identity/api_key.hpp"

#include <array>
#include <boost/crc.hpp>

#include "base/text.hpp"

namespace unigate::identity {

namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kTestPrefix = "unf_test_";
constexpr std::string_view kLivePrefix = "unf_live_";
static_assert(kTestPrefix.size() == kKeyPrefixChars && kLivePrefix.size() == kKeyPrefixChars);

std::array<char, kKeyChecksumChars> checksumOf(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  std::uint32_t rest = crc.checksum();
  std::array<char, kKeyChecksumChars> digits{};
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    *digit = kAlphabet[rest % kAlphabet.size()];
    rest /= static_cast<std::uint32_t>(kAlphabet.size());
  }
  return digits;
}

}  // namespace

std::string_view toText(Environment environment) {
  return environment == Environment::live ? "live" : "test";
}

std::optional<Environment> environmentFromText(std::string_view text) {
  if (text == "test") return Environment::test;
  if (text == "live") return Environment::live;
  return std::nullopt;
}

vault::SecretString makeApiKeyText(Environment environment, base::Random& random) {
  std::string text;
  text.reserve(kKeyChars);
  text += environment == Environment::live ? kLivePrefix : kTestPrefix;
  for (std::size_t i = 0; i < kKeyRandomChars; ++i) {
    text += kAlphabet[random.below(kAlphabet.size())];
  }
  const auto checksum = checksumOf(text);
  text.append(checksum.data(), checksum.size());
  return vault::SecretString(std::move(text));
}

std::optional<Environment> checkApiKeyText(std::string_view key) {
  if (key.size() != kKeyChars) return std::nullopt;
  std::optional<Environment> environment;
  if (key.substr(0, kKeyPrefixChars) == kTestPrefix) environment = Environment::test;
  if (key.substr(0, kKeyPrefixChars) == kLivePrefix) environment = Environment::live;
  if (!environment) return std::nullopt;
  if (key.find_first_not_of(kAlphabet, kKeyPrefixChars) != std::string_view::npos) {
    return std::nullopt;
  }
  const auto checked = key.substr(0, kKeyPrefixChars + kKeyRandomChars);
  const auto checksum = checksumOf(checked);
  if (!base::constantTimeEquals({checksum.data(), checksum.size()}, key.substr(checked.size()))) {
    return std::nullopt;
  }
  return environment;
}

}  // namespace unigate::identity
