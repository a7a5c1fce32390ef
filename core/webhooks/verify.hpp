// The arithmetic of a webhook's verification: HMAC, plain digests and the signed time. Pure, over
// OpenSSL EVP; any thread. Used by InboundWebhook.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webhooks/recipe.hpp"

namespace unigate::webhooks {

// Why something does not hold, for the operator; empty when it does. Never holds a secret or an
// expected value.
using Refusal = std::optional<std::string>;

// A signature is compared as text, as the official SDKs do: hex must be lower case, base64 padded.
// Constant time for each pair. `secrets` are tried in turn, empty ones are as good as none.
Refusal findHmacRefusal(const Recipe& recipe, const std::vector<std::string_view>& secrets);

// All plain digests of the recipe.
Refusal findDigestRefusal(const Recipe& recipe);

// The signed time must not be older than the recipe's tolerance (or the operator's, where one is
// given). A time in the future passes: only the holder of the secret can have signed it, and
// senders' clocks run ahead.
Refusal findTimeRefusal(const Recipe& recipe, std::int64_t nowUnixMs,
                        std::optional<std::uint32_t> toleranceS);

// Digest of a text in an encoding; empty for one that is not known.
std::string encodedDigest(Digest digest, Encoding encoding, std::string_view message);
std::string encodedHmac(Digest digest, Encoding encoding, std::string_view secret,
                        std::string_view message);

// OpenSSL's name ("SHA256"), nullptr when it is not known.
const char* opensslName(Digest digest);

}  // namespace unigate::webhooks
