// The few primitives that the vault and API keys stand on, over OpenSSL EVP with contexts reused by
// each thread. All lengths in bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace unigate::vault {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

// AES-256-GCM: ciphertext with the tag appended. `key` is 32 bytes; nonces of any length from 1 on
// are taken (ours are 12). Empty when OpenSSL refuses.
std::optional<std::string> aesGcmSeal(std::string_view key, std::string_view nonce,
                                      std::string_view aad, std::string_view plaintext);
// Empty when the tag does not fit: key, nonce, aad or bytes are not those of the seal.
std::optional<std::string> aesGcmOpen(std::string_view key, std::string_view nonce,
                                      std::string_view aad, std::string_view ciphertextAndTag);

// 32 bytes.
std::string hmacSha256(std::string_view key, std::string_view message);
// HKDF-SHA-256 (RFC 5869) to 32 bytes.
std::string hkdfSha256(std::string_view key, std::string_view salt, std::string_view info);

}  // namespace unigate::vault
