// Connects an organisation with a provider: checks credentials against the manifest, tries them,
// and stores what works, sealed. Used by onboarding, the services' management and the command line.
// Blocking; any thread but an event loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "gateway/credential_book.hpp"
#include "gateway/endpoint_book.hpp"
#include "gateway/tenant.hpp"
#include "net/upstream_client.hpp"
#include "onboarding/prober.hpp"
#include "onboarding/sealed_token.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "store/services.hpp"
#include "store/store.hpp"
#include "vault/vault.hpp"

namespace unigate::onboarding {

// What a connector works with; all outlive it.
struct ConnectorParts {
  store::Store& store;
  plugin_host::PluginRegistry& plugins;
  const vault::Vault& vault;
  const gateway::EndpointBook& endpoints;
  const base::Clock& clock;
  base::Random& random;
  gateway::CredentialBook* book = nullptr;  // of the process that serves; null on the command line
  // Asked before an organisation gets an account that it hasn't; empty: it may have all.
  std::function<base::Status(store::ReadSession& reader, const std::string& orgId,
                             const std::string& provider)>
      mayAdd = {};
};

struct ConnectRequest {
  gateway::Tenant tenant;
  std::string provider;
  CredentialValues values;           // fields that are not named stay as they are stored
  std::vector<std::string> cleared;  // fields to forget
  std::optional<std::vector<std::string>> features;  // those that shall be on; absent: no change
  std::optional<std::int64_t> expiresAt;             // unix ms, 0: never; absent: never
  bool keepPrevious = false;  // the credentials of before stay live beside the new ones
  std::string actor;          // id of who asks, for the audit chain
};

struct Connected {
  std::string provider;
  std::string accountId;
  std::vector<std::string> features;  // those that are on
  bool verified = false;              // false: the plugin has no way to try them
  std::int64_t at = 0;                // unix ms
};

// Which of an account's credentials work.
struct CheckedService {
  std::string working;  // "newest", "previous", "none"
  std::optional<base::Problem> newestProblem;
  std::optional<base::Problem> previousProblem;
};

class Connector {
 public:
  Connector(const ConnectorParts& parts, const net::UpstreamSettings& upstream)
      : parts_(parts), prober_(parts.endpoints, parts.clock, upstream) {}

  // One answer for each request, in order; tried all at once. A request that fails changes nothing.
  // Besides the prober's problems: 404 `unknown_provider`, 422 `invalid_credentials` (names the
  // field), `credentials_missing`, `unknown_feature`, 409 `service_changed`, and what mayAdd says.
  std::vector<base::Result<Connected>> connect(store::ReadSession& reader,
                                               std::vector<ConnectRequest> requests);

  // Tries what is stored, and notes what came of it. 404 when nothing is.
  base::Result<CheckedService> verify(store::ReadSession& reader, const gateway::Tenant& tenant,
                                      const std::string& provider, const std::string& actor);

  // Switches features by name; others stay. While any feature is off, raw calls are off as well
  // unless they are named themselves.
  base::Status switchFeatures(store::ReadSession& reader, const gateway::Tenant& tenant,
                              const std::string& provider,
                              const std::vector<std::pair<std::string, bool>>& switches,
                              const std::string& actor);

  // Forgets the account and all its credentials.
  base::Status disconnect(store::ReadSession& reader, const gateway::Tenant& tenant,
                          const std::string& provider, const std::string& actor);

 private:
  struct Stored;
  struct Prepared;

  base::Result<Stored> storedOf(store::ReadSession& reader, const gateway::Tenant& tenant,
                                const std::string& provider) const;
  base::Result<Prepared> prepare(store::ReadSession& reader, ConnectRequest request) const;
  base::Result<Connected> keep(Prepared& prepared) const;
  base::Result<store::SecretRecord> sealed(const std::string& orgId, const std::string& accountId,
                                           const std::string& field,
                                           const vault::SecretString& secret) const;
  void changed(const std::string& accountId) const;

  ConnectorParts parts_;
  Prober prober_;
};

}  // namespace unigate::onboarding
