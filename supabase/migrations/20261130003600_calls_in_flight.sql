-- A worker that is cut off from the database, or frozen, may be amid a call that is paid for, while
-- another takes its job over. The other does not ask anew before that call has ended: a note says
-- by when it has, and what it brought is kept where the next attempt looks.

-- By when the call has ended, and what it brought is kept; null where whoever asks does not say.
alter table private.intended_calls add column ends_by timestamptz;

-- As before, and false, without a note, where the job is not the caller's any more: {"token"} is
-- the lease's. {"seconds"} from now on the call has ended. A version that names neither is
-- believed.
drop function private.intend_call(jsonb);
create function private.intend_call(call jsonb) returns boolean
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  -- Asked of each note, which are as few as calls under way, and not of all jobs.
  perform private.count_intended(array(
    select i.job_id from private.intended_calls i where (select j.completed_at from public.jobs j where j.id = i.job_id) is not null));
  -- Whoever is taking the job back is waited for, and sees the note if we come first.
  perform from public.jobs j
  where j.id = (call ->> 'job_id')::uuid
    and (call ->> 'token' is null or j.lease_token = (call ->> 'token')::bigint and j.lease_until is not null)
  for share;
  if not found then
    return false;
  end if;
  insert into private.intended_calls (key, job_id, operation, step, provider, model, cost_micro_usd, created_at, ends_by)
  select c.key, c.job_id, c.operation, c.step, c.provider, c.model, c.cost_micro_usd, private.clock(),
         private.clock() + make_interval(secs => least(greatest(c.seconds, 0), 3600))
  from jsonb_to_record(call) as c (key text, job_id uuid, operation text, step text, provider text, model text, cost_micro_usd bigint,
                                   seconds double precision)
  on conflict (key) do update set cost_micro_usd = excluded.cost_micro_usd, ends_by = excluded.ends_by;
  return true;
end $$;
grant execute on function private.intend_call(jsonb) to service_role;

-- As before, and not before a call that may be under way has ended.
create or replace function private.postpone_job(job uuid, event text, until timestamptz, attempts_back integer, error text, kind text)
returns void language sql volatile set search_path = '' as $$
  with back as (
    update public.jobs set status = 'pending', position = null, scheduled_at = until, attempts = attempts - attempts_back,
      snoozes = case event when 'snoozed' then snoozes + 1 when 'released' then snoozes else 0 end,
      last_error = coalesce(error || coalesce((
        select format('; its call to %s may be under way', i.provider) from private.intended_calls i
        where i.job_id = job and i.ends_by > until limit 1), ''), last_error),
      error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, updated_at = private.clock()
    where id = job
    returning id, lease_token, attempts
  )
  insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
  select id, event, lease_token, attempts, error, private.clock() from back;
  update public.jobs j set scheduled_at = i.ends_by from private.intended_calls i
  where j.id = job and i.job_id = job and i.ends_by > j.scheduled_at;
  select private.count_intended(array[job])
$$;

-- A call of a job has been resolved: whoever waits for its end need not any more. Books nothing.
create function private.end_waiting(of_job uuid) returns integer
language plpgsql volatile set search_path = '' set enable_seqscan = off as $$
begin
  update public.jobs j set scheduled_at = private.clock()
  where j.id = of_job and j.status = 'pending' and j.position is null and j.error_kind = 'lease' and j.scheduled_at > private.clock();
  if found then
    perform private.wake_workers();
  end if;
  return 0;
end $$;

-- As before, and whoever waits for a call that has been resolved may go on at once.
create or replace function private.record_costs(costs jsonb) returns integer
language plpgsql security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  cost record;
  earlier public.cost_events;
  fault text;
  added integer;
  booked integer := 0;
begin
  select case when c.job_id is null then 'a cost belongs to a job or to a user' else format('there is no job %s', c.job_id) end into fault
  from jsonb_to_recordset(costs) as c (job_id uuid, user_id uuid)
  where c.job_id is null and c.user_id is null or c.job_id is not null and not exists (select from public.jobs j where j.id = c.job_id)
  limit 1;
  if found then
    raise invalid_parameter_value using message = fault;
  end if;
  -- Always in the same order, so that two who book the same requests cannot deadlock.
  for cost in
    select c.*, coalesce(j.user_id, c.user_id) as owner
    from rows from (jsonb_to_recordset(costs) as (job_id uuid, user_id uuid, operation text, step text, provider text, model text,
                                                  request_id text, cost_micro_usd bigint, kind text)) with ordinality
      as c (job_id, user_id, operation, step, provider, model, request_id, cost_micro_usd, kind, number)
    left join public.jobs j on j.id = c.job_id
    order by c.provider, c.request_id, c.number
  loop
    -- One booking of a request at a time: a measurement must see an estimate that is being booked.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(cost.provider || ' ' || cost.request_id, 0));
    delete from private.intended_calls i where i.key = cost.request_id;
    select * into earlier from public.cost_events e where e.provider = cost.provider and e.provider_request_id = cost.request_id
    order by e.id limit 1;
    if cost.kind = 'resolved' then
      if not found or earlier.kind <> 'estimated' then
        continue;
      end if;
      booked := booked + private.end_waiting(cost.job_id);
      cost.kind := 'measured';
      cost.cost_micro_usd := 0;
    end if;
    if not found or cost.kind = 'correction' then
      insert into public.cost_events
        (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
      values (cost.job_id, cost.owner, cost.operation, cost.step, cost.provider, cost.model, cost.request_id,
              coalesce(cost.kind, 'measured'), cost.cost_micro_usd, private.clock())
      on conflict do nothing;
      get diagnostics added = row_count;
      booked := booked + added;
    elsif earlier.kind = 'estimated' and coalesce(cost.kind, 'measured') = 'measured' then
      insert into public.cost_events
        (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
      values (earlier.job_id, earlier.user_id, earlier.operation, earlier.step, earlier.provider, earlier.model, cost.request_id,
              'correction', cost.cost_micro_usd - earlier.cost_micro_usd, private.clock())
      on conflict do nothing;
      get diagnostics added = row_count;
      booked := booked + added;
    end if;
  end loop;
  return booked;
end $$;
