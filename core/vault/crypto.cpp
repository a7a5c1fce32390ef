#include "vault/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>
#include <stdexcept>

#include "vault/secret_string.hpp"

namespace unigate::vault {

namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// The cipher is fetched once and each thread keeps its context: a fresh one costs three times the
// encryption itself.
EVP_CIPHER_CTX* cipherContext() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  return context.get();
}

const EVP_CIPHER* aes256Gcm() {
  static const std::unique_ptr<EVP_CIPHER, Free> cipher(
      EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  if (!cipher) throw std::runtime_error("OpenSSL has no AES-256-GCM");
  return cipher.get();
}

// Sets direction, key, nonce and AAD. False when OpenSSL refuses.
bool prepare(EVP_CIPHER_CTX* context, bool encrypt, std::string_view key, std::string_view nonce,
             std::string_view aad) {
  if (key.size() != kKeyBytes || nonce.empty()) return false;
  int length = 0;
  return EVP_CIPHER_CTX_reset(context) == 1 &&
         EVP_CipherInit_ex2(context, aes256Gcm(), nullptr, nullptr, encrypt ? 1 : 0, nullptr) ==
             1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()),
                             nullptr) == 1 &&
         EVP_CipherInit_ex2(context, nullptr, bytes(key), bytes(nonce), -1, nullptr) == 1 &&
         (aad.empty() || EVP_CipherUpdate(context, nullptr, &length, bytes(aad),
                                          static_cast<int>(aad.size())) == 1);
}

}  // namespace

std::optional<std::string> aesGcmSeal(std::string_view key, std::string_view nonce,
                                      std::string_view aad, std::string_view plaintext) {
  auto* context = cipherContext();
  std::string out(plaintext.size() + kTagBytes, '\0');
  int length = 0;
  int rest = 0;
  const bool sealed =
      prepare(context, true, key, nonce, aad) &&
      (plaintext.empty() || EVP_CipherUpdate(context, bytes(out), &length, bytes(plaintext),
                                             static_cast<int>(plaintext.size())) == 1) &&
      EVP_CipherFinal_ex(context, bytes(out) + length, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes),
                          bytes(out) + plaintext.size()) == 1;
  EVP_CIPHER_CTX_reset(context);  // wipes the key schedule
  if (!sealed) return std::nullopt;
  return out;
}

std::optional<std::string> aesGcmOpen(std::string_view key, std::string_view nonce,
                                      std::string_view aad, std::string_view ciphertextAndTag) {
  if (ciphertextAndTag.size() < kTagBytes) return std::nullopt;
  const auto ciphertext = ciphertextAndTag.substr(0, ciphertextAndTag.size() - kTagBytes);
  std::string tag(ciphertextAndTag.substr(ciphertext.size()));
  auto* context = cipherContext();
  std::string out(ciphertext.size(), '\0');
  int length = 0;
  int rest = 0;
  unsigned char nothing[kTagBytes];
  const bool opened =
      prepare(context, false, key, nonce, aad) &&
      (ciphertext.empty() || EVP_CipherUpdate(context, bytes(out), &length, bytes(ciphertext),
                                              static_cast<int>(ciphertext.size())) == 1) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagBytes),
                          bytes(tag)) == 1 &&
      EVP_CipherFinal_ex(context, nothing, &rest) == 1;
  EVP_CIPHER_CTX_reset(context);
  if (!opened) {
    wipe(out);  // bytes that failed their check must not be used by anybody
    return std::nullopt;
  }
  return out;
}

std::string hmacSha256(std::string_view key, std::string_view message) {
  static const std::unique_ptr<EVP_MAC, Free> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  thread_local const std::unique_ptr<EVP_MAC_CTX, Free> context(EVP_MAC_CTX_new(mac.get()));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  std::string out(kKeyBytes, '\0');
  std::size_t length = 0;
  // An empty key must still be a pointer, or OpenSSL keeps the one before.
  const unsigned char none = 0;
  const auto* keyBytes = key.empty() ? &none : bytes(key);
  if (!context || EVP_MAC_init(context.get(), keyBytes, key.size(), parameters) != 1 ||
      EVP_MAC_update(context.get(), bytes(message), message.size()) != 1 ||
      EVP_MAC_final(context.get(), bytes(out), &length, out.size()) != 1) {
    throw std::runtime_error("OpenSSL has no HMAC-SHA-256");
  }
  return out;
}

std::string hkdfSha256(std::string_view key, std::string_view salt, std::string_view info) {
  const std::unique_ptr<EVP_KDF, Free> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, Free> context(EVP_KDF_CTX_new(kdf.get()));
  char digest[] = "SHA256";
  std::string keyCopy(key), saltCopy(salt), infoCopy(info);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, keyCopy.data(), keyCopy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, saltCopy.data(), saltCopy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, infoCopy.data(), infoCopy.size()),
      OSSL_PARAM_construct_end()};
  std::string out(kKeyBytes, '\0');
  const bool derived =
      context && EVP_KDF_derive(context.get(), bytes(out), out.size(), parameters) == 1;
  wipe(keyCopy);
  if (!derived) throw std::runtime_error("OpenSSL has no HKDF-SHA-256");
  return out;
}

}  // namespace unigate::vault
