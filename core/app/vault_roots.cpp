#include "app/vault_roots.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "store/vault_rows.hpp"

namespace unigate::app {

namespace {

constexpr std::size_t kRootBytes = 32;

vault::SealedSecret toVault(const store::Sealed& sealed) {
  return {sealed.version, sealed.keyId, sealed.wrappedKey, sealed.nonce, sealed.ciphertext};
}

// Reads what other processes wrote, on a session of its own: several threads ask, seldom.
class StoredBook final : public vault::KeyBook {
 public:
  explicit StoredBook(std::unique_ptr<store::ReadSession> reader) : reader_(std::move(reader)) {}

  base::Result<std::string> sealingKey() override {
    const auto root = read(kVaultRoot);
    if (!root) return base::fail(root.error());
    return *root ? (*root)->sealed.keyId : std::string();
  }

  base::Result<vault::SealedSecret> bridgeTo(const std::string& keyId) override {
    const auto bridge = read("key:" + keyId);
    if (!bridge) return base::fail(bridge.error());
    if (!*bridge) return vault::SealedSecret{0, "", "", "", ""};
    return toVault((*bridge)->sealed);
  }

 private:
  base::Result<std::optional<store::VaultEntry>> read(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return store::vaultEntry(*reader_, name);
  }

  std::mutex mutex_;
  std::unique_ptr<store::ReadSession> reader_;
};

base::Problem wrongKey(const vault::Vault& vault, const std::string& sealedWith) {
  return {500,
          "wrong_key",
          "vault.key_encryption_key is key " + vault.keyId() +
              ", but this database was sealed with key " + sealedWith +
              "; give the gateway the key that belongs to the database, or name it in "
              "vault.previous_keys",
          "vault.key_encryption_key",
          false,
          0,
          {}};
}

// The root of a new database is random. One that was used before keeps what its key gave, once it
// is proven that this is its key: what is sealed there opens.
base::Status makeRoot(vault::Vault& vault, store::Store& store, store::ReadSession& reader,
                      const base::Clock& clock, base::Random& random, bool somethingSealed) {
  const auto organisations = reader.organisations();
  if (!organisations) return base::fail(organisations.error());
  vault::SecretString root = vault.rootOfKey();
  if (organisations->empty() && !somethingSealed) {
    std::string bytes(kRootBytes, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    root = vault::SecretString(std::move(bytes));
  } else if (!somethingSealed) {
    return {};
  }
  const auto sealed = vault.seal(vault::bridgePlace(kVaultRoot), root);
  if (!sealed) return base::fail(sealed.error());
  return store::addVaultEntry(store, {kVaultRoot,
                                      {sealed->version, sealed->keyId, sealed->wrappedKey,
                                       sealed->nonce, sealed->ciphertext},
                                      clock.unixMs()});
}

}  // namespace

base::Status joinVault(vault::Vault& vault, store::Store& store, const base::Clock& clock,
                       base::Random& random) {
  auto reader = store.openReader();
  if (!reader) return base::fail(reader.error());
  auto bookReader = store.openReader();
  if (!bookReader) return base::fail(bookReader.error());
  vault.useBook(std::make_shared<StoredBook>(std::move(*bookReader)));
  const auto keys = store::sealingKeys(**reader);
  if (!keys) return base::fail(keys.error());
  for (const std::string& each : *keys) {
    if (!vault.knows(each)) return base::fail(wrongKey(vault, each));
  }
  auto entry = store::vaultEntry(**reader, kVaultRoot);
  if (!entry) return base::fail(entry.error());
  if (!*entry) {
    if (auto made = makeRoot(vault, store, **reader, clock, random, !keys->empty()); !made)
      return made;
    // Another process may have been first: what is stored counts.
    entry = store::vaultEntry(**reader, kVaultRoot);
    if (!entry) return base::fail(entry.error());
    if (!*entry) return {};
  }
  const auto root = vault.open(vault::bridgePlace(kVaultRoot), toVault((*entry)->sealed));
  if (!root) return base::fail(root.error());
  vault.useRoot(*root);
  return {};
}

}  // namespace unigate::app
