-- What the vault keeps for itself, each entry sealed under a key-encryption key: the root that
-- other keys are derived from, and while keys are rotated the newer key under the older.
CREATE TABLE vault_entries (
  name TEXT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped_key TEXT NOT NULL,
  nonce TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
-- No tenant has such a name: the rows are for the gateway's own work alone.
-- only: postgres
SELECT unigate_protect('vault_entries', 'name');
CREATE INDEX secrets_by_key ON secrets (key_id, id);
