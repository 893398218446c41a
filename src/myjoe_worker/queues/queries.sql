-- What the queues ask the database. Each statement is named. Made twice, a call has its effect
-- once.

-- name: claim
-- Lease jobs, users in turn: in the queue's order, or as pgmq tells. Each claim has a `claim` name
-- of its own; whoever asks again under it gets the same jobs. Payloads come as text, so that one
-- that cannot be read costs its own job alone. With each comes who is paused: asked for each of the
-- few, which takes less than it takes to plan asking once.
select c.id, c.lease_token, c.type, c.payload::text, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd,
       private.paused()::text
from private.claim_once(%(claim)s, %(by_messages)s, %(jobs_max)s, %(lease_seconds)s, %(per_user_max)s) as c

-- name: release_claim
-- Hand back what a claim has leased whose answer could not be had, or not be read.
select private.release_claim(%(claim)s)

-- name: next_due
-- Seconds until something is due: a postponed job, or the end of anybody's lease.
select private.next_due()

-- name: open_messages
-- Make the queue in pgmq, if it is not there.
select private.open_messages()

-- name: complete
-- Hand in a result. No row: the job was somebody else's.
select * from private.complete_jobs(array[%(job)s::uuid], array[%(token)s::bigint], array[%(result)s::jsonb])

-- name: fail
-- An attempt failed: what has become of the job.
select private.fail_job(%(job)s, %(token)s, %(error)s, %(kind)s, %(for_good)s, %(retry_after_seconds)s)

-- name: snooze
-- Nothing was tried: what has become of the job.
select private.snooze_job(%(job)s, %(token)s, %(after_seconds)s, %(reason)s, %(kind)s)

-- name: release
-- Hand back jobs that were not tried.
select * from private.release_jobs(%(jobs)s::uuid[], %(tokens)s::bigint[])
