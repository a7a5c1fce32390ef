// What is sealed in the database, whatever the table, and what the vault keeps for itself there:
// for opening a database with its key, and for the rotation of keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace unigate::store {

// A sealed value; see vault::SealedSecret.
struct Sealed {
  std::int64_t version = 0;
  std::string keyId;
  std::string wrappedKey;
  std::string nonce;
  std::string ciphertext;
};

// One of the vault's own: "root", or "key:ID", the bridge to that key.
struct VaultEntry {
  std::string name;
  Sealed sealed;
  std::int64_t createdAt = 0;
};

// A sealed value of any table, with what its seal is bound to.
struct SealedRow {
  std::string table;
  std::string id;  // of the row in its table
  std::string organisation;
  std::string row;
  std::string column;
  Sealed sealed;
};

// Empty when there is none of this name.
base::Result<std::optional<VaultEntry>> vaultEntry(ReadSession& reader, const std::string& name);
// Keeps one that is there already.
base::Status addVaultEntry(Store& store, const VaultEntry& entry);

// The ids of all keys that something is sealed under, but for bridges.
base::Result<std::vector<std::string>> sealingKeys(ReadSession& reader);
// At most `limit` sealed values that are not under `keyId`, of all tenants, behind `after` if it is
// given.
base::Result<std::vector<SealedRow>> rowsNotUnder(ReadSession& reader, const std::string& keyId,
                                                  const std::optional<SealedRow>& after,
                                                  std::size_t limit);

// The steps of a rotation, each durable when it returns and harmless when repeated.
// Begins: puts the bridge, if any, and the root that is sealed under the new key; from here on
// processes seal under it.
base::Status beginRotation(Store& store, const std::optional<VaultEntry>& bridge,
                           const VaultEntry& root);
struct RewrappedRow {
  SealedRow before;
  Sealed after;
};
// Replaces what is still as it was; how many that were.
base::Result<std::int64_t> putRewrapped(Store& store, const std::vector<RewrappedRow>& rows);
// Ends it: without bridges from now on if `dropBridges`, and with an audit row if anything was
// done; `changed` says that there was more than rows and bridges.
base::Status endRotation(Store& store, const std::string& keyId, std::int64_t rows,
                         bool dropBridges, bool changed);

}  // namespace unigate::store
