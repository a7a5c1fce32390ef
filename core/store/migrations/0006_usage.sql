-- Which plan an organisation has; no row: the default one.
CREATE TABLE organisation_plans (
  org_id TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id),
  plan TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);
-- API calls by calendar month in UTC, counted from year 0: year * 12 + month - 1.
CREATE TABLE usage_months (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  month BIGINT NOT NULL,
  calls BIGINT NOT NULL,
  PRIMARY KEY (org_id, month, environment)
);
-- only: postgres
SELECT unigate_protect('organisation_plans', 'org_id');
-- only: postgres
SELECT unigate_protect('usage_months', 'org_id');
