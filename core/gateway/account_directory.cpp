#include "gateway/account_directory.hpp"

#include <unigate/json.hpp>
#include <utility>

#include "store/services.hpp"

namespace unigate::gateway {

namespace {

constexpr std::int64_t kStaleUs = 3'000'000;
constexpr std::size_t kEntriesMax = 10'000;

base::Problem notConfigured(const Tenant& tenant, const std::string& provider) {
  return {422,
          "provider_not_configured",
          "No " + tenant.environment + " credentials are stored for " + provider +
              ". Store them with POST /api/services/" + provider +
              "/configure, or with `unigate service set --provider " + provider +
              " --environment " + tenant.environment + "`.",
          "provider",
          false,
          0,
          {}};
}

std::map<std::string, std::string, std::less<>> textsOf(const std::string& settingsJson) {
  std::map<std::string, std::string, std::less<>> texts;
  json::Document settings;
  json::ReadError error;
  if (settings.parse(settingsJson, error)) {
    for (const json::Member& member : settings.root().members())
      texts.emplace(member.name, member.value.stringOr(""));
  }
  return texts;
}

// Takes the secrets of before out of all of an account's.
OpenedSecrets takePrevious(OpenedSecrets& secrets) {
  OpenedSecrets previous;
  for (auto at = secrets.begin(); at != secrets.end();) {
    const std::string_view name = at->first;
    if (name.substr(0, store::kPreviousField.size()) != store::kPreviousField) {
      ++at;
      continue;
    }
    previous.emplace(name.substr(store::kPreviousField.size()), std::move(at->second));
    at = secrets.erase(at);
  }
  return previous;
}

// What management keeps of the account: features, and whether two sets of credentials are live.
void addService(Account& account, const store::ServiceRecord& service, OpenedSecrets previous,
                CredentialBook& book) {
  json::Document off;
  json::ReadError error;
  if (off.parse(service.featuresOff, error)) {
    for (const json::View each : off.root().items()) account.featuresOff.emplace(each.stringOr(""));
  }
  if (service.previousSettings.empty()) return;
  auto before = std::make_shared<Account>();
  before->id = account.id;
  before->provider = account.provider;
  before->environment = account.environment;
  before->secrets = std::move(previous);
  before->settings = textsOf(service.previousSettings);
  account.previous = std::move(before);
  account.use = book.of(account.id, account.provider, account.environment);
}

}  // namespace

base::Result<std::shared_ptr<Account>> makeAccount(plugin_host::Plugin& plugin,
                                                   const Tenant& tenant, std::string id,
                                                   std::string settingsJson, OpenedSecrets secrets,
                                                   std::shared_ptr<OAuthTokens> tokens) {
  auto account = std::make_shared<Account>();
  account->id = std::move(id);
  account->provider = plugin.manifest().id;
  account->environment = tenant.environment;
  account->settings = textsOf(settingsJson);
  account->settingsJson = std::move(settingsJson);
  account->secrets = std::move(secrets);
  account->tokens = std::move(tokens);
  auto instance = plugin.createInstance(
      tenant.live() ? plugin_host::Mode::live : plugin_host::Mode::test, account->settingsJson);
  if (!instance) return base::fail(instance.error());
  account->instance = std::move(*instance);
  return account;
}

base::Result<OpenedSecrets> openSecrets(store::ReadSession& reader, const vault::Vault& vault,
                                        const std::string& orgId, const std::string& accountId,
                                        const std::string& provider) {
  const auto sealed = reader.secrets(orgId, accountId);
  if (!sealed) return base::fail(sealed.error());
  OpenedSecrets secrets;
  for (const store::SecretRecord& each : *sealed) {
    auto opened =
        vault.open({orgId, "secrets", accountId, each.field},
                   {each.version, each.keyId, each.wrappedKey, each.nonce, each.ciphertext});
    if (!opened) {
      return base::fail(503, "credentials_sealed",
                        "The stored credentials of " + provider +
                            " can't be opened with this key-encryption key. Start with the key "
                            "that sealed them, or "
                            "store them again.",
                        "provider");
    }
    secrets.emplace(each.field, std::move(*opened));
  }
  return secrets;
}

std::string_view Account::credential(std::string_view name) const {
  if (const auto secret = secrets.find(name); secret != secrets.end())
    return secret->second.reveal();
  if (const auto setting = settings.find(name); setting != settings.end()) return setting->second;
  return {};
}

AccountDirectory::Entry& AccountDirectory::entry(const Tenant& tenant,
                                                 const std::string& provider) {
  const std::string key = tenant.orgId + '\n' + tenant.environment + '\n' + provider;
  const std::int64_t now = clock_.monotonicUs();
  if (const auto generation = book_.generation(); generation != generation_) {
    entries_.clear();
    generation_ = generation;
  }
  const auto found = entries_.find(key);
  if (found != entries_.end() && now - found->second.readUs < kStaleUs) return found->second;
  if (entries_.size() >= kEntriesMax) entries_.clear();
  return entries_.insert_or_assign(key, Entry{open(tenant, provider), now}).first->second;
}

base::Result<std::shared_ptr<const Account>> AccountDirectory::find(const Tenant& tenant,
                                                                    const std::string& provider) {
  return entry(tenant, provider).account;
}

bool AccountDirectory::configured(const Tenant& tenant, const std::string& provider) {
  const auto& account = entry(tenant, provider).account;
  return account.has_value() || account.error().code != "provider_not_configured";
}

base::Result<std::shared_ptr<const Account>> AccountDirectory::open(const Tenant& tenant,
                                                                    const std::string& provider) {
  const auto row = reader_.account(tenant.orgId, tenant.environment, provider);
  if (!row) return base::fail(row.error());
  if (!row->has_value() || (*row)->status == "disabled")
    return base::fail(notConfigured(tenant, provider));
  const auto plugin = plugins_.find(provider);
  if (plugin == nullptr) {
    return base::fail(
        503, "provider_quarantined",
        "The plugin of " + provider + " is out of service; GET /v1/providers says why.",
        "provider");
  }
  const std::string& id = (*row)->id;
  auto secrets = openSecrets(reader_, vault_, tenant.orgId, id, provider);
  if (!secrets) return base::fail(secrets.error());
  const auto service = store::findService(reader_, tenant.orgId, id);
  if (!service) return base::fail(service.error());
  OpenedSecrets previous = takePrevious(*secrets);
  auto account = makeAccount(*plugin, tenant, id, (*row)->settings, std::move(*secrets), tokens_);
  if (!account) return base::fail(account.error());
  if (service->has_value()) addService(**account, **service, std::move(previous), book_);
  return std::shared_ptr<const Account>(std::move(*account));
}

}  // namespace unigate::gateway
