#include "webhooks/verify.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace unigate::webhooks {

namespace {

std::string encode(Encoding encoding, std::string_view bytes) {
  if (encoding == Encoding::hex) return base::toHex(bytes);
  return encoding == Encoding::base64 ? base::toBase64(bytes) : std::string();
}

}  // namespace

const char* opensslName(Digest digest) {
  switch (digest) {
    case Digest::sha1:
      return "SHA1";
    case Digest::sha256:
      return "SHA256";
    case Digest::sha512:
      return "SHA512";
    case Digest::unknown:
      break;
  }
  return nullptr;
}

std::string encodedDigest(Digest digest, Encoding encoding, std::string_view message) {
  const char* const name = opensslName(digest);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  std::size_t length = 0;
  if (name == nullptr || EVP_Q_digest(nullptr, name, nullptr, message.data(), message.size(),
                                      bytes.data(), &length) != 1)
    return {};
  return encode(encoding, {reinterpret_cast<const char*>(bytes.data()), length});
}

std::string encodedHmac(Digest digest, Encoding encoding, std::string_view secret,
                        std::string_view message) {
  const char* const name = opensslName(digest);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  std::size_t length = 0;
  const auto* text = reinterpret_cast<const unsigned char*>(message.data());
  static constexpr unsigned char kNothing = 0;
  if (name == nullptr || EVP_Q_mac(nullptr, "HMAC", nullptr, name, nullptr, secret.data(),
                                   secret.size(), text != nullptr ? text : &kNothing,
                                   message.size(), bytes.data(), bytes.size(), &length) == nullptr)
    return {};
  return encode(encoding, {reinterpret_cast<const char*>(bytes.data()), length});
}

Refusal findHmacRefusal(const Recipe& recipe, const std::vector<std::string_view>& secrets) {
  if (opensslName(recipe.digest) == nullptr || recipe.encoding == Encoding::unknown)
    return "the plugin asks for a digest or encoding that this gateway does not know";
  const bool some = std::any_of(secrets.begin(), secrets.end(),
                                [](std::string_view secret) { return !secret.empty(); });
  if (!some) return "credential \"" + recipe.secret + "\" is not stored";
  if (recipe.messages.empty() || recipe.expected.empty()) return "the webhook carries no signature";
  bool matches = false;
  for (const std::string_view secret : secrets) {
    if (secret.empty()) continue;
    for (const std::string& message : recipe.messages) {
      const std::string ours = encodedHmac(recipe.digest, recipe.encoding, secret, message);
      if (ours.empty()) return "the signature can't be computed";
      for (const std::string& expected : recipe.expected)
        matches = base::constantTimeEquals(ours, expected) || matches;
    }
  }
  if (!matches) return "the signature does not match (altered on the way, or another secret)";
  return std::nullopt;
}

Refusal findDigestRefusal(const Recipe& recipe) {
  for (const DigestCheck& check : recipe.digestChecks) {
    const std::string ours = encodedDigest(check.digest, check.encoding, check.message);
    if (ours.empty()) return "the plugin asks for a digest that this gateway does not know";
    if (!base::constantTimeEquals(ours, check.expected))
      return "the digest of the body does not match";
  }
  return std::nullopt;
}

Refusal findTimeRefusal(const Recipe& recipe, std::int64_t nowUnixMs,
                        std::optional<std::uint32_t> toleranceS) {
  if (recipe.toleranceS == 0) return std::nullopt;
  if (recipe.timestampUnixS <= 0) return "the webhook carries no signed time";
  const std::int64_t tolerance = toleranceS.value_or(recipe.toleranceS);
  const std::int64_t nowS = nowUnixMs / 1000;
  // Written so that no timestamp can overflow it.
  if (recipe.timestampUnixS < nowS - tolerance)
    return "the signed time is older than " + std::to_string(tolerance) + " s";
  return std::nullopt;
}

}  // namespace unigate::webhooks
