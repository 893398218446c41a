-- Calls that will be paid for are noted before they are made. A provider that has no name for a
-- request before it has answered cannot be asked again about one whose asker was killed: such a
-- call is counted as paid, once.

create table private.intended_calls (
  -- What the cost is booked under if nobody ever tells more: 'unknown:…', by job, step and token.
  key text primary key check (length(key) between 1 and 300),
  job_id uuid not null references public.jobs (id) on delete cascade,
  operation text not null,
  step text not null,
  provider text not null,
  model text not null,
  -- What it may cost.
  cost_micro_usd bigint not null check (cost_micro_usd >= 0),
  created_at timestamptz not null default now()
);
alter table private.intended_calls enable row level security;
create index intended_calls_job on private.intended_calls (job_id);
grant select on private.intended_calls to service_role, myjoe_admin;
create policy "Intended calls can be read by admins" on private.intended_calls for select to myjoe_admin using (true);

-- Count what these jobs intended and nobody has resolved as paid: the estimate is booked. Their
-- attempt is over, so whoever asked is gone.
create function private.count_intended(job_ids uuid[]) returns void language sql volatile set search_path = '' as $$
  with gone as (delete from private.intended_calls i where i.job_id = any (job_ids) returning i.*)
  insert into public.cost_events
    (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
  select g.job_id, j.user_id, g.operation, g.step, g.provider, g.model, g.key, 'estimated', g.cost_micro_usd, private.clock()
  from gone g join public.jobs j on j.id = g.job_id
  on conflict do nothing
$$;

-- Note a call before it is made: {"key", "job_id", "operation", "step", "provider", "model",
-- "cost_micro_usd"}. It is resolved by record_costs, under the same key. What was left of jobs that
-- are done is counted.
create function private.intend_call(call jsonb) returns void
language sql volatile security definer set search_path = '' as $$
  -- Asked of each note, which are as few as calls under way, and not of all jobs.
  select private.count_intended(array(
    select i.job_id from private.intended_calls i where (select j.completed_at from public.jobs j where j.id = i.job_id) is not null));
  insert into private.intended_calls (key, job_id, operation, step, provider, model, cost_micro_usd, created_at)
  select c.key, c.job_id, c.operation, c.step, c.provider, c.model, c.cost_micro_usd, private.clock()
  from jsonb_to_record(call) as c (key text, job_id uuid, operation text, step text, provider text, model text, cost_micro_usd bigint)
  on conflict (key) do update set cost_micro_usd = excluded.cost_micro_usd
$$;
grant execute on function private.intend_call(jsonb) to service_role;

-- As before, and what is booked was resolved: a cost under a note's key removes the note. The kind
-- 'resolved' does that alone, for a call that cost nothing or has a name by now. One that was
-- counted as paid meanwhile is corrected to nothing.
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

-- As before, and calls of which nobody told the end are counted.
create or replace function private.postpone_job(job uuid, event text, until timestamptz, attempts_back integer, error text, kind text)
returns void language sql volatile set search_path = '' as $$
  select private.count_intended(array[job]);
  with back as (
    update public.jobs set status = 'pending', position = null, scheduled_at = until, attempts = attempts - attempts_back,
      snoozes = case event when 'snoozed' then snoozes + 1 when 'released' then snoozes else 0 end,
      last_error = coalesce(error, last_error), error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, updated_at = private.clock()
    where id = job
    returning id, lease_token, attempts
  )
  insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
  select id, event, lease_token, attempts, error, private.clock() from back
$$;

-- As before, and calls of which nobody told the end are counted.
create or replace function private.end_jobs(job_ids uuid[], end_status text, error text, kind text) returns void
language sql volatile set search_path = '' as $$
  select private.count_intended(job_ids);
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
  ), dropped as (
    delete from private.kept_drafts where job_id = any (job_ids)
  )
  insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, job_id, created_at)
  select user_id, 'refund', credits_half, 'refund:' || id, run_id, id, completed_at from ended where credits_half > 0
$$;
