// Envelope encryption of secrets: a fresh AES-256-GCM data key for each secret, itself wrapped by
// the key-encryption key (KEK). Both seals are bound to the place of the secret, so that a sealed
// value moved to another row does not open. Callers: identity, onboarding, the command line, and
// the gateway when it injects credentials.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "vault/secret_string.hpp"

namespace unigate::vault {

// Where a secret lives; part of what the seal authenticates.
struct SecretPlace {
  std::string_view organisation;
  std::string_view table;
  std::string_view row;
  std::string_view column;
};

// A sealed secret as it is stored. The texts are base64 with padding.
struct SealedSecret {
  std::int64_t version = 1;
  std::string keyId;
  std::string wrappedKey;  // nonce (12), data key (32) and tag (16)
  std::string nonce;       // 12 bytes
  std::string ciphertext;  // and tag (16)
};

// One key-encryption key in memory. Any thread.
class Vault {
 public:
  // `source` is "file:PATH" (mode 0400 or 0600, owned by this user or root), "env:NAME" or
  // "systemd:NAME" (a credential of the unit). The key is 32 bytes: raw, base64 or hex. The problem
  // is one line that names the source and the remedy. `random` must outlive the Vault.
  static base::Result<std::unique_ptr<Vault>> open(const std::string& source, base::Random& random);
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // First 8 hex digits of SHA-256 of the KEK: tells which key sealed a secret, without giving it
  // away.
  const std::string& keyId() const;

  base::Result<SealedSecret> seal(const SecretPlace& place, const SecretString& secret) const;
  // The problem says nothing of the content: wrong key, wrong place and tampering look the same,
  // but for a key id that isn't ours.
  base::Result<SecretString> open(const SecretPlace& place, const SealedSecret& sealed) const;

  // 32 bytes derived from the KEK for one purpose (HKDF-SHA-256, `label` as info), e.g. the pepper
  // of API keys.
  SecretString deriveKey(std::string_view label) const;

 private:
  struct Impl;
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Writes 32 fresh random bytes (base64 and newline) to a new file of mode 0400, making its folder
// (0700) when absent. Never overwrites: an existing file is a problem with code "already_exists".
base::Status createKekFile(const std::string& path, base::Random& random);

}  // namespace unigate::vault
