-- The next jobs of a lane stand in order: a lane with thousands that wait is not sorted anew for each claim.
CREATE INDEX job_next ON job (lane, priority DESC, run_at, id) WHERE state = 'ready';
CREATE INDEX job_leased ON job (lane, lease_until) WHERE state = 'running';
DROP INDEX job_claim;
