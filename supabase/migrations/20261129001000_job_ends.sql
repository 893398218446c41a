-- How jobs end: a job is completed, fails, is put off, is handed back, is cancelled, or loses its
-- lease. What a worker says counts only under the job's present token.

-- How long to wait after a failed attempt: 1, 5, then 30 minutes, a fifth more or less, so that
-- jobs that failed together do not come back together.
create function private.backoff(attempt integer) returns interval language sql volatile set search_path = '' as
$$ select make_interval(secs => (array[60, 300, 1800])[least(greatest(attempt, 1), 3)] * (0.8 + 0.4 * random())) $$;

-- End jobs for good, whatever their state. One statement writes their status, the audit, the dead
-- jobs and the refunds. The caller holds their row locks.
create function private.end_jobs(job_ids uuid[], end_status text, error text, kind text) returns void
language sql volatile set search_path = '' as $$
  with ended as (
    update public.jobs set status = end_status, last_error = coalesce(error, last_error), error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, completed_at = private.clock(), updated_at = private.clock()
    where id = any (job_ids) and completed_at is null
    returning *
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
    select id, end_status, lease_token, attempts, error, completed_at from ended
  ), buried as (
    insert into public.dead_jobs (job_id, user_id, error_kind, last_error, attempts, died_at)
    select id, user_id, error_kind, last_error, attempts, completed_at from ended where status = 'failed'
  )
  insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, job_id, created_at)
  select user_id, 'refund', credits_half, 'refund:' || id, run_id, id, completed_at from ended where credits_half > 0
$$;

-- Put a job back, to be tried later. The caller holds its row lock.
create function private.postpone_job(job uuid, event text, until timestamptz, attempts_back integer, error text, kind text) returns void
language sql volatile set search_path = '' as $$
  with back as (
    update public.jobs set status = 'pending', position = null, scheduled_at = until, attempts = attempts - attempts_back,
      last_error = coalesce(error, last_error), error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, updated_at = private.clock()
    where id = job
    returning id, lease_token, attempts
  )
  insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
  select id, event, lease_token, attempts, error, private.clock() from back
$$;

-- Complete jobs, and keep what they made. A result is {"provider", "model", "width_px",
-- "height_px", "dpi", "bit_depth", "files", "qc"}, or null. Returns the ids that were accepted. A
-- job that is missing was somebody else's, and its result is discarded. A lease that ran out but
-- was not taken over still counts.
--
-- A worker whose connection broke cannot know whether its completion arrived, and asks again. Under
-- the same token it gets the same answer, as often as it asks.
create function private.complete_jobs(job_ids uuid[], tokens bigint[], results jsonb[] default null) returns setof uuid
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  moment timestamptz := private.clock();
  accepted uuid[];
begin
  with done as (
    update public.jobs j set status = 'completed', locked_by = null, locked_at = null, lease_until = null, completed_at = moment,
      updated_at = moment
    from (select * from unnest(job_ids, tokens, results) as u (id, token, result) order by u.id) as held
    where j.id = held.id and j.lease_token = held.token and j.lease_until is not null
    returning j.id, j.user_id, j.lease_token, j.attempts, held.result
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, at)
    select d.id, 'completed', d.lease_token, d.attempts, moment from done d
  ), kept as (
    insert into public.generations (job_id, user_id, provider, model, width_px, height_px, dpi, bit_depth, files, qc, created_at)
    select d.id, d.user_id, d.result ->> 'provider', d.result ->> 'model', (d.result ->> 'width_px')::integer,
           (d.result ->> 'height_px')::integer, (d.result ->> 'dpi')::integer, (d.result ->> 'bit_depth')::integer,
           coalesce(d.result -> 'files', '{}'), coalesce(d.result -> 'qc', '{}'), moment
    from done d where d.result is not null
  )
  select coalesce(array_agg(d.id), '{}') into accepted from done d;
  return query select unnest(accepted);
  if cardinality(accepted) < cardinality(job_ids) then
    -- A statement of its own, which sees what an earlier call did while this one waited for it.
    return query
      select j.id from public.jobs j join unnest(job_ids, tokens) as held (id, token) on j.id = held.id and j.lease_token = held.token
      where j.status = 'completed' and j.id <> all (accepted);
  end if;
end $$;
grant execute on function private.complete_jobs(uuid[], bigint[], jsonb[]) to service_role;

-- An attempt failed. Returns 'retried', 'failed', 'cancelled' or 'lost'. A job fails for good if
-- the worker says so, at the last attempt, or once it has cost what it may. A provider's
-- Retry-After takes the place of the backoff.
create function private.fail_job(job_id uuid, token bigint, error text, kind text, for_good boolean default false,
                                 retry_after_seconds double precision default null)
returns text language plpgsql security definer set search_path = '' as $$
declare
  job public.jobs;
begin
  select * into job from public.jobs where id = job_id and lease_token = token and lease_until is not null for update;
  if not found then
    return 'lost';
  end if;
  if job.cancel_requested_at is not null then
    perform private.end_jobs(array[job.id], 'cancelled', error, 'cancelled');
    return 'cancelled';
  end if;
  if for_good or job.attempts >= job.max_attempts
     or (select sum(cost_micro_usd) from public.cost_events c where c.job_id = job.id) >= job.cogs_max_micro_usd then
    perform private.end_jobs(array[job.id], 'failed', error, kind);
    return 'failed';
  end if;
  -- A negative wait counts as none. `greatest` alone would make none of a null, too.
  perform private.postpone_job(job.id, 'retried', private.clock() + case when retry_after_seconds is null then private.backoff(job.attempts)
                               else make_interval(secs => greatest(retry_after_seconds, 0)) end, 0, error, kind);
  return 'retried';
