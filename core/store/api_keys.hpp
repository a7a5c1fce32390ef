// API keys in the database: what a key has beyond its plain row, revoking, putting one in another's
// place, and how other processes learn that some key changed. Used by identity; the parts on
// connections by the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

namespace unigate::store {

class WriteConnection;

// Under this name meta holds a number that grows with every key that is made, revoked or rotated.
inline constexpr const char* kApiKeysChanged = "api_keys_changed";

struct ApiKeyRow : ApiKeyRecord {
  std::string allowList = "[]";  // JSON array of addresses and networks; none: from everywhere
  std::string replacedBy;        // the key that took its place when it was rotated
  std::string createdBy;         // the user or key that made it; empty: the command line
};

base::Result<std::optional<ApiKeyRow>> apiKeyRowByHash(ReadSession& reader,
                                                       const std::string& hash);
// Of one organisation, the oldest first.
base::Result<std::vector<ApiKeyRow>> apiKeyRows(ReadSession& reader, const std::string& orgId);

base::Status createApiKey(Store& store, const ApiKeyRow& key);
// 404 when that organisation has no such key; revoking twice keeps the first time. `actor`: who
// asked for it; empty: this process.
base::Status revokeApiKey(Store& store, const std::string& orgId, const std::string& keyId,
                          std::int64_t at, const std::string& actor);
// Puts `next` in the place of the key `oldId` of its organisation, which from then on is good until
// `oldExpiresAt` at most. 404 for a key that is not there, 409 for one that is revoked, over at
// `nowMs`, or replaced. The old key's row goes to `old` as it is afterwards.
base::Status rotateApiKey(Store& store, const ApiKeyRow& next, const std::string& oldId,
                          std::int64_t oldExpiresAt, std::int64_t nowMs, ApiKeyRow& old);

// ---- inside a transaction of the writer ----

void insertApiKey(WriteConnection& connection, const ApiKeyRow& key);

}  // namespace unigate::store
