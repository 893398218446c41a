"""Faults to seed: each a change to one function, of the kind that passes a quick review."""
from __future__ import annotations

from dataclasses import dataclass

from tests.database.support import Database


@dataclass(frozen=True)
class Fault:
    """In `function`, `right` (which must be there) becomes `wrong`."""

    name: str
    function: str
    right: str
    wrong: str

    def seed(self, database: Database) -> str:
        """Put the fault in; the SQL that takes it out again."""
        whole: str = database.one("select pg_get_functiondef(('private.' || %s)::regproc)", self.function)
        assert self.right in whole, f"{self.function} does not say {self.right!r}"
        database.run(whole.replace(self.right, self.wrong))
        return whole


HELD = "j.id = held.id and j.lease_token = held.token"

FAULTS = [
    # the fence
    Fault("complete without a fence", "complete_jobs", f"where {HELD}", "where j.id = held.id"),
    Fault("heartbeat without a fence", "heartbeat_jobs", HELD, "j.id = held.id"),
    Fault("a claim is confirmed without a fence", "confirm_claims", f"on {HELD}", "on j.id = held.id"),
    Fault("an ended job's claim is confirmed", "confirm_claims", "where j.lease_until is not null", "where true"),
    Fault("fail without a fence", "fail_job", "and lease_token = token", ""),
    Fault("release without a fence", "release_jobs", "and j.lease_token = held.token", ""),
    Fault("complete twice", "complete_jobs", "and j.lease_until is not null", ""),
    Fault("a replay of anybody's completion is accepted", "complete_jobs",
          "on j.id = held.id and j.lease_token = held.token", "on j.id = held.id"),
    Fault("a completion is taken for a replay", "complete_jobs", "where j.status = 'completed' and", "where"),
    Fault("a replay is refused", "complete_jobs", "where j.status = 'completed' and", "where false and"),
    Fault("snooze without a fence", "snooze_job", "and lease_token = token", ""),
    Fault("token follows the attempts", "claim_jobs", "greatest(j.lease_token + 1, epoch)", "j.attempts + 1"),
    Fault("two claims may take the same job", "claim_jobs", "limit jobs_max for update skip locked", "limit jobs_max"),
    # attempts and leases
    Fault("claim does not count", "claim_jobs", "attempts = j.attempts + 1", "attempts = j.attempts"),
    Fault("reclaim ignores the maximum", "reclaim_jobs", "job.attempts >= job.max_attempts", "false"),
    Fault("fail ignores the maximum", "fail_job", "or job.attempts >= job.max_attempts", ""),
    Fault("one attempt too many", "fail_job", "job.attempts >= job.max_attempts", "job.attempts > job.max_attempts"),
    Fault("the first lost lease makes a job wait", "reclaim_jobs", "when job.attempts = 1 then", "when false then"),
    Fault("no lost lease makes a job wait", "reclaim_jobs", "when job.attempts = 1 then", "when true then"),
    Fault("reclaim takes leases that are good", "reclaim_jobs", "lease_until <= private.clock()", "lease_until is not null"),
    Fault("reclaim takes none", "reclaim_jobs", "lease_until <= private.clock()", "lease_until < private.clock() - interval '1 hour'"),
    Fault("claim does not reclaim", "claim_jobs", "perform private.reclaim_jobs()", "null"),
    Fault("heartbeat does not renew", "heartbeat_jobs", "lease_until = private.clock() + make_interval(secs => lease_seconds)",
          "lease_until = j.lease_until"),
    Fault("claim forgets how long the lease is", "claim_jobs", "make_interval(secs => lease_seconds)", "interval '1 hour'"),
    Fault("release counts the attempt", "release_jobs", "greatest(after_seconds, 0)), 1,", "greatest(after_seconds, 0)), 0,"),
    Fault("a snooze counts the attempt", "snooze_job", "until, 1, reason", "until, 0, reason"),
    Fault("a snooze without end", "snooze_job", "until > job.started_at +", "false and until > job.started_at +"),
    Fault("a snooze's end counts from the last claim", "snooze_job", "job.started_at", "job.locked_at"),
    Fault("a snooze at once", "snooze_job", "private.pause_of_others(after_seconds, job.snoozes)", "interval '0'"),
    Fault("a pause of others has no floor", "pause_of_others", "private.pause_floor(times)", "0"),
    Fault("a pause of others has no ceiling", "pause_of_others", "3600", "1000000000"),
    Fault("the floor of pauses does not grow", "postpone_job", "then snoozes + 1", "then snoozes"),
    Fault("no cap", "pick_jobs", "< per_user_max then", "< 9 then"),
    Fault("a cap on the claim alone", "pick_jobs", "where j.status = 'in_progress' and j.lease_until > private.clock()", "where false"),
    Fault("a cap on what runs alone", "pick_jobs", "running := running || waiting.user_id", "null"),
    Fault("release at once when asked to wait", "release_jobs", "greatest(after_seconds, 0)", "0"),
    # waiting
    Fault("retry at once", "postpone_job", "scheduled_at = until", "scheduled_at = private.clock()"),
    Fault("postponed jobs stay in the queue", "postpone_job", "position = null", "position = position"),
    Fault("jobs are enqueued before their time", "enqueue_due", "scheduled_at <= private.clock()", "true"),
    Fault("jobs are never enqueued again", "claim_jobs", "perform private.enqueue_due(100)", "null"),
    Fault("backoff of seconds, not minutes", "backoff", "array[60, 300, 1800]", "array[1, 5, 30]"),
    Fault("backoff one step ahead", "backoff", "greatest(attempt, 1)", "greatest(attempt + 1, 1)"),
    Fault("Retry-After is ignored", "fail_job", "when retry_after_seconds is null or", "when true or"),
    # cancelling
    Fault("cancel forgets what waits", "cancel_jobs", "perform private.end_jobs(waiting", "perform private.end_jobs(waiting[9:]"),
    Fault("cancel forgets what runs", "cancel_jobs", "where id = any (running)", "where false"),
    Fault("fail retries what was cancelled", "fail_job", "if job.cancel_requested_at is not null", "if false"),
    Fault("release hands back what was cancelled", "release_jobs", "if job.cancel_requested_at is not null", "if false"),
    Fault("snooze puts off what was cancelled", "snooze_job", "if job.cancel_requested_at is not null", "if false"),
    Fault("reclaim retries what was cancelled", "reclaim_jobs", "if job.cancel_requested_at is not null", "if false"),
    Fault("heartbeat does not tell of a cancel", "heartbeat_jobs", "r.cancel_requested_at is not null", "false"),
    # credits
    Fault("no refund", "end_jobs", "where credits_half > 0", "where false"),
    Fault("a refund too large", "end_jobs", "'refund', credits_half,", "'refund', credits_half + 1,"),
    Fault("two refunds", "end_jobs", "'refund:' || id, run_id, id, completed_at from ended",
          "'refund:' || id || n, run_id, id, completed_at from ended cross join generate_series(1, 2) n"),
    Fault("no refund of what was cancelled", "end_jobs", "where credits_half > 0", "where credits_half > 0 and status = 'failed'"),
    Fault("no burn", "submit_run", "values (of_user, 'burn', -(answer ->> 'credits_half')::bigint, 'burn:' || run, run, moment)",
          "select of_user, 'burn', -(answer ->> 'credits_half')::bigint, 'burn:' || run, run, moment where false"),
    Fault("a burn of half", "submit_run", "-(answer ->> 'credits_half')::bigint", "-((answer ->> 'credits_half')::bigint + 1) / 2"),
    Fault("a burn of one page for all", "decide_pages", "o.count * o.credits_half", "o.credits_half"),
    Fault("credits are not looked at", "decide_pages", "if balance < credits then", "if false then"),
    Fault("the last credit is not given out", "decide_pages", "if balance < credits then", "if balance <= credits then"),
    Fault("the ledger does not move the balance", "move_balances", "balance_half + entry.amount_half", "balance_half"),
    Fault("a top-up counts each time", "add_credits", "credit_reference, why, p", "credit_reference || random(), why, p"),
    # one intent, one run
    Fault("the key is not kept", "submit_run", "values (of_user, idempotency_key, wanted, answer, run, moment)",
          "select of_user, idempotency_key, wanted, answer, run, moment where false"),
    Fault("the key alone decides", "submit_run", "private.replay(kept, kept.request_hash = wanted)", "private.replay(kept, true)"),
    Fault("two runs of a user at once", "submit_run", "where user_id = of_user for update", "where user_id = of_user"),
    # costs and records
    Fault("costs do not stop retries", "fail_job", ">= job.cogs_max_micro_usd", "> 1000000000"),
    Fault("a cost is booked under another request", "record_costs",
          "cost.model, cost.request_id,\n              coalesce", "cost.model, cost.request_id || random(),\n              coalesce"),
    Fault("an estimate stays beside what was measured", "record_costs", "cost_micro_usd - earlier.cost_micro_usd", "cost_micro_usd"),
    Fault("an estimate is never set right", "record_costs", "elsif earlier.kind = 'estimated' and", "elsif false and"),
    Fault("a late estimate counts as well", "record_costs", "if not found or", "if cost.kind = 'estimated' or not found or"),
    Fault("requests stay open", "open_requests", "later.kind <> 'estimated'", "false"),
    Fault("the dead are not written down", "end_jobs", "where status = 'failed'", "where false"),
    Fault("claim leaves no event", "claim_jobs", "moment from taken t\n", "moment from taken t where false\n"),
    Fault("complete leaves no event", "complete_jobs", "moment from done d\n", "moment from done d where false\n"),
    Fault("complete keeps no result", "complete_jobs", "where d.result is not null", "where false"),
]  # fmt: skip