end $$;
grant execute on function private.fail_job(uuid, bigint, text, text, boolean, double precision) to service_role;

-- Put a job off without counting the attempt: a provider is busy, or an account is empty. Returns
-- 'snoozed', 'cancelled', 'lost', or 'failed' if the job would come back later than snooze_max
-- after its first claim.
create function private.snooze_job(job_id uuid, token bigint, after_seconds double precision, reason text, kind text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  job public.jobs;
  until timestamptz := private.clock() + make_interval(secs => greatest(after_seconds, 0));
begin
  select * into job from public.jobs where id = job_id and lease_token = token and lease_until is not null for update;
  if not found then
    return 'lost';
  end if;
  if job.cancel_requested_at is not null then
    perform private.end_jobs(array[job.id], 'cancelled', reason, 'cancelled');
    return 'cancelled';
  end if;
  if until > job.started_at + (select snooze_max from public.governor_settings) then
    perform private.end_jobs(array[job.id], 'failed', reason, kind);
    return 'failed';
  end if;
  perform private.postpone_job(job.id, 'snoozed', until, 1, reason, kind);
  return 'snoozed';
end $$;
grant execute on function private.snooze_job(uuid, bigint, double precision, text, text) to service_role;

-- Hand back jobs that were not tried: the worker is leaving, or the provider asked to come later.
-- The attempt does not count. A job whose user wants it stopped ends here; this is also how a
-- worker says that it has stopped one. Returns the ids that were the worker's own.
create function private.release_jobs(job_ids uuid[], tokens bigint[], after_seconds double precision default 0) returns setof uuid
language plpgsql security definer set search_path = '' as $$
declare
  job public.jobs;
begin
  for job in
    select j.* from public.jobs j join unnest(job_ids, tokens) as held (id, token) on j.id = held.id and j.lease_token = held.token
    where j.lease_until is not null order by j.id for update of j
  loop
    if job.cancel_requested_at is not null then
      perform private.end_jobs(array[job.id], 'cancelled', null, 'cancelled');
    else
      perform private.postpone_job(job.id, 'released', private.clock() + make_interval(secs => greatest(after_seconds, 0)), 1, null, null);
    end if;
    return next job.id;
  end loop;
  perform private.wake_workers();
end $$;
grant execute on function private.release_jobs(uuid[], bigint[], double precision) to service_role;

-- A user stops a run, or one job of it. Waiting jobs are cancelled and refunded at once. Running
-- jobs are asked to stop: their worker hears of it with the next heartbeat, or at once if it
-- listens. Returns how many of each.
create function private.cancel_jobs(of_user uuid, in_run uuid, only_job uuid default null, out cancelled integer, out requested integer)
language plpgsql security definer set search_path = '' as $$
declare
  waiting uuid[];
  running uuid[];
begin
  select array_agg(j.id) filter (where j.status = 'pending'),
         array_agg(j.id) filter (where j.status = 'in_progress' and j.cancel_requested_at is null)
  into waiting, running
  from (select id, status, cancel_requested_at from public.jobs
        where user_id = of_user and run_id = in_run and (only_job is null or id = only_job) and status in ('pending', 'in_progress')
        order by id for update) as j;
  perform private.end_jobs(waiting, 'cancelled', null, 'cancelled');
  with asked as (
    update public.jobs set cancel_requested_at = private.clock(), updated_at = private.clock() where id = any (running)
    returning id, lease_token, attempts
  )
  insert into public.job_events (job_id, event, lease_token, attempt, at)
  select id, 'cancel_requested', lease_token, attempts, private.clock() from asked;
  if cardinality(running) > 0 then
    perform pg_catalog.pg_notify('myjoe_cancel', in_run::text);
  end if;
  cancelled := coalesce(cardinality(waiting), 0);
  requested := coalesce(cardinality(running), 0);
end $$;
grant execute on function private.cancel_jobs(uuid, uuid, uuid) to service_role;

-- Which of these jobs are to be stopped, for a worker that cannot listen.
create function private.cancel_requested(job_ids uuid[]) returns setof uuid
language sql stable security definer set search_path = '' as
$$ select j.id from public.jobs j where j.id = any (job_ids) and j.cancel_requested_at is not null $$;
grant execute on function private.cancel_requested(uuid[]) to service_role;

-- Take back leases that ran out. Any worker does it. Most workers die of something other than the
-- job (a deploy, a machine's end, a broken line), so after the first lost lease the job is tried
-- again at once, and nobody waits longer than the lease. A job that loses a second lease may be
-- what kills its workers, and waits as if it had failed once. At its last attempt it is dead.
create function private.reclaim_jobs(jobs_max integer default 100) returns integer
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  job public.jobs;
  reclaimed integer := 0;
begin
  for job in
    select * from public.jobs where status = 'in_progress' and lease_until <= private.clock()
    order by lease_until limit jobs_max for update skip locked
  loop
    reclaimed := reclaimed + 1;
    if job.cancel_requested_at is not null then
      perform private.end_jobs(array[job.id], 'cancelled', null, 'cancelled');
    elsif job.attempts >= job.max_attempts then
      perform private.end_jobs(array[job.id], 'failed', format('lease of %s ran out at attempt %s', job.locked_by, job.attempts), 'lease');
    else
      perform private.postpone_job(job.id, 'reclaimed',
        private.clock() + case when job.attempts = 1 then interval '0' else private.backoff(job.attempts - 1) end, 0,
        format('lease of %s ran out', job.locked_by), 'lease');
    end if;
  end loop;
  return reclaimed;
end $$;
grant execute on function private.reclaim_jobs(integer) to service_role;
