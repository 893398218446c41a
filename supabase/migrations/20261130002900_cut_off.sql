-- Leases outlast a line that is cut, too. Where no worker at all has been heard for two thirds of a
-- lease, all have given theirs up: nobody could renew one, or tell what was done. Whoever comes
-- first then begins an opening, as a server's start does, and each lease has half its time more.

-- When a worker was last heard, in µs since 1970; a second late at most, or a tenth of a lease. A
-- crash wipes it out, and begins an opening anyway.
create unlogged sequence private.heard minvalue 0 start 0;
select pg_catalog.setval('private.heard', private.machine_us());
-- When one was heard again after a silence, in µs since 1970.
create sequence private.heard_again minvalue 0 start 0;

-- A worker is heard: it claims or renews, for leases of so many seconds. An idle one looks for jobs
-- twice in a lease at least, so one worker's death is no silence of all; and once leases have half
-- their time more, the next look comes before another silence.
create function private.hear(lease_seconds double precision) returns void language plpgsql volatile set search_path = '' as $$
declare
  moment bigint := private.machine_us();
  silent_us bigint := moment - coalesce(pg_catalog.pg_sequence_last_value('private.heard'::regclass), 0);
  lease_us bigint := 1000000 * least(greatest(lease_seconds, 0), 1e6);
begin
  if silent_us > lease_us * 2 / 3 then
    perform pg_catalog.setval('private.heard_again', moment);
  end if;
  -- Last, for others see it at once, and shall see the other before.
  if silent_us > least(lease_us / 10, 1000000) then
    perform pg_catalog.setval('private.heard', moment);
  end if;
end $$;

-- Since when the server answers and is asked, in µs since 1970.
create or replace function private.opened_us() returns bigint language sql volatile set search_path = '' as $$
  select greatest((extract(epoch from pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint, private.current_epoch(),
                  coalesce(pg_catalog.pg_sequence_last_value('private.heard_again'::regclass), 0))
$$;
select pg_catalog.setval('private.leases_opening', private.opened_us());

-- As before, and who claims is heard.
create or replace function private.claim_once(
  claim text, by_messages boolean, jobs_max integer, lease_seconds double precision, per_user_max integer
) returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
                 max_attempts integer, cogs_max_micro_usd bigint)
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  perform private.hear(lease_seconds);
  -- The first one may still be running, with nobody left to read its answer.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: ' || claim, 0));
  return query
    select j.id, j.lease_token, j.type, j.payload, j.operations, j.user_id, j.run_id, j.attempts, j.max_attempts, j.cogs_max_micro_usd
    from public.jobs j where j.locked_by = claim and j.status = 'in_progress';
  if found then
    return;
  elsif by_messages then
    return query
      select c.id, c.lease_token, c.type, c.payload, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd
      from private.claim_messages(claim, jobs_max, lease_seconds, per_user_max) c;
  else
    return query
      select c.id, c.lease_token, c.type, c.payload, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd
      from private.claim_jobs(claim, jobs_max, lease_seconds, per_user_max) c;
  end if;
end $$;

-- As before, and who renews is heard.
create or replace function private.heartbeat_jobs(job_ids uuid[], tokens bigint[], lease_seconds double precision default 300)
returns table (id uuid, lease_until timestamptz, cancel boolean)
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  perform private.hear(lease_seconds);
  return query
    with renewed as (
      update public.jobs j set locked_at = private.clock(), lease_until = private.clock() + make_interval(secs => lease_seconds),
        updated_at = private.clock()
      from (select * from unnest(job_ids, tokens) as u (id, token) order by u.id) as held
      where j.id = held.id and j.lease_token = held.token and j.lease_until is not null
      returning j.*
    ), logged as (
      insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
      select r.id, 'renewed', r.lease_token, r.attempts, r.locked_by, r.locked_at from renewed r
    )
    select r.id, r.lease_until, r.cancel_requested_at is not null from renewed r;
end $$;
