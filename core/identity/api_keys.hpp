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
#include "identity/allow_list.hpp"
#include "identity/api_key.hpp"
#include "store/api_keys.hpp"
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
  AllowList allowList;             // where a key may be used from

  bool isUser() const { return !userId.empty(); }
  // The key's id or the user's: who it was, for the audit chain and for rates.
  const std::string& actor() const { return isUser() ? userId : keyId; }
  // A user: when the role's row of the table says so (see permissions.hpp). A key: when a scope is
  // "*", `resource`:`access`, or, for reading, `resource`:write. `access` is "read" or "write";
  // `resource` e.g. "payments".
  bool allows(std::string_view resource, std::string_view access) const;
};

struct NewKey {
  std::string orgId;
  Environment environment = Environment::test;
  std::string name;
  std::vector<std::string> scopes = {"*"};
  std::int64_t expiresAt = 0;               // unix ms; 0: never
  std::int64_t ratePerMinute = 0;           // 0: the configured default
  std::vector<std::string> allowList = {};  // see allow_list.hpp
  std::string createdBy = {};  // the user or key that asks for it; empty: the command line
};

struct CreatedKey {
  std::string id;
  vault::SecretString text;  // to be shown once; not kept anywhere
};

struct RotatedKey {
  CreatedKey key;
  std::int64_t oldExpiresAt = 0;  // unix ms; when the old one stops
};

// A name for people: 1 to 200 characters without control characters. The problem names `name`.
base::Status checkName(std::string_view name);
// Checks a list of scopes: "*" or "resource:read|write". The problem names the one at fault.
base::Status checkScopes(const std::vector<std::string>& scopes);

// Whether the caller may give these scopes to a key: nobody grants what he may not do himself. A
// user who may make keys may grant every scope of the payment API, of the management API those of
// his role, and "*" from admin on; a key, no more than its own scopes. 403 names the one at fault.
base::Status checkGrant(const Principal& by, const std::vector<std::string>& scopes);

// Makes and revokes. Blocking; any thread but an event loop's. All arguments must outlive it.
class Directory {
 public:
  Directory(store::Store& store, const vault::Vault& vault, const base::Clock& clock,
            base::Random& random);

  // The new organisation's row. `name` is 1-200 characters.
  base::Result<store::Organisation> createOrganisation(std::string_view name);
  base::Result<CreatedKey> createKey(const NewKey& key);
  // Takes effect at once in this process, and within KeyCacheSettings::lookEveryMs in others.
  base::Status revokeKey(const std::string& orgId, const std::string& keyId,
                         const std::string& actor = {});
  // Makes a key like that one in its place; the old one goes on for `overlapMs` and no longer. 404
  // for a stranger's, 409 for one that is revoked, over, or has been replaced.
  base::Result<RotatedKey> rotateKey(const std::string& orgId, const std::string& keyId,
                                     std::int64_t overlapMs, const std::string& actor);
  base::Result<std::vector<store::ApiKeyRow>> keys(const std::string& orgId);

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
  std::int64_t lookEveryMs = 1'000;        // how long until a change by another process is noticed
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
