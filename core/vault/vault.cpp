#include "vault/vault.hpp"

#include "base/text.hpp"
#include "vault/crypto.hpp"
#include "vault/key_source.hpp"

namespace unigate::vault {

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kKeyIdChars = 8;

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

auto doesNotOpen() {
  return base::fail(500, "secret_unreadable",
                    "a stored secret does not open: it was changed or belongs elsewhere; store the "
                    "credentials again");
}

}  // namespace

struct Vault::Impl {
  SecretString kek;
  std::string keyId;
  base::Random& random;
};

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::~Vault() = default;

base::Result<std::unique_ptr<Vault>> Vault::open(const std::string& source, base::Random& random) {
  auto kek = loadKey(source);
  if (!kek) return base::fail(kek.error());
  auto keyId = base::sha256Hex(kek->reveal()).substr(0, kKeyIdChars);
  return std::unique_ptr<Vault>(
      new Vault(std::unique_ptr<Impl>(new Impl{std::move(*kek), std::move(keyId), random})));
}

const std::string& Vault::keyId() const {
  return impl_->keyId;
}

base::Result<SealedSecret> Vault::seal(const SecretPlace& place, const SecretString& secret) const {
  const auto aad = aadOf(kVersion, place, impl_->keyId);
  const SecretString dataKey(randomBytes(impl_->random, kKeyBytes));
  const auto nonce = randomBytes(impl_->random, kNonceBytes);
  const auto wrapNonce = randomBytes(impl_->random, kNonceBytes);
  const auto ciphertext = aesGcmSeal(dataKey.reveal(), nonce, aad, secret.reveal());
  const auto wrapped = aesGcmSeal(impl_->kek.reveal(), wrapNonce, aad, dataKey.reveal());
  if (!ciphertext || !wrapped) {
    return base::fail(500, "secret_unsealable", "the secret could not be encrypted");
  }
  return SealedSecret{kVersion, impl_->keyId, base::toBase64(wrapNonce + *wrapped),
                      base::toBase64(nonce), base::toBase64(*ciphertext)};
}

base::Result<SecretString> Vault::open(const SecretPlace& place, const SealedSecret& sealed) const {
  if (sealed.version != kVersion) return doesNotOpen();
  if (sealed.keyId != impl_->keyId) {
    return base::fail(500, "secret_of_another_key",
                      "a stored secret was sealed under key " + base::printable(sealed.keyId, 8) +
                          ", but the key-encryption key is " + impl_->keyId +
                          "; give the gateway the key it was stored with");
  }
  const auto wrapped = base::fromBase64(sealed.wrappedKey);
  const auto nonce = base::fromBase64(sealed.nonce);
  const auto ciphertext = base::fromBase64(sealed.ciphertext);
  if (!wrapped || !nonce || !ciphertext || nonce->size() != kNonceBytes ||
      wrapped->size() != kNonceBytes + kKeyBytes + kTagBytes) {
    return doesNotOpen();
  }
  const auto aad = aadOf(sealed.version, place, sealed.keyId);
  const std::string_view wrappedView(*wrapped);
  auto unwrapped = aesGcmOpen(impl_->kek.reveal(), wrappedView.substr(0, kNonceBytes), aad,
                              wrappedView.substr(kNonceBytes));
  if (!unwrapped) return doesNotOpen();
  const SecretString dataKey(std::move(*unwrapped));
  auto plaintext = aesGcmOpen(dataKey.reveal(), *nonce, aad, *ciphertext);
  if (!plaintext) return doesNotOpen();
  return SecretString(std::move(*plaintext));
}

SecretString Vault::deriveKey(std::string_view label) const {
  return SecretString(hkdfSha256(impl_->kek.reveal(), "unigate", label));
}

}  // namespace unigate::vault
