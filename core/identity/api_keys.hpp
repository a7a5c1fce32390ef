// Organisations and API keys: making, revoking, and recognising them on every request. The command
// line and management routes use Directory; each event loop has one KeyCache over its own reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "identity/api_key.hpp"
#include "store/store.hpp"
#include "vault/vault.hpp"

namespace unigate::identity {

// Who is calling: an API key, or a user by a token. A key's `environment` came from its prefix and
// was checked against its row; a user has none of his own.
struct Principal {
  std::string orgId;
  std::string keyId;      // empty for a user
  std::string userId;     // empty for a key
  std::string role;       // of the user in this organisation
  std::string sessionId;  // of the user's log-in
  Environment environment = Environment::test;
  std::vector<std::string> scopes;
  std::int64_t ratePerMinute = 0;  // never 0: the configured default is filled in

  // True when a scope is "*", `resource`:`access`, or, for reading, `resource`:write. `access` is
  // "read" or "write"; `resource` e.g. "payments".
  bool allows(std::string_view resource, std::string_view access) const;
};

struct NewKey {
  std::string orgId;
  Environment environment = Environment::test;
  std::string name;
  std::vector<std::string> scopes = {"*"};
  std::int64_t expiresAt = 0;      // unix ms; 0: never
  std::int64_t ratePerMinute = 0;  // 0: the configured default
};

struct CreatedKey {
  std::string id;
  vault::SecretString text;  // to be shown once; not kept anywhere
};

// Checks a list of scopes: "*" or "resource:read|write". The problem names the one at fault.
base::Status checkScopes(const std::vector<std::string>& scopes);

// Makes and revokes. Blocking; any thread but an event loop's. All arguments must outlive it.
class Directory {
 public:
  Directory(store::Store& store, const vault::Vault& vault, const base::Clock& clock,
            base::Random& random);

  // The new organisation's row. `name` is 1-200 characters.
  base::Result<store::Organisation> createOrganisation(std::string_view name);
  base::Result<CreatedKey> createKey(const NewKey& key);
  // Takes effect at once in this process, within the caches' staleness in others.
  base::Status revokeKey(const std::string& orgId, const std::string& keyId);
  base::Result<std::vector<store::ApiKeyRecord>> keys(const std::string& orgId);

  // HMAC-SHA-256 of a key's text under the pepper, hex: what the database holds.
  std::string hashOf(std::string_view keyText) const;
  // [any thread] Makes every KeyCache read afresh.
  void invalidateCaches() { generation_.fetch_add(1, std::memory_order_release); }
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  store::Store& store() { return store_; }
  const base::Clock& clock() const { return clock_; }

 private:
  store::Store& store_;
  const base::Clock& clock_;
  base::Random& random_;
  vault::SecretString pepper_;
  std::atomic<std::uint64_t> generation_{0};
};

struct KeyCacheSettings {
  std::int64_t staleMs = 5'000;            // how long a row may be believed without a look
  std::size_t entriesMax = 10'000;         // keys known to be good
  std::size_t negativeEntriesMax = 1'000;  // well-formed keys that aren't ours
  std::int64_t defaultRatePerMinute = 600;
};

// Recognises keys for one thread; not thread-safe. A hit touches no lock and no database.
class KeyCache {
 public:
  // All three must outlive it; `reader` belongs to the same thread.
  KeyCache(Directory& directory, store::ReadSession& reader, KeyCacheSettings settings = {});
  ~KeyCache();
  KeyCache(const KeyCache&) = delete;
  KeyCache& operator=(const KeyCache&) = delete;

  // The caller behind a key's text. The problem is a 401 ("invalid_api_key", "expired_api_key",
  // "revoked_api_key"), or a 503 when the database can't be asked. Shared: a request may outlive
  // the cache's entry.
  base::Result<std::shared_ptr<const Principal>> authenticate(std::string_view keyText);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::identity
