// The services of an organisation as JSON documents: what is configured, which features are on, how
// the credentials fare. Of a secret no more than the last four characters. For the management API
// and the command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "gateway/credential_book.hpp"
#include "gateway/tenant.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "store/store.hpp"

namespace unigate::onboarding {

// Credentials that end within that time are shown as expiring.
inline constexpr std::int64_t kExpiryAlarmMs = 14LL * 24 * 3600 * 1000;

// "expired", "expiring", or empty. `expiresAt` in unix ms, 0: never.
std::string expiryAlarm(std::int64_t expiresAt, std::int64_t nowMs);

class ServiceView {
 public:
  // All must outlive it; `book` may be null.
  ServiceView(plugin_host::PluginRegistry& plugins, const base::Clock& clock,
              const gateway::CredentialBook* book)
      : plugins_(plugins), clock_(clock), book_(book) {}

  // Of every installed provider, configured or not, and of accounts whose plugin is gone.
  base::Result<std::vector<std::string>> all(store::ReadSession& reader,
                                             const gateway::Tenant& tenant) const;
  // Of one; 404 `unknown_provider` when there is neither a plugin nor an account.
  base::Result<std::string> one(store::ReadSession& reader, const gateway::Tenant& tenant,
                                const std::string& provider) const;

 private:
  base::Result<std::string> documentOf(store::ReadSession& reader, const gateway::Tenant& tenant,
                                       const std::string& provider,
                                       const plugin_host::PluginEntry* plugin) const;

  plugin_host::PluginRegistry& plugins_;
  const base::Clock& clock_;
  const gateway::CredentialBook* book_;
};

}  // namespace unigate::onboarding
