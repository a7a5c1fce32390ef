-- What management keeps of a provider account besides its credentials. The credentials of before,
-- while two are live, stand in `secrets` under "previous." and the field's name.
CREATE TABLE services (
  account_id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES organisations (id),
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  provider TEXT NOT NULL,
  -- JSON array of names.
  features_off TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  -- JSON object; '' without credentials of before.
  previous_settings TEXT NOT NULL,
  previous_since BIGINT NOT NULL,
  -- Of the last check: which credentials work ('newest', 'previous', 'none'; '' before the first),
  -- and the problem's code and words when the newest don't.
  working TEXT NOT NULL,
  checked_at BIGINT NOT NULL,
  check_code TEXT NOT NULL,
  check_detail TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX services_expiring ON services (expires_at) WHERE expires_at > 0;
-- only: postgres
SELECT unigate_protect('services', 'org_id');
