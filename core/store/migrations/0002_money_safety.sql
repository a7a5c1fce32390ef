-- What the promise of money-safety needs on both engines: who drives an operation, a log of its
-- attempts, an audit chain, reports of the reconciler; and on PostgreSQL row level security.
-- "-- only: ENGINE" holds for the one statement that follows; text between $$ and $$ is one piece.

-- The gateway process that drives the operation or drove it last; '' when nobody has yet.
ALTER TABLE operations ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE operations DROP COLUMN lease_until_us;

-- Every process that takes money says at intervals that it lives. Others watch `beat` change, each
-- on its own monotonic clock: no two machines' clocks are ever compared.
CREATE TABLE workers (
  id TEXT NOT NULL PRIMARY KEY,
  beat BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  host TEXT NOT NULL,
  process_id BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);

-- One row for each change of state, with what the attempt that ended by it brought.
-- only: sqlite
CREATE TABLE transaction_logs (
  operation_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  org_id TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  provider_us BIGINT NOT NULL,
  own_us BIGINT NOT NULL,
  provider_request_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (operation_id, seq)
);
-- only: postgres
CREATE TABLE transaction_logs (
  operation_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  org_id TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  provider_us BIGINT NOT NULL,
  own_us BIGINT NOT NULL,
  provider_request_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (operation_id, seq, at)
) PARTITION BY RANGE (at);
-- Rows never fail for want of a partition: what no month has taken lies here.
-- only: postgres
CREATE TABLE transaction_logs_rest PARTITION OF transaction_logs DEFAULT;

INSERT INTO transaction_logs (operation_id, seq, org_id, from_state, to_state, attempt, fence, at,
    reason, action, outcome, provider_us, own_us, provider_request_id, actor)
  SELECT t.operation_id, t.seq, o.org_id, t.from_state, t.to_state, t.attempt, t.fence, t.at,
    t.reason, '', '', 0, 0, '', ''
  FROM operation_transitions t JOIN operations o ON o.id = t.operation_id;
DROP TABLE operation_transitions;

-- What happened, chained by hashes: each row's hash covers the row and the hash before it. A chain
-- has one writer at a time, so writers of several processes do not wait for each other.
CREATE TABLE audit_log (
  chain BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  org_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject_seq BIGINT NOT NULL,
  data TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_log_of_org ON audit_log (org_id, at);
CREATE TABLE audit_heads (
  chain BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);

CREATE TABLE reconciliations (
  id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  provider TEXT NOT NULL,
  status TEXT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  differences BIGINT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX reconciliations_listed ON reconciliations (org_id, environment, id);

CREATE INDEX operations_escalated ON operations (id) WHERE state = 'escalated';

-- Ids are ordered by their bytes, whatever the database's language: time is in their front.
-- only: postgres
ALTER TABLE organisations ALTER COLUMN id TYPE TEXT COLLATE "C";
-- only: postgres
ALTER TABLE api_keys ALTER COLUMN id TYPE TEXT COLLATE "C";
-- only: postgres
ALTER TABLE operations ALTER COLUMN id TYPE TEXT COLLATE "C";
-- only: postgres
ALTER TABLE resources ALTER COLUMN id TYPE TEXT COLLATE "C";
-- only: postgres
ALTER TABLE reconciliations ALTER COLUMN id TYPE TEXT COLLATE "C";

-- Row level security. A transaction says whose rows it is about; one that says nothing sees none.
-- '*' is the gateway's own work for all tenants: recovery, recognising a key.
-- only: postgres
CREATE FUNCTION unigate_protect(name TEXT, tenant_column TEXT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('CREATE POLICY tenant ON %I'
    ' USING (%I = (SELECT current_setting(''unigate.tenant'', true))'
    ' OR (SELECT current_setting(''unigate.tenant'', true)) = ''*'')'
    ' WITH CHECK (%I = (SELECT current_setting(''unigate.tenant'', true))'
    ' OR (SELECT current_setting(''unigate.tenant'', true)) = ''*'')',
    name, tenant_column, tenant_column);
END
$$;
-- only: postgres
REVOKE ALL ON FUNCTION unigate_protect(TEXT, TEXT) FROM PUBLIC;
-- only: postgres
SELECT unigate_protect('organisations', 'id');
-- only: postgres
SELECT unigate_protect('api_keys', 'org_id');
-- only: postgres
SELECT unigate_protect('provider_accounts', 'org_id');
-- only: postgres
SELECT unigate_protect('secrets', 'org_id');
-- only: postgres
SELECT unigate_protect('operations', 'org_id');
-- only: postgres
SELECT unigate_protect('resources', 'org_id');
-- only: postgres
SELECT unigate_protect('transaction_logs', 'org_id');
-- only: postgres
SELECT unigate_protect('transaction_logs_rest', 'org_id');
-- only: postgres
SELECT unigate_protect('audit_log', 'org_id');
-- only: postgres
SELECT unigate_protect('reconciliations', 'org_id');

-- The application's role owns nothing, so what needs the owner's rights is a function of his.
-- Makes the month's partition of the log; says whether there was none. Months are counted from
-- year 0: year * 12 + month - 1, in UTC.
-- only: postgres
CREATE FUNCTION unigate_add_log_month(month_count BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  first_day DATE = make_date((month_count / 12)::INT, (month_count % 12)::INT + 1, 1);
  name TEXT = 'transaction_logs_' || to_char(first_day, 'YYYYMM');
  from_ms BIGINT = (extract(epoch FROM first_day::TIMESTAMP) * 1000)::BIGINT;
  to_ms BIGINT = (extract(epoch FROM (first_day + INTERVAL '1 month')::TIMESTAMP) * 1000)::BIGINT;
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN false;
  END IF;
  PERFORM set_config('unigate.tenant', '*', true);
  EXECUTE format('CREATE TABLE %I (LIKE transaction_logs INCLUDING DEFAULTS)', name);
  -- What came before its month was made moves over.
  EXECUTE format('WITH moved AS (DELETE FROM transaction_logs_rest WHERE at >= %s AND at < %s'
    ' RETURNING *) INSERT INTO %I SELECT * FROM moved', from_ms, to_ms, name);
  EXECUTE format('ALTER TABLE transaction_logs ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
    name, from_ms, to_ms);
  PERFORM unigate_protect(name, 'org_id');
  RETURN true;
END
$$;
-- Drops the log's months that lie before the given one; returns how many.
-- only: postgres
CREATE FUNCTION unigate_drop_log_months(before_month BIGINT) RETURNS BIGINT LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  dropped BIGINT = 0;
  first_day DATE = make_date((before_month / 12)::INT, (before_month % 12)::INT + 1, 1);
  limit_name TEXT = 'transaction_logs_' || to_char(first_day, 'YYYYMM');
  part RECORD;
BEGIN
  FOR part IN SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'transaction_logs'::regclass AND c.relname ~ '^transaction_logs_[0-9]{6}$'
      AND c.relname < limit_name ORDER BY c.relname LOOP
    EXECUTE format('DROP TABLE %I', part.name);
    dropped = dropped + 1;
  END LOOP;
  RETURN dropped;
END
$$;
-- only: postgres
REVOKE ALL ON FUNCTION unigate_add_log_month(BIGINT), unigate_drop_log_months(BIGINT) FROM PUBLIC;
