#include "store/secret_rows.hpp"

#include "store/columns.hpp"
#include "store/statement.hpp"

namespace unigate::store {

void insertOrReplaceSecret(soci::session& session, const SecretRecord& secret) {
  SecretRecord row = secret;
  Statement upsert(session, insertSql<SecretRecord>("secrets") +
                                " ON CONFLICT (account_id, field) DO UPDATE SET id = excluded.id,"
                                " version = excluded.version, key_id = excluded.key_id,"
                                " wrapped_key = excluded.wrapped_key, nonce = excluded.nonce,"
                                " ciphertext = excluded.ciphertext, last4 = excluded.last4,"
                                " created_at = excluded.created_at");
  bindAllIn(upsert, row);
  upsert.ready().run();
}

void changeCredentials(soci::session& session, const std::string& orgId,
                       const CredentialChange& change, std::int64_t nowMs) {
  if (!change.settings.empty()) {
    std::int64_t at = nowMs;
    Statement update(session,
                     "UPDATE provider_accounts SET settings = :settings, updated_at = :at"
                     " WHERE id = :id AND org_id = :org_id");
    update.in("settings", change.settings)
        .in("at", at)
        .in("id", change.accountId)
        .in("org_id", orgId)
        .ready()
        .run();
  }
  for (const SecretRecord& secret : change.secrets) insertOrReplaceSecret(session, secret);
}

}  // namespace unigate::store
