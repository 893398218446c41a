-- The queue: at least once, fenced. A worker claims jobs for a lease, renews it, and ends each in one of five ways; whatever carries a
-- token that is not the job's own any more touches nothing. Every function is one statement to its caller and keeps nothing in the
-- session, so all of them work through a transaction pooler.
--
-- "In progress" is written as "has a lease", and "not ended" as "has no end", which the checks of the table make the same. An index goes
-- by status, and the planner, seeing no running job in its statistics, would walk that one instead of the primary key: completing one job
-- took 1150 µs among 27,000 finished ones, and takes 175.

-- Add jobs: [{"payload", "operations", "credits_half", "cogs_max_micro_usd", "max_attempts"}, …]. Returns their ids in that order.
-- Credits are the caller's affair: the governor burns them in the same transaction.
create function private.enqueue_jobs(for_user uuid, in_run uuid, job_type text, jobs jsonb, at_priority integer default 100,
                                     not_before timestamptz default null)
returns uuid[] language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  job_count integer := jsonb_array_length(jobs);
  first_place bigint;
  ids uuid[];
begin
  if job_count = 0 then
    return '{}';
  end if;
  if not_before is null or not_before <= moment then
    first_place := (at_priority::bigint << 48) + private.take_turns(for_user, at_priority, false, job_count);
  end if;
  with added as (
    insert into public.jobs (user_id, run_id, type, payload, operations, credits_half, cogs_max_micro_usd, max_attempts, priority,
                             scheduled_at, place, created_at, updated_at)
    select for_user, in_run, job_type, coalesce(job -> 'payload', '{}'),
           array(select jsonb_array_elements_text(coalesce(job -> 'operations', '[]'))),
           coalesce((job ->> 'credits_half')::integer, 0), (job ->> 'cogs_max_micro_usd')::bigint,
           coalesce((job ->> 'max_attempts')::integer, 3), at_priority, coalesce(not_before, moment), first_place + position - 1,
           moment, moment
    from jsonb_array_elements(jobs) with ordinality as given (job, position)
    returning id
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, at) select id, 'enqueued', 0, 0, moment from added
  )
  select array_agg(id) into ids from added;
  return ids;
end $$;

-- End jobs for good, whatever they were doing: status, audit, the book of the dead, and their credits back, in one statement. The
-- caller holds their row locks.
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

-- Put jobs back to be tried later. The caller holds their row locks.
create function private.postpone_job(job uuid, event text, until timestamptz, attempts_back integer, error text, kind text) returns void
language sql volatile set search_path = '' as $$
  with back as (
    update public.jobs set status = 'pending', place = null, scheduled_at = until, attempts = attempts - attempts_back,
      last_error = coalesce(error, last_error), error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, updated_at = private.clock()
    where id = job
    returning id, lease_token, attempts
  )
  insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
  select id, event, lease_token, attempts, error, private.clock() from back
$$;

-- How long to wait after a failed attempt: 1, 5, then 30 minutes, a fifth more or less, so that what failed together does not come back
-- together.
create function private.backoff(attempt integer) returns interval language sql volatile set search_path = '' as
$$ select make_interval(secs => (array[60, 300, 1800])[least(greatest(attempt, 1), 3)] * (0.8 + 0.4 * random())) $$;

-- Take back leases that ran out: to be tried again, or dead at the last attempt, or cancelled if that was asked for. Any worker does it.
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
      perform private.postpone_job(job.id, 'reclaimed', private.clock() + private.backoff(job.attempts), 0,
                                   format('lease of %s ran out', job.locked_by), 'lease');
    end if;
  end loop;
  return reclaimed;
end $$;
grant execute on function private.reclaim_jobs(integer) to service_role;

-- Claim up to so many jobs, the most urgent first and users in turn. Also does the housekeeping that is due: there is no leader.
create function private.claim_jobs(worker text, jobs_max integer default 1, lease_seconds double precision default 300)
returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
               max_attempts integer, cogs_max_micro_usd bigint, lease_until timestamptz, place bigint)
language plpgsql security definer set search_path = ''
-- The walks below have one good plan each, along its index; a plan made while the table was empty would be another. What is switched off
-- looks very dear to the planner where it is used after all, and what is dear is compiled: a tenth of a second for nothing.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  moment timestamptz := private.clock();
  head bigint := (select last_value from private.line_head);
  began_us bigint := private.machine_us();
  full_walk boolean := began_us >= (select last_value from private.line_walk_due);
  found_any boolean := false;
  last_place bigint;
