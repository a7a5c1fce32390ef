#include "gateway/registered_credentials.hpp"

#include <unigate/json.hpp>

#include "base/ids.hpp"

namespace unigate::gateway {

namespace {

constexpr std::string_view kRegister = "webhook_endpoints.create";

// The settings with one member replaced or added.
std::string withSetting(const std::string& settingsJson, const std::string& name,
                        std::string_view value) {
  json::Document old;
  json::ReadError error;
  json::Writer out;
  out.beginObject();
  if (old.parse(settingsJson, error)) {
    for (const json::Member& member : old.root().members()) {
      if (member.name != name) out.member(member.name, member.value);
    }
  }
  out.member(name, value).endObject();
  return out.take();
}

}  // namespace

base::Result<store::SecretRecord> sealedSecret(const std::string& orgId,
                                               const std::string& accountId,
                                               const std::string& field,
                                               const vault::SecretString& secret,
                                               const SealingServices& services) {
  auto closed = services.vault.seal({orgId, "secrets", accountId, field}, secret);
  if (!closed) return base::fail(closed.error());
  store::SecretRecord row;
  row.id = base::makeId("sec_", services.clock, services.random);
  row.orgId = orgId;
  row.accountId = accountId;
  row.field = field;
  row.version = closed->version;
  row.keyId = closed->keyId;
  row.wrappedKey = closed->wrappedKey;
  row.nonce = closed->nonce;
  row.ciphertext = closed->ciphertext;
  row.last4 = secret.last4();
  row.createdAt = services.clock.unixMs();
  return row;
}

base::Result<std::optional<store::CredentialChange>> registeredCredentials(
    const Account& account, const std::string& operation, const std::string& resultJson,
    const SealingServices& services, const std::string& orgId) {
  const auto& registration = account.instance->plugin().manifest().webhookRegistration;
  if (operation != kRegister || !registration) return std::optional<store::CredentialChange>();
  json::Document output;
  json::ReadError error;
  output.parse(resultJson, error);
  store::CredentialChange change;
  change.accountId = account.id;
  // A repeated answer may leave the secret out: then the one that is kept stays.
  if (const auto secret = output["secret"].string(); secret && !registration->secret.empty()) {
    auto row = sealedSecret(orgId, account.id, registration->secret,
                            vault::SecretString{std::string(*secret)}, services);
    if (!row) return base::fail(row.error());
    change.secrets.push_back(std::move(*row));
  }
  if (const auto id = output["provider_id"].string(); id && !registration->id.empty()) {
    change.settings = withSetting(account.settingsJson, registration->id, *id);
  }
  return std::optional(std::move(change));
}

}  // namespace unigate::gateway
