-- Two captures of one payment at once could not be told apart when an answer is lost, so of the
-- operations that change what exists one at a time is open for each resource: in all processes, and
-- until a person has decided where nobody else could find out.
-- The resource that the operation changes; '' for one that makes a new resource, and where
-- several changes at once do no harm.
ALTER TABLE operations ADD COLUMN holds TEXT NOT NULL DEFAULT '';
-- only: postgres
SELECT set_config('unigate.tenant', '*', true);
-- What is open already keeps its resource; where there are several, the oldest does.
UPDATE operations SET holds = resource_id WHERE id IN (
  SELECT MIN(id) FROM operations
  WHERE state <> 'succeeded' AND state <> 'failed' AND resource_id <> ''
    AND resource_kind <> 'customer'
  GROUP BY resource_id);
CREATE UNIQUE INDEX operations_one_change ON operations (holds)
  WHERE holds <> '' AND state <> 'succeeded' AND state <> 'failed';