begin
  if worker is null or jobs_max < 1 or lease_seconds <= 0 then
    raise invalid_parameter_value using message = 'a claim needs a worker, at least one job and a lease';
  end if;
  loop
    if full_walk then
      if exists (select from public.jobs j where j.status = 'in_progress' and j.lease_until <= moment) then
        perform private.reclaim_jobs();
      end if;
      if exists (select from public.jobs j where j.status = 'pending' and j.place is null and j.scheduled_at <= moment) then
        perform private.line_up(100);
      end if;
      head := 0;
    end if;
    for id, lease_token, type, payload, operations, user_id, run_id, attempts, max_attempts, cogs_max_micro_usd, lease_until, place in
      with taken as (
        update public.jobs j set status = 'in_progress', locked_by = worker, locked_at = moment,
          lease_until = moment + make_interval(secs => lease_seconds), attempts = j.attempts + 1, lease_token = j.lease_token + 1,
          started_at = coalesce(j.started_at, moment), updated_at = moment
        where j.id = any (array(
          select l.id from public.jobs l where l.status = 'pending' and l.place is not null and l.place >= head
          order by l.place limit jobs_max for update skip locked
        ))
        returning j.*
      ), logged as (
        insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
        select t.id, 'claimed', t.lease_token, t.attempts, worker, moment from taken t
      )
      select t.id, t.lease_token, t.type, t.payload, t.operations, t.user_id, t.run_id, t.attempts, t.max_attempts, t.cogs_max_micro_usd,
             t.lease_until, t.place from taken t
    loop
      found_any := true;
      last_place := greatest(last_place, place);
      return next;
    end loop;
    if full_walk then
      -- Nineteen times as long as this took until the next: a twentieth of the time, cheap or dear as it may be.
      perform pg_catalog.setval('private.line_walk_due', private.machine_us() + 19 * greatest(private.machine_us() - began_us, 0));
    end if;
    exit when found_any or full_walk;
    full_walk := true;
  end loop;
  if found_any then
    perform pg_catalog.setval('private.line_head', last_place);
    if last_place & 281474976710655 > (select last_value from private.line_turn) then
      perform pg_catalog.setval('private.line_turn', last_place & 281474976710655);
    end if;
  end if;
end $$;
grant execute on function private.claim_jobs(text, integer, double precision) to service_role;

-- Renew leases. A job that is missing from the answer is not the worker's any more; cancel says that its user wants it stopped.
create function private.heartbeat_jobs(job_ids uuid[], tokens bigint[], lease_seconds double precision default 300)
returns table (id uuid, lease_until timestamptz, cancel boolean)
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
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
grant execute on function private.heartbeat_jobs(uuid[], bigint[], double precision) to service_role;

-- Complete jobs, and keep what they made: one result per job, {"provider", "model", "width_px", "height_px", "dpi", "bit_depth",
-- "files", "qc"}, or null. Returns the ids that were accepted; a job that is missing was somebody else's, and its result is discarded. A
-- lease that ran out but was not taken over still counts.
create function private.complete_jobs(job_ids uuid[], tokens bigint[], results jsonb[] default null) returns setof uuid
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  moment timestamptz := private.clock();
begin
  return query
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
    select d.id from done d;
end $$;
grant execute on function private.complete_jobs(uuid[], bigint[], jsonb[]) to service_role;

-- An attempt failed. Answers 'retried', 'failed', 'cancelled' or 'lost'. For good if the worker says so, at the last attempt, or once the
-- job has cost what it may; a provider's Retry-After takes the place of the backoff.
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
  -- A wait below zero is none; `greatest` alone would make none of an absent one.
  perform private.postpone_job(job.id, 'retried', private.clock() + case when retry_after_seconds is null then private.backoff(job.attempts)
                               else make_interval(secs => greatest(retry_after_seconds, 0)) end, 0, error, kind);
  return 'retried';
end $$;
grant execute on function private.fail_job(uuid, bigint, text, text, boolean, double precision) to service_role;

-- Hand back jobs that were not tried: the worker is leaving, or the provider asked to come later. The attempt does not count. A job whose
-- user wants it stopped ends here: this is also how a worker says that it has stopped one. Returns the ids that were its own.
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

-- A user stops a run, or one job of it. What waits is cancelled and refunded at once; what runs is asked to stop, and its worker hears of
-- it with the next heartbeat, or at once where it listens. Answers how many of each.
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
