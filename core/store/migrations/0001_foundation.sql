-- Portable between SQLite and PostgreSQL: TEXT and BIGINT only. Times are unix milliseconds, 0 for
-- "never"; '' stands for "none", so that no column is null.
-- A statement ends with a semicolon at the end of a line.

CREATE TABLE organisations (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES organisations (id),
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  last4 TEXT NOT NULL,
  scopes TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  rate_per_minute BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL
);
CREATE INDEX api_keys_of_org ON api_keys (org_id, id);

CREATE TABLE provider_accounts (
  id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES organisations (id),
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  provider TEXT NOT NULL,
  priority BIGINT NOT NULL,
  settings TEXT NOT NULL,
  status TEXT NOT NULL,
  verified_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (org_id, environment, provider, priority)
);

CREATE TABLE secrets (
  id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES organisations (id),
  account_id TEXT NOT NULL REFERENCES provider_accounts (id),
  field TEXT NOT NULL,
  version BIGINT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped_key TEXT NOT NULL,
  nonce TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  last4 TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (account_id, field)
);

CREATE TABLE operations (
  id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  client_key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  operation TEXT NOT NULL,
  route TEXT NOT NULL,
  provider TEXT NOT NULL,
  account_id TEXT NOT NULL,
  resource_kind TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  provider_key TEXT NOT NULL,
  recovery_mode TEXT NOT NULL,
  recovery_window_seconds BIGINT NOT NULL,
  -- Not IN (...): from three values on, SQLite builds a temporary b-tree for it at every write.
  state TEXT NOT NULL CHECK (state = 'received' OR state = 'intent' OR state = 'sent'
    OR state = 'succeeded' OR state = 'failed' OR state = 'unknown' OR state = 'escalated'),
  attempt BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  lease_until_us BIGINT NOT NULL,
  input TEXT NOT NULL,
  outcome TEXT NOT NULL,
  error TEXT NOT NULL,
  response_status BIGINT NOT NULL,
  response_headers TEXT NOT NULL,
  response_body TEXT NOT NULL,
  provider_request_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  next_resolve_at BIGINT NOT NULL,
  provider_us BIGINT NOT NULL,
  own_us BIGINT NOT NULL,
  transition_seq BIGINT NOT NULL
);
-- One key, one operation: this is what makes a retry harmless.
CREATE UNIQUE INDEX operations_client_key ON operations (org_id, environment, client_key)
  WHERE client_key <> '';
CREATE INDEX operations_listed ON operations (org_id, environment, id);
CREATE INDEX operations_open ON operations (id)
  WHERE state = 'received' OR state = 'intent' OR state = 'sent' OR state = 'unknown';
CREATE INDEX operations_due ON operations (next_resolve_at) WHERE next_resolve_at > 0;

CREATE TABLE operation_transitions (
  operation_id TEXT NOT NULL REFERENCES operations (id),
  seq BIGINT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (operation_id, seq)
);

CREATE TABLE resources (
  id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  account_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  status TEXT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  parent_id TEXT NOT NULL,
  customer TEXT NOT NULL,
  reference TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  document TEXT NOT NULL,
  metadata TEXT NOT NULL
);
CREATE INDEX resources_listed ON resources (org_id, environment, kind, id);
CREATE INDEX resources_of_provider ON resources (provider, provider_id) WHERE provider_id <> '';
CREATE INDEX resources_of_parent ON resources (parent_id, id) WHERE parent_id <> '';

CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
