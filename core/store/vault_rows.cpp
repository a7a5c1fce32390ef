#include "store/vault_rows.hpp"

#include <soci/soci.h>

#include <array>
#include <string_view>
#include <utility>

#include "store/audit_entry.hpp"
#include "store/statement.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

namespace {

// A table with sealed values in the columns version, key_id, wrapped_key, nonce and ciphertext, and
// where it keeps what the seals are bound to.
struct SealedTable {
  std::string_view name;  // also a part of the place
  std::string_view id;
  std::string_view organisation;
  std::string_view row;
  std::string_view column;
};

// All there are: what is missing here is not rotated.
constexpr std::array kSealedTables = {
    SealedTable{"secrets", "id", "org_id", "account_id", "field"}};

void upsertEntry(soci::session& session, const VaultEntry& entry, bool replace) {
  VaultEntry row = entry;
  Statement insert(
      session,
      std::string("INSERT INTO vault_entries (name, version, key_id, wrapped_key, nonce,"
                  " ciphertext, created_at) VALUES (:name, :version, :key_id, :wrapped_key,"
                  " :nonce, :ciphertext, :created_at) ON CONFLICT (name) DO ") +
          (replace ? "UPDATE SET version = excluded.version, key_id = excluded.key_id,"
                     " wrapped_key = excluded.wrapped_key, nonce = excluded.nonce,"
                     " ciphertext = excluded.ciphertext"
                   : "NOTHING"));
  insert.in("name", row.name)
      .in("version", row.sealed.version)
      .in("key_id", row.sealed.keyId)
      .in("wrapped_key", row.sealed.wrappedKey)
      .in("nonce", row.sealed.nonce)
      .in("ciphertext", row.sealed.ciphertext)
      .in("created_at", row.createdAt)
      .ready()
      .run();
}

std::int64_t replaceRow(soci::session& session, RewrappedRow row) {
  Statement update(session, "UPDATE " + row.before.table +
                                " SET version = :version, key_id = :key_id,"
                                " wrapped_key = :wrapped_key, nonce = :nonce,"
                                " ciphertext = :ciphertext WHERE id = :id"
                                " AND key_id = :old_key_id AND wrapped_key = :old_wrapped_key");
  return update.in("version", row.after.version)
      .in("key_id", row.after.keyId)
      .in("wrapped_key", row.after.wrappedKey)
      .in("nonce", row.after.nonce)
      .in("ciphertext", row.after.ciphertext)
      .in("id", row.before.id)
      .in("old_key_id", row.before.sealed.keyId)
      .in("old_wrapped_key", row.before.sealed.wrappedKey)
      .ready()
      .run();
}

// Adds this table's to `rows`, up to `limit` in all.
void readRows(soci::session& session, const SealedTable& table, std::string keyId,
              std::string afterId, std::size_t limit, std::vector<SealedRow>& rows) {
  auto count = static_cast<std::int64_t>(limit - rows.size());
  SealedRow row;
  row.table = table.name;
  const auto column = [](std::string_view name) { return std::string(name) + ", "; };
  const std::string id(table.id);
  Statement select(session, "SELECT " + column(id) + column(table.organisation) +
                                column(table.row) + column(table.column) +
                                "version, key_id, wrapped_key, nonce, ciphertext FROM " +
                                row.table + " WHERE key_id <> :key_id AND " + id + " > :after" +
                                " ORDER BY " + id + " LIMIT :count_rows");
  select.out(row.id).out(row.organisation).out(row.row).out(row.column);
  select.out(row.sealed.version).out(row.sealed.keyId).out(row.sealed.wrappedKey);
  select.out(row.sealed.nonce).out(row.sealed.ciphertext);
  select.in("key_id", keyId).in("after", afterId).in("count_rows", count).ready();
  select.forEach([&] { rows.push_back(row); });
}

}  // namespace

base::Result<std::optional<VaultEntry>> vaultEntry(ReadSession& reader, const std::string& name) {
  std::optional<VaultEntry> found;
  const auto status = reader.read(kAllTenants, [&](soci::session& session) {
    found.reset();
    VaultEntry row;
    row.name = name;
    Statement select(session,
                     "SELECT version, key_id, wrapped_key, nonce, ciphertext, created_at"
                     " FROM vault_entries WHERE name = :name");
    select.out(row.sealed.version).out(row.sealed.keyId).out(row.sealed.wrappedKey);
    select.out(row.sealed.nonce).out(row.sealed.ciphertext).out(row.createdAt);
    select.in("name", row.name).ready();
    if (select.one([] {})) found = row;
  });
  if (!status) return base::fail(status.error());
  return found;
}

base::Status addVaultEntry(Store& store, const VaultEntry& entry) {
  return store.writeNow([&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    upsertEntry(connection.session(), entry, false);
  });
}

base::Result<std::vector<std::string>> sealingKeys(ReadSession& reader) {
  std::vector<std::string> keys;
  const auto status = reader.read(kAllTenants, [&](soci::session& session) {
    keys.clear();
    std::string sql = "SELECT key_id FROM vault_entries WHERE name = 'root'";
    for (const SealedTable& table : kSealedTables)
      sql += " UNION SELECT key_id FROM " + std::string(table.name);
    std::string key;
    Statement select(session, sql + " ORDER BY 1");
    select.out(key).ready();
    select.forEach([&] { keys.push_back(key); });
  });
  if (!status) return base::fail(status.error());
  return keys;
}

base::Result<std::vector<SealedRow>> rowsNotUnder(ReadSession& reader, const std::string& keyId,
                                                  const std::optional<SealedRow>& after,
                                                  std::size_t limit) {
  std::vector<SealedRow> rows;
  const auto status = reader.read(kAllTenants, [&](soci::session& session) {
    rows.clear();
    bool begun = !after;
    for (const SealedTable& table : kSealedTables) {
      std::string afterId;
      if (!begun && table.name != after->table) continue;
      if (!begun) afterId = after->id;
      begun = true;
      if (rows.size() < limit) readRows(session, table, keyId, afterId, limit, rows);
    }
  });
  if (!status) return base::fail(status.error());
  return rows;
}

base::Status beginRotation(Store& store, const std::optional<VaultEntry>& bridge,
                           const VaultEntry& root) {
  return store.writeNow([&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    if (bridge) upsertEntry(connection.session(), *bridge, true);
    upsertEntry(connection.session(), root, true);
    connection.audit(entry({}, "vault.rotate_begin", root.sealed.keyId,
                           json::Writer().beginObject().member("bridge", bridge.has_value())));
  });
}

base::Result<std::int64_t> putRewrapped(Store& store, const std::vector<RewrappedRow>& rows) {
  std::int64_t replaced = 0;
  const auto status = store.writeNow([&](WriteConnection& connection) {
    replaced = 0;
    connection.forTenant(kAllTenants);
    for (const RewrappedRow& row : rows) replaced += replaceRow(connection.session(), row);
  });
  if (!status) return base::fail(status.error());
  return replaced;
}

base::Status endRotation(Store& store, const std::string& keyId, std::int64_t rows,
                         bool dropBridges, bool changed) {
  return store.writeNow([&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    std::int64_t dropped = 0;
    if (dropBridges) {
      Statement remove(connection.session(), "DELETE FROM vault_entries WHERE name <> 'root'");
      dropped = remove.ready().run();
    }
    if (rows == 0 && dropped == 0 && !changed) return;
    connection.audit(entry(
        {}, "vault.rotate", keyId,
        json::Writer().beginObject().member("rows", rows).member("bridges_dropped", dropped)));
  });
}

}  // namespace unigate::store
