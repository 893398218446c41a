-- What keeps leases, and what says that a job has to stop.

-- name: heartbeat
-- Renews leases; a job that is missing in the answer is another worker's.
select id, cancel from private.heartbeat_jobs(%(jobs)s::uuid[], %(tokens)s::bigint[], %(lease_seconds)s)

-- name: confirm
-- Waits until the claims are on the disk; a job that is missing in the answer was wiped out.
select id, cancel from private.confirm_claims(%(jobs)s::uuid[], %(tokens)s::bigint[])

-- name: cancel_requested
-- Those of the jobs that their users want stopped.
select * from private.cancel_requested(%(jobs)s::uuid[])
