#include "vault/signature.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"

using namespace unigate;

namespace {

std::string fromHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

}  // namespace

TEST_CASE("Signs as RFC 8032 section 7.1, test 2 does") {
  const auto seed = fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const auto publicKey =
      fromHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto signature = fromHex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  CHECK(vault::ed25519PublicKey(seed) == publicKey);
  CHECK(vault::ed25519Sign(seed, "\x72") == signature);
  CHECK(vault::ed25519Verify(publicKey, "\x72", signature));
  CHECK_FALSE(vault::ed25519Verify(publicKey, "\x73", signature));
  CHECK_FALSE(vault::ed25519Verify(publicKey, "\x72", signature.substr(0, 63)));
  CHECK_FALSE(vault::ed25519Verify(publicKey.substr(1), "\x72", signature));
}
