// The provider accounts of organisations, opened: credentials decrypted, plugin instance made. One
// directory for each loop; entries are believed for a few seconds, so that credentials stored by
// the command line or another process take effect by themselves. What is changed in this process
// takes effect at once (credential_book.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "gateway/credential_book.hpp"
#include "gateway/oauth_tokens.hpp"
#include "gateway/tenant.hpp"
#include "plugin_host/plugin.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "store/store.hpp"
#include "vault/vault.hpp"

namespace unigate::gateway {

// Values of an account's secret fields, by name.
using OpenedSecrets = std::map<std::string, vault::SecretString, std::less<>>;

// One usable account. Immutable; a call keeps it alive while it runs. Secrets leave it only into
// request headers.
struct Account {
  std::string id;
  std::string provider;
  std::string environment;
  std::shared_ptr<plugin_host::Instance> instance;
  OpenedSecrets secrets;
  std::map<std::string, std::string, std::less<>> settings;  // fields that are no secret
  std::string settingsJson = "{}";                           // the same as the plugin sees them
  // The loop's cache: tokens outlive this object, which is made anew every few seconds.
  std::shared_ptr<OAuthTokens> tokens;
  std::set<std::string, std::less<>> featuresOff;  // see features.hpp
  // The credentials of before, while two sets are live: an account of the same id of which only
  // credential() is asked. Null without them.
  std::shared_ptr<const Account> previous;
  std::shared_ptr<CredentialUse> use;  // null without previous ones

  // Value of a credential field, secret or not; empty when it is not set.
  std::string_view credential(std::string_view name) const;
};

// An account with a plugin instance of its own out of credentials that need not be stored. A
// problem when the plugin makes no instance.
base::Result<std::shared_ptr<Account>> makeAccount(plugin_host::Plugin& plugin,
                                                   const Tenant& tenant, std::string id,
                                                   std::string settingsJson, OpenedSecrets secrets,
                                                   std::shared_ptr<OAuthTokens> tokens);

// The stored secrets of an account, opened; those of before stand under kPreviousField and the
// field's name. 503 `credentials_sealed` when they can't be opened.
base::Result<OpenedSecrets> openSecrets(store::ReadSession& reader, const vault::Vault& vault,
                                        const std::string& orgId, const std::string& accountId,
                                        const std::string& provider);

class AccountDirectory {
 public:
  // All must outlive it; `reader` belongs to the same thread.
  AccountDirectory(plugin_host::PluginRegistry& plugins, const vault::Vault& vault,
                   store::ReadSession& reader, const base::Clock& clock, CredentialBook& book)
      : plugins_(plugins),
        vault_(vault),
        reader_(reader),
        clock_(clock),
        book_(book),
        tokens_(std::make_shared<OAuthTokens>(clock)) {}

  // The account, or a problem: 422 provider_not_configured, 503 provider_quarantined or sealed
  // credentials.
  base::Result<std::shared_ptr<const Account>> find(const Tenant& tenant,
                                                    const std::string& provider);
  // True when credentials are stored, whether or not they can be used.
  bool configured(const Tenant& tenant, const std::string& provider);
  void invalidate() { entries_.clear(); }

 private:
  struct Entry {
    base::Result<std::shared_ptr<const Account>> account;
    std::int64_t readUs = 0;
  };
  Entry& entry(const Tenant& tenant, const std::string& provider);
  base::Result<std::shared_ptr<const Account>> open(const Tenant& tenant,
                                                    const std::string& provider);

  plugin_host::PluginRegistry& plugins_;
  const vault::Vault& vault_;
  store::ReadSession& reader_;
  const base::Clock& clock_;
  CredentialBook& book_;
  std::uint64_t generation_ = 0;         // of the book, when entries_ were read
  std::shared_ptr<OAuthTokens> tokens_;  // shared with the accounts and with fetches under way
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace unigate::gateway
