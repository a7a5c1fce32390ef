-- People: users, what they may do in which organisation, their log-ins, and what slows down guessing.
-- A user belongs to no tenant: the same person may be a member of several organisations.

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  -- Lower case; '' where an issuer tells none.
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  -- Argon2id in the PHC form; '' for one who logs in elsewhere.
  password_hash TEXT NOT NULL,
  -- Of an OpenID Connect issuer, and its name for the person; '' for one with a password here.
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  password_changed_at BIGINT NOT NULL,
  last_login_at BIGINT NOT NULL,
  disabled_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE issuer = '';
CREATE UNIQUE INDEX users_by_subject ON users (issuer, subject) WHERE issuer <> '';

CREATE TABLE memberships (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  role TEXT NOT NULL CHECK (role = 'viewer' OR role = 'developer' OR role = 'admin'
    OR role = 'owner'),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (org_id, user_id)
);
CREATE INDEX memberships_of_user ON memberships (user_id, org_id);

CREATE TABLE invitations (
  id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES organisations (id),
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role = 'viewer' OR role = 'developer' OR role = 'admin'
    OR role = 'owner'),
  token_hash TEXT NOT NULL UNIQUE,
  invited_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);
CREATE INDEX invitations_of_org ON invitations (org_id, id);

-- A log-in: the family of the refresh tokens that come of it. It stands for one organisation at a
-- time.
CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES organisations (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  revoked_why TEXT NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id, id);

-- Each is good once. One that comes again was copied: its whole family ends.
CREATE TABLE refresh_tokens (
  hash TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  created_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);

-- Log-ins that were tried, by a digest of who and from where.
CREATE TABLE login_attempts (
  subject TEXT NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL
);
CREATE INDEX login_attempts_by_time ON login_attempts (last_at);

-- A JSON array of addresses and networks; none: from everywhere.
ALTER TABLE api_keys ADD COLUMN allow_list TEXT NOT NULL DEFAULT '[]';
-- The key that took its place when it was rotated.
ALTER TABLE api_keys ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
-- The user or key that made it; '' for the command line.
ALTER TABLE api_keys ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

-- only: postgres
ALTER TABLE users ALTER COLUMN id TYPE TEXT COLLATE "C";
-- only: postgres
ALTER TABLE invitations ALTER COLUMN id TYPE TEXT COLLATE "C";

-- only: postgres
SELECT unigate_protect('memberships', 'org_id');
-- only: postgres
SELECT unigate_protect('invitations', 'org_id');
-- only: postgres
SELECT unigate_protect('sessions', 'org_id');
-- No tenant's id is ever a user's, a session's or a digest: these are for the gateway's own work
-- alone.
-- only: postgres
SELECT unigate_protect('users', 'id');
-- only: postgres
SELECT unigate_protect('refresh_tokens', 'session_id');
-- only: postgres
SELECT unigate_protect('login_attempts', 'subject');
-- An organisation sees who its members are.
-- only: postgres
CREATE POLICY member ON users FOR SELECT USING (EXISTS (SELECT 1 FROM memberships m
  WHERE m.user_id = users.id
  AND m.org_id = (SELECT current_setting('unigate.tenant', true))));
