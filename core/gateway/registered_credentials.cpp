#include "gateway/registered_credentials.hpp"

#include <unigate/json.hpp>

#include "base/ids.hpp"

namespace unigate::gateway {

namespace {

constexpr std::string_view kRegister = "webhook_endpoints.create";

base::Result<store::SecretRecord> sealed(const Account& account, const std::string& field,
                                         std::string_view value, const SealingServices& services,
                                         const std::string& orgId) {
  const vault::SecretString secret{std::string(value)};
  auto closed = services.vault.seal({orgId, "secrets", account.id, field}, secret);
  if (!closed) return base::fail(closed.error());
  store::SecretRecord row;
  row.id = base::makeId("sec_", services.clock, services.random);
  row.orgId = orgId;
  row.accountId = account.id;
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
    auto row = sealed(account, registration->secret, *secret, services, orgId);
    if (!row) return base::fail(row.error());
    change.secrets.push_back(std::move(*row));
  }
  if (const auto id = output["provider_id"].string(); id && !registration->id.empty()) {
    change.settings = withSetting(account.settingsJson, registration->id, *id);
  }
  return std::optional(std::move(change));
}

}  // namespace unigate::gateway
