// Keyed hashes and encodings, for signatures and Basic credentials.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace simulators {

// Raw bytes.
std::string hmacSha256(std::string_view key, std::string_view text);
std::string hmacSha1(std::string_view key, std::string_view text);
std::string sha256(std::string_view text);

std::string hexText(std::string_view bytes);
std::string base64(std::string_view bytes);
// Nothing if a character is none of the alphabet.
std::optional<std::string> decodeBase64(std::string_view text);

}  // namespace simulators
