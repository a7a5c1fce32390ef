// `unigate secrets rotate`: another key-encryption key, while the gateway serves. Each step is
// durable before the next and harmless when repeated, so that a rotation that was interrupted
// anywhere is finished by running it again.
#include <cstdio>
#include <optional>
#include <vector>

#include "app/commands.hpp"
#include "app/vault_roots.hpp"
#include "store/vault_rows.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

constexpr const char* kUsage =
    "unigate secrets rotate [--new file:PATH|env:NAME|systemd:NAME] [--config FILE] [--json]";
constexpr std::size_t kRowsAtOnce = 100;

vault::SealedSecret toVault(const store::Sealed& sealed) {
  return {sealed.version, sealed.keyId, sealed.wrappedKey, sealed.nonce, sealed.ciphertext};
}
store::Sealed toStore(const vault::SealedSecret& sealed) {
  return {sealed.version, sealed.keyId, sealed.wrappedKey, sealed.nonce, sealed.ciphertext};
}

struct Rotation {
  std::string keyId;
  std::int64_t rows = 0;
  bool begun = false;    // by this run: the root was under another key
  bool bridged = false;  // processes without the new key find it in the database
  std::vector<std::string> unreadable;
};

// From here on all processes seal under the new key, and can open what is sealed under it.
base::Status begin(Office& office, bool configured, Rotation& rotation) {
  const auto entry = store::vaultEntry(*office.reader, kVaultRoot);
  if (!entry) return base::fail(entry.error());
  const std::string name = kVaultRoot;  // the place borrows it
  const auto place = vault::bridgePlace(name);
  const std::string from = *entry ? (*entry)->sealed.keyId : office.vault->keyId();
  if (*entry && from == rotation.keyId) return {};
  const auto root = *entry ? office.vault->open(place, toVault((*entry)->sealed))
                           : base::Result<vault::SecretString>(office.vault->rootOfKey());
  if (!root) return base::fail(root.error());
  auto sealed = office.vault->seal(place, *root);
  if (sealed) sealed = office.vault->rewrap(place, *sealed, rotation.keyId);
  if (!sealed) return base::fail(sealed.error());
  std::optional<store::VaultEntry> bridge;
  const std::int64_t now = office.clock.unixMs();
  if (!configured && from != rotation.keyId) {
    const auto crossing = office.vault->bridge(from, rotation.keyId);
    if (!crossing) return base::fail(crossing.error());
    bridge = store::VaultEntry{"key:" + rotation.keyId, toStore(*crossing), now};
  }
  rotation.begun = true;
  return store::beginRotation(*office.store, bridge, {kVaultRoot, toStore(*sealed), now});
}

// One walk over what is not under the new key yet. What does not open is named and left.
base::Result<std::int64_t> walk(Office& office, Rotation& rotation) {
  std::int64_t replaced = 0;
  std::optional<store::SealedRow> last;
  rotation.unreadable.clear();
  for (;;) {
    const auto rows = store::rowsNotUnder(*office.reader, rotation.keyId, last, kRowsAtOnce);
    if (!rows) return base::fail(rows.error());
    if (rows->empty()) return replaced;
    last = rows->back();
    std::vector<store::RewrappedRow> batch;
    for (const store::SealedRow& row : *rows) {
      const vault::SecretPlace place{row.organisation, row.table, row.row, row.column};
      const auto sealed = office.vault->rewrap(place, toVault(row.sealed), rotation.keyId);
      if (sealed) {
        batch.push_back({row, toStore(*sealed)});
      } else {
        rotation.unreadable.push_back(row.table + " " + row.id + " (" + row.column + " of " +
                                      row.organisation + "): " + sealed.error().detail);
      }
    }
    const auto done = store::putRewrapped(*office.store, batch);
    if (!done) return base::fail(done.error());
    replaced += *done;
  }
}

base::Status rotateAll(Office& office, bool configured, Rotation& rotation) {
  if (auto status = begin(office, configured, rotation); !status) return status;
  // What a serving process wrote meanwhile is found by the next walk.
  for (;;) {
    const auto replaced = walk(office, rotation);
    if (!replaced) return base::fail(replaced.error());
    rotation.rows += *replaced;
    if (*replaced == 0) break;
  }
  const bool dropBridges = configured && rotation.unreadable.empty();
  if (auto status = store::endRotation(*office.store, rotation.keyId, rotation.rows, dropBridges,
                                       rotation.begun);
      !status)
    return status;
  const auto bridge = store::vaultEntry(*office.reader, "key:" + rotation.keyId);
  if (!bridge) return base::fail(bridge.error());
  rotation.bridged = bridge->has_value();
  return {};
}

void tell(const Rotation& rotation, bool json) {
  if (json) {
    json::Writer out;
    out.beginObject()
        .member("key_id", rotation.keyId)
        .member("rows", rotation.rows)
        .member("bridge", rotation.bridged)
        .key("unreadable")
        .beginArray();
    for (const std::string& each : rotation.unreadable) out.value(each);
    out.endArray().endObject();
    std::printf("%s\n", out.take().c_str());
    return;
  }
  for (const std::string& each : rotation.unreadable)
    std::fprintf(stderr, "unigate: not rotated: %s\n", each.c_str());
  std::printf("%lld secrets are wrapped anew; all but %zu are under key %s\n",
              static_cast<long long>(rotation.rows), rotation.unreadable.size(),
              rotation.keyId.c_str());
  if (rotation.bridged) {
    std::puts(
        "Next: make the new key vault.key_encryption_key and the old one the first of "
        "vault.previous_keys,\nrestart each gateway, run `unigate secrets rotate` once more, then "
        "take the old key out.");
  }
}

int rotate(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  Rotation rotation;
  rotation.keyId = office->vault->keyId();
  bool configured = true;
  if (arguments.has("new")) {
    const auto added = office->vault->addKey(arguments.get("new"));
    if (!added) return failed(added.error().detail);
    configured = *added == rotation.keyId;
    rotation.keyId = *added;
  }
  if (const auto status = rotateAll(*office, configured, rotation); !status)
    return failed(status.error().detail + "; what was done is kept: run the same command again");
  tell(rotation, arguments.json());
  return rotation.unreadable.empty() ? 0 : 1;
}

}  // namespace

int secretsCommand(const Words& words) {
  if (words.empty()) return misused(kUsage, "");
  if (words.front() == "--help") {
    std::printf("usage: %s\n", kUsage);
    return 0;
  }
  if (words.front() != "rotate")
    return misused(kUsage, "there is no \"secrets " + words.front() + "\"");
  int exitCode = 0;
  const auto arguments = parseOrExplain(
      {words.begin() + 1, words.end()},
      {{"new", "SOURCE", "the new key, where it is not vault.key_encryption_key yet"}}, kUsage,
      exitCode);
  return arguments ? rotate(*arguments) : exitCode;
}

}  // namespace unigate::app
