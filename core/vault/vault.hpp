// Envelope encryption of secrets: a fresh AES-256-GCM data key for each secret, itself wrapped by
// a key-encryption key (KEK). Both seals are bound to the place of the secret, so that a sealed
// value moved to another row does not open. Callers: identity, onboarding, the command line, and
// the gateway when it injects credentials.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

// What the database knows of keys, for a process that serves while they are rotated. Any thread;
// may block for as long as a read of the database takes.
class KeyBook {
 public:
  virtual ~KeyBook() = default;
  // The id of the key that secrets are to be sealed under; empty: the configured one.
  virtual base::Result<std::string> sealingKey() = 0;
  // A newer key, sealed under an older one by Vault::bridgeTo(); its version is 0 when there is
  // none of this id.
  virtual base::Result<SealedSecret> bridgeTo(const std::string& keyId) = 0;
};

// A ring of key-encryption keys in memory: one is current, others open what was sealed before.
// Any thread.
class Vault {
 public:
  // `source` is "file:PATH" (mode 0400 or 0600, owned by this user or root), "env:NAME" or
  // "systemd:NAME" (a credential of the unit). The key is 32 bytes: raw, base64 or hex. The problem
  // is one line that names the source and the remedy. `random` must outlive the Vault.
  static base::Result<std::unique_ptr<Vault>> open(const std::string& source, base::Random& random,
                                                   const std::vector<std::string>& previous = {});
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // First 8 hex digits of SHA-256 of the current KEK: tells which key sealed a secret, without
  // giving it away.
  const std::string& keyId() const;
  // Whether secrets sealed under this key can be opened: it is in the ring, or a source or the book
  // has it.
  bool knows(const std::string& keyId) const;
  // Takes one more key into the ring; its id.
  base::Result<std::string> addKey(const std::string& source);
  // Asked from then on about keys that the ring lacks and about the one to seal under. Before other
  // threads use the vault.
  void useBook(std::shared_ptr<KeyBook> book);

  // Under the key that the book names, else under the current one.
  base::Result<SealedSecret> seal(const SecretPlace& place, const SecretString& secret) const;
  // The problem says nothing of the content: wrong key, wrong place and tampering look the same,
  // but for a key id that isn't ours.
  base::Result<SecretString> open(const SecretPlace& place, const SealedSecret& sealed) const;
  // The same secret under another key of the ring: its data key is wrapped anew.
  base::Result<SealedSecret> rewrap(const SecretPlace& place, const SealedSecret& sealed,
                                    const std::string& keyId) const;
  // The key `to` of the ring, sealed under the key `from`, so that a process that has only the
  // older one can open what is sealed under the newer.
  base::Result<SealedSecret> bridge(const std::string& from, const std::string& to) const;

  // 32 bytes for one purpose (HKDF-SHA-256, `label` as info), e.g. the pepper of API keys: derived
  // from the root, or from the current KEK as long as there is none.
  SecretString deriveKey(std::string_view label) const;
  // What deriveKey() stands on without a root: given to useRoot(), nothing changes.
  SecretString rootOfKey() const;
  // Keys are derived from this from now on, whatever the KEK. Before other threads use the vault.
  void useRoot(const SecretString& root);

 private:
  struct Impl;
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The place of the bridge to a key.
SecretPlace bridgePlace(const std::string& entryName);

// Writes 32 fresh random bytes (base64 and newline) to a new file of mode 0400, making its folder
// (0700) when absent. Never overwrites: an existing file is a problem with code "already_exists".
base::Status createKekFile(const std::string& path, base::Random& random);

}  // namespace unigate::vault
