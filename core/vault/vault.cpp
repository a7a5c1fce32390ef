#include "vault/vault.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>

#include "base/text.hpp"
#include "vault/crypto.hpp"
#include "vault/key_source.hpp"
#include "vault/locked_key.hpp"

namespace unigate::vault {

namespace {

// Since version 2 the secret's own seal does not name the KEK, so that the data key alone need be
// wrapped anew when the KEK changes.
constexpr std::int64_t kOldVersion = 1;
constexpr std::int64_t kVersion = 2;
constexpr std::size_t kKeyIdChars = 8;
// How often sources are read again for a key that nobody knows.
constexpr std::chrono::seconds kReloadPause{1};
constexpr std::string_view kSalt = "unigate";

// Length first, so that no two places give the same bytes.
void append(std::string& aad, std::string_view part) {
  const auto length = static_cast<std::uint32_t>(part.size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    aad.push_back(static_cast<char>((length >> shift) & 0xff));
  }
  aad.append(part);
}

std::string aadOf(std::int64_t version, const SecretPlace& place, std::string_view keyId) {
  std::string aad;
  append(aad, std::to_string(version));
  append(aad, place.organisation);
  append(aad, place.table);
  append(aad, place.row);
  append(aad, place.column);
  append(aad, keyId);
  return aad;
}

std::string randomBytes(base::Random& random, std::size_t count) {
  std::string bytes(count, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

// What the seal of the secret itself authenticates.
std::string secretAad(std::int64_t version, const SecretPlace& place, std::string_view keyId) {
  return aadOf(version, place, version == kOldVersion ? keyId : std::string_view());
}

// HKDF-Expand (RFC 5869, 2.3) for one block of output.
SecretString expand(std::string_view root, std::string_view label) {
  return SecretString(hmacSha256(root, std::string(label) + '\x01'));
}

std::string idOf(std::string_view key) {
  return base::sha256Hex(key).substr(0, kKeyIdChars);
}

auto doesNotOpen() {
  return base::fail(500, "secret_unreadable",
                    "a stored secret does not open: it was changed or belongs elsewhere; store the "
                    "credentials again");
}

}  // namespace

using KeyPtr = std::shared_ptr<const LockedKey>;  // shared: used while the ring changes

struct Vault::Impl {
  std::vector<std::string> sources;  // the current one first
  std::string currentId;
  base::Random& random;
  std::shared_ptr<KeyBook> book;  // shared with the wiring
  std::optional<LockedKey> root;

  std::mutex mutex;  // of all below
  std::map<std::string, KeyPtr> ring;
  std::chrono::steady_clock::time_point reloadedAt{};

  Impl(std::vector<std::string> from, base::Random& theRandom)
      : sources(std::move(from)), random(theRandom) {}

  std::string add(const SecretString& key) {
    auto id = idOf(key.reveal());
    const std::lock_guard lock(mutex);
    ring.emplace(id, std::make_shared<const LockedKey>(key.reveal()));
    return id;
  }

  KeyPtr inRing(const std::string& id) {
    const std::lock_guard lock(mutex);
    const auto found = ring.find(id);
    return found == ring.end() ? nullptr : found->second;
  }

  bool mayReload() {
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    if (reloadedAt != std::chrono::steady_clock::time_point{} && now - reloadedAt < kReloadPause)
      return false;
    reloadedAt = now;
    return true;
  }

  // From the ring, else from a source whose key was replaced, else over the bridge.
  KeyPtr find(const std::string& id) {
    if (auto key = inRing(id)) return key;
    if (mayReload()) {
      for (const std::string& source : sources) {
        if (auto key = loadKey(source)) add(*key);
      }
      if (auto key = inRing(id)) return key;
    }
    return crossTo(id);
  }

  KeyPtr crossTo(const std::string& id) {
    constexpr int kBridgesMax = 16;  // rotations that a process may have slept through
    std::vector<std::pair<std::string, SealedSecret>> way;
    for (std::string wanted = id; book != nullptr && way.size() < kBridgesMax;) {
      auto bridge = book->bridgeTo(wanted);
      if (!bridge || bridge->version == 0) return nullptr;
      const std::string from = bridge->keyId;
      way.emplace_back(wanted, std::move(*bridge));
      if (inRing(from) == nullptr) {
        wanted = from;
        continue;
      }
      for (auto step = way.rbegin(); step != way.rend(); ++step) {
        const std::string name = bridgeName(step->first);
        const auto key = openWith(inRing(step->second.keyId), bridgePlace(name), step->second);
        if (!key || idOf(key->reveal()) != step->first) return nullptr;
        add(*key);
      }
      return inRing(id);
    }
    return nullptr;
  }

  static std::string bridgeName(const std::string& keyId) { return "key:" + keyId; }

  base::Result<std::string> unwrap(const KeyPtr& key, const SecretPlace& place,
                                   const SealedSecret& sealed) const {
    if (sealed.version != kVersion && sealed.version != kOldVersion) return doesNotOpen();
    const auto wrapped = base::fromBase64(sealed.wrappedKey);
    if (key == nullptr || !wrapped || wrapped->size() != kNonceBytes + kKeyBytes + kTagBytes)
      return doesNotOpen();
    const std::string_view view(*wrapped);
    auto dataKey = aesGcmOpen(key->reveal(), view.substr(0, kNonceBytes),
                              aadOf(sealed.version, place, sealed.keyId), view.substr(kNonceBytes));
    if (!dataKey) return doesNotOpen();
    return std::move(*dataKey);
  }

  base::Result<SecretString> openWith(const KeyPtr& key, const SecretPlace& place,
                                      const SealedSecret& sealed) const {
    auto unwrapped = unwrap(key, place, sealed);
    if (!unwrapped) return base::fail(unwrapped.error());
    const SecretString dataKey(std::move(*unwrapped));
    const auto nonce = base::fromBase64(sealed.nonce);
    const auto ciphertext = base::fromBase64(sealed.ciphertext);
    if (!nonce || !ciphertext || nonce->size() != kNonceBytes) return doesNotOpen();
    auto plaintext = aesGcmOpen(dataKey.reveal(), *nonce,
                                secretAad(sealed.version, place, sealed.keyId), *ciphertext);
    if (!plaintext) return doesNotOpen();
    return SecretString(std::move(*plaintext));
  }

  std::optional<std::string> wrap(const KeyPtr& key, const SecretPlace& place,
                                  const std::string& keyId, std::string_view dataKey) const {
    const auto nonce = randomBytes(random, kNonceBytes);
    const auto wrapped = aesGcmSeal(key->reveal(), nonce, aadOf(kVersion, place, keyId), dataKey);
    if (!wrapped) return std::nullopt;
    return base::toBase64(nonce + *wrapped);
  }

  base::Result<SealedSecret> sealUnder(const std::string& keyId, const SecretPlace& place,
                                       std::string_view secret) {
    const KeyPtr key = find(keyId);
    if (key == nullptr) return base::fail(anotherKey(keyId));
    const SecretString dataKey(randomBytes(random, kKeyBytes));
    const auto nonce = randomBytes(random, kNonceBytes);
    const auto ciphertext =
        aesGcmSeal(dataKey.reveal(), nonce, secretAad(kVersion, place, keyId), secret);
    auto wrapped = wrap(key, place, keyId, dataKey.reveal());
    if (!ciphertext || !wrapped)
      return base::fail(500, "secret_unsealable", "the secret could not be encrypted");
    return SealedSecret{kVersion, keyId, std::move(*wrapped), base::toBase64(nonce),
                        base::toBase64(*ciphertext)};
  }

  base::Problem anotherKey(const std::string& keyId) const {
    return {500,
            "secret_of_another_key",
            "a stored secret was sealed under key " + base::printable(keyId, kKeyIdChars) +
                ", but the key-encryption key is " + currentId +
                "; give the gateway the key it was stored with, or name it in vault.previous_keys",
            "",
            false,
            0,
            {}};
  }
};

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::~Vault() = default;

base::Result<std::unique_ptr<Vault>> Vault::open(const std::string& source, base::Random& random,
                                                 const std::vector<std::string>& previous) {
  std::vector<std::string> sources = {source};
  sources.insert(sources.end(), previous.begin(), previous.end());
  auto impl = std::make_unique<Impl>(sources, random);
  for (const std::string& each : sources) {
    const auto key = loadKey(each);
    if (!key) return base::fail(key.error());
    auto id = impl->add(*key);
    if (impl->currentId.empty()) impl->currentId = std::move(id);
  }
  return std::unique_ptr<Vault>(new Vault(std::move(impl)));
}

const std::string& Vault::keyId() const {
  return impl_->currentId;
}

bool Vault::knows(const std::string& keyId) const {
  return impl_->find(keyId) != nullptr;
}

base::Result<std::string> Vault::addKey(const std::string& source) {
  const auto key = loadKey(source);
  if (!key) return base::fail(key.error());
  impl_->sources.push_back(source);
  return impl_->add(*key);
}

void Vault::useBook(std::shared_ptr<KeyBook> book) {
  impl_->book = std::move(book);
}

base::Result<SealedSecret> Vault::seal(const SecretPlace& place, const SecretString& secret) const {
  std::string keyId = impl_->currentId;
  if (impl_->book != nullptr) {
    auto wanted = impl_->book->sealingKey();
    if (!wanted) return base::fail(wanted.error());
    if (!wanted->empty()) keyId = std::move(*wanted);
  }
  return impl_->sealUnder(keyId, place, secret.reveal());
}

base::Result<SecretString> Vault::open(const SecretPlace& place, const SealedSecret& sealed) const {
  if (sealed.version != kVersion && sealed.version != kOldVersion) return doesNotOpen();
  const KeyPtr key = impl_->find(sealed.keyId);
  if (key == nullptr) return base::fail(impl_->anotherKey(sealed.keyId));
  return impl_->openWith(key, place, sealed);
}

base::Result<SealedSecret> Vault::rewrap(const SecretPlace& place, const SealedSecret& sealed,
                                         const std::string& keyId) const {
  const KeyPtr to = impl_->find(keyId);
  if (to == nullptr) return base::fail(impl_->anotherKey(keyId));
  if (sealed.version == kOldVersion) {
    const auto secret = open(place, sealed);
    if (!secret) return base::fail(secret.error());
    return impl_->sealUnder(keyId, place, secret->reveal());
  }
  const KeyPtr from = impl_->find(sealed.keyId);
  if (from == nullptr) return base::fail(impl_->anotherKey(sealed.keyId));
  auto unwrapped = impl_->unwrap(from, place, sealed);
  if (!unwrapped) return base::fail(unwrapped.error());
  const SecretString dataKey(std::move(*unwrapped));
  auto wrapped = impl_->wrap(to, place, keyId, dataKey.reveal());
  if (!wrapped) return base::fail(500, "secret_unsealable", "the secret could not be encrypted");
  return SealedSecret{kVersion, keyId, std::move(*wrapped), sealed.nonce, sealed.ciphertext};
}

base::Result<SealedSecret> Vault::bridge(const std::string& from, const std::string& to) const {
  const KeyPtr newer = impl_->find(to);
  if (newer == nullptr) return base::fail(impl_->anotherKey(to));
  const std::string name = Impl::bridgeName(to);
  return impl_->sealUnder(from, bridgePlace(name), newer->reveal());
}

SecretString Vault::deriveKey(std::string_view label) const {
  if (impl_->root) return expand(impl_->root->reveal(), label);
  return expand(rootOfKey().reveal(), label);
}

SecretString Vault::rootOfKey() const {
  // HKDF-Extract (RFC 5869, 2.2).
  return SecretString(hmacSha256(kSalt, impl_->inRing(impl_->currentId)->reveal()));
}

void Vault::useRoot(const SecretString& root) {
  impl_->root.emplace(root.reveal());
}

SecretPlace bridgePlace(const std::string& entryName) {
  return {"", "vault_entries", entryName, "secret"};
}

}  // namespace unigate::vault
