#include "gateway/account_directory.hpp"

#include <unigate/json.hpp>

namespace unigate::gateway {

namespace {

constexpr std::int64_t kStaleUs = 3'000'000;
constexpr std::size_t kEntriesMax = 10'000;

base::Problem notConfigured(const Tenant& tenant, const std::string& provider) {
  return {422,
          "provider_not_configured",
          "No " + tenant.environment + " credentials are stored for " + provider +
              ". Store them with `unigate service set --provider " + provider + " --environment " +
              tenant.environment + "`.",
          "provider",
          false,
          0,
          {}};
}

}  // namespace

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
  auto account = std::make_shared<Account>();
  account->id = (*row)->id;
  account->provider = provider;
  account->environment = tenant.environment;
  account->settingsJson = (*row)->settings;
  account->tokens = tokens_;

  json::Document settings;
  json::ReadError error;
  if (settings.parse((*row)->settings, error)) {
    for (const json::Member& member : settings.root().members()) {
      account->settings.emplace(member.name, member.value.stringOr(""));
    }
  }
  const auto sealed = reader_.secrets(tenant.orgId, account->id);
  if (!sealed) return base::fail(sealed.error());
  for (const store::SecretRecord& each : *sealed) {
    auto opened =
        vault_.open({tenant.orgId, "secrets", account->id, each.field},
                    {each.version, each.keyId, each.wrappedKey, each.nonce, each.ciphertext});
    if (!opened) {
      return base::fail(503, "credentials_sealed",
                        "The stored credentials of " + provider +
                            " can't be opened with this key-encryption key. Start with the key "
                            "that sealed them, or "
                            "store them again.",
                        "provider");
    }
    account->secrets.emplace(each.field, std::move(*opened));
  }
  auto instance = plugin->createInstance(
      tenant.live() ? plugin_host::Mode::live : plugin_host::Mode::test, (*row)->settings);
  if (!instance) return base::fail(instance.error());
  account->instance = std::move(*instance);
  return std::shared_ptr<const Account>(std::move(account));
}

}  // namespace unigate::gateway
