// The text of an API key: "unf_test_" or "unf_live_", 30 random base62 characters and 6 base62
// characters of checksum, so that a typing error or a truncated paste is told from a wrong key
// without a look-up, and scanners recognise leaked keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "vault/secret_string.hpp"

namespace unigate::identity {

enum class Environment { test, live };

// "test" or "live", as stored.
std::string_view toText(Environment environment);
std::optional<Environment> environmentFromText(std::string_view text);

inline constexpr std::size_t kKeyPrefixChars = 9;
inline constexpr std::size_t kKeyRandomChars = 30;
inline constexpr std::size_t kKeyChecksumChars = 6;
inline constexpr std::size_t kKeyChars = kKeyPrefixChars + kKeyRandomChars + kKeyChecksumChars;

// A fresh key; 30 characters of base62 are 178 bits.
vault::SecretString makeApiKeyText(Environment environment, base::Random& random);

// The environment of a well-formed key; empty when length, prefix, alphabet or checksum is wrong.
// The checksum is CRC-32 (ISO-HDLC, as in zlib) over the first 39 bytes of the key, prefix
// included, written big-endian in base62 (0-9, A-Z, a-z), padded with '0' to six characters.
std::optional<Environment> checkApiKeyText(std::string_view key);

}  // namespace unigate::identity