# And those of the queue with messages.
MESSAGE_FAULTS = [
    Fault("a message is enough to claim a job", "claim_messages",
          "mine := array(select j.id from public.jobs j where j.id = any (read_jobs) and j.status = 'pending' and j.position is not null",
          "mine := array(select j.id from public.jobs j where j.id = any (read_jobs)"),
    Fault("a message is enough to claim a job before its time", "claim_messages",
          "mine := array(select j.id from public.jobs j where j.id = any (read_jobs) and j.status = 'pending' and j.position is not null",
          "mine := array(select j.id from public.jobs j where j.id = any (read_jobs) and j.status = 'pending'"),
    Fault("token follows the attempts", "claim_messages", "greatest(j.lease_token + 1, epoch)", "j.attempts + 1"),
    Fault("claim does not count", "claim_messages", "attempts = j.attempts + 1", "attempts = j.attempts"),
    Fault("claim forgets how long the lease is", "claim_messages", "make_interval(secs => lease_seconds)", "interval '1 hour'"),
    Fault("claim leaves no event", "claim_messages", "moment from taken t\n", "moment from taken t where false\n"),
    Fault("claim does not reclaim", "claim_messages", "perform private.reclaim_jobs()", "null"),
    Fault("jobs are never enqueued again", "claim_messages", "perform private.enqueue_due(100)", "null"),
    Fault("no cap", "claim_messages", "< per_user_max then", "< 9 then"),
    Fault("lost messages are not sent again", "claim_messages", "l.message_id is not null limit 1000", "false limit 1000"),
    Fault("what stale messages leave room for is not claimed", "claim_messages", "exit when room = 0;", "exit when room < jobs_max;"),
]  # fmt: skip
