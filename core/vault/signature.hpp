// Ed25519 (RFC 8032) over OpenSSL EVP, for what leaves the database and must prove where it came
// from: checkpoints of the audit chain.
#pragma once

#include <string>
#include <string_view>

namespace unigate::vault {

// `seed` is the private key, 32 bytes. The public key is 32 bytes, a signature 64. Empty when
// OpenSSL refuses.
std::string ed25519PublicKey(std::string_view seed);
std::string ed25519Sign(std::string_view seed, std::string_view message);
bool ed25519Verify(std::string_view publicKey, std::string_view message,
                   std::string_view signature);

}  // namespace unigate::vault
