-- What providers really charged, and the guard that acts on it. The governor accepts runs by
-- estimates; these are the measurements.

-- A worker that lost its lease books its costs too: the money is gone either way. A cost without a
-- job is of a run's plan, which is made before the run has jobs.
create table public.cost_events (
  id bigint generated always as identity primary key,
  job_id uuid references public.jobs (id) on delete restrict,
  user_id uuid not null references public.profiles (id) on delete restrict,
  operation text not null references public.operations (code),
  step text not null,
  provider text not null,
  model text not null,
  provider_request_id text not null,
  -- An estimate stands where the provider does not tell. A correction sets it right later, and may
  -- be negative.
  kind text not null check (kind in ('measured', 'estimated', 'correction')),
  cost_micro_usd bigint not null check (cost_micro_usd >= 0 or kind = 'correction'),
  created_at timestamptz not null default now(),
  unique (provider, provider_request_id, kind)
);
alter table public.cost_events enable row level security;
create index cost_events_job on public.cost_events (job_id);
create index cost_events_user on public.cost_events (user_id);
create index cost_events_operation on public.cost_events (operation, created_at);
grant select on public.cost_events to service_role, myjoe_admin;
create policy "Costs can be read by admins" on public.cost_events for select to myjoe_admin using (true);
create trigger only_grows before update or delete or truncate on public.cost_events
  for each statement execute function private.refuse_change();

-- Book costs: [{"job_id" or "user_id", "operation", "step", "provider", "model", "request_id",
-- "cost_micro_usd", "kind"}, …], with kind 'measured' if none is given. Not fenced. The first row
-- of a request stands, and the same again changes nothing. A measurement after an estimate is
-- booked as a correction: of the difference, and to the estimate's job. Returns how many rows are
-- new. All that an attempt has cost fits in one call, so that a job takes three round trips.
create function private.record_costs(costs jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
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
    select * into earlier from public.cost_events e where e.provider = cost.provider and e.provider_request_id = cost.request_id
    order by e.id limit 1;
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
grant execute on function private.record_costs(jsonb) to service_role;

-- Requests of a job that were booked by estimate and never measured: a provider may still hold
-- their result. Requests named 'unknown:…' have no name that a provider knows.
create function private.open_requests(of_job uuid) returns table (step text, provider text, model text, request_id text)
language sql stable security definer set search_path = '' as $$
  select e.step, e.provider, e.model, e.provider_request_id
  from public.cost_events e
  where e.job_id = of_job and e.kind = 'estimated' and e.provider_request_id not like 'unknown:%' and not exists (
    select from public.cost_events later
    where later.provider = e.provider and later.provider_request_id = e.provider_request_id and later.kind <> 'estimated')
  order by e.id
$$;
grant execute on function private.open_requests(uuid) to service_role;

-- For each operation: the mean measured cost per job that had any, over the guard's window, or
-- since the operation was last switched if that is later: costs of the old provider say nothing
-- about the new one. Without a job, each request counts as one.
create view private.cogs_drift with (security_invoker = true) as
  select c.operation, spent.jobs, spent.mean_micro_usd, c.target_micro_usd, c.max_micro_usd,
         round(spent.mean_micro_usd::numeric / nullif(c.max_micro_usd, 0), 3) as share_of_max,
         case when spent.jobs < s.guard_jobs_min then 'unknown'
              when spent.mean_micro_usd >= s.guard_red * c.max_micro_usd then 'red'
              when spent.mean_micro_usd >= s.guard_yellow * c.max_micro_usd then 'yellow'
              else 'green' end as level,
         o.switched_off, o.uses_fallback
  from public.governor_settings s
  cross join private.clock() as now (moment)
  cross join lateral private.operation_costs(now.moment) c
  join public.operations o on o.code = c.operation
  cross join lateral (
    select counted.jobs, coalesce(ceil(counted.cost_micro_usd / nullif(counted.jobs, 0)), 0)::bigint as mean_micro_usd
    from (
      select count(distinct coalesce(e.job_id::text, e.provider_request_id)) as jobs, sum(e.cost_micro_usd) as cost_micro_usd
      from public.cost_events e
      where e.operation = c.operation and e.created_at > greatest(now.moment - s.guard_window, o.switched_at)
    ) as counted
  ) as spent;

-- How many jobs are in each state, and how old the oldest of them is. A pending job is 'waiting' in
-- the queue or 'postponed' to its time.
create view private.queue_depth with (security_invoker = true) as
  select state, count(*) as jobs, max(age) as oldest
  from public.jobs j
  cross join private.clock() as now (moment)
  cross join lateral (
    select case when j.status <> 'pending' then j.status when j.scheduled_at > now.moment then 'postponed' else 'waiting' end,
           now.moment - case j.status when 'pending' then j.scheduled_at when 'in_progress' then j.locked_at else j.completed_at end
  ) as seen (state, age)
  where j.status in ('pending', 'in_progress') or j.completed_at > now.moment - interval '24 hours'
  group by state;

-- Why attempts failed in the last 24 hours, and how many of those jobs failed for good.
create view private.failures with (security_invoker = true) as
  select coalesce(j.error_kind, 'unknown') as kind, count(*) as jobs, count(*) filter (where j.status = 'failed') as dead,
         max(j.updated_at) as latest
  from public.jobs j
  cross join private.clock() as now (moment)
  where (j.status = 'failed' or j.status in ('pending', 'in_progress') and j.error_kind is not null)
    and j.updated_at > now.moment - interval '24 hours'
  group by 1;
grant select on private.cogs_drift, private.queue_depth, private.failures to service_role, myjoe_admin;

-- Look at all operations, and act where the level is red: switch to the fallback provider, or off
-- if there is none. Returns what it found and did.
create function private.guard_costs() returns table (operation text, level text, action text)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  seen record;
begin
  -- One guard at a time, or two would switch an operation to its fallback and at once off.
  perform from public.governor_settings for update;
  for seen in select * from private.cogs_drift d order by d.operation loop
    operation := seen.operation;
    level := seen.level;
    action := null;
    if seen.level = 'red' and not seen.switched_off then
      action := case when not seen.uses_fallback
                       and exists (select from public.operation_steps s where s.operation = seen.operation and s.fallback)
                     then 'fallback' else 'off' end;
      update public.operations o set
        uses_fallback = o.uses_fallback or action = 'fallback', switched_off = action = 'off', switched_at = private.clock(),
        switch_reason = format('guard: %s jobs cost %s micro-USD each, %s is the most', seen.jobs, seen.mean_micro_usd, seen.max_micro_usd)
      where o.code = seen.operation;
    end if;
    return next;
  end loop;
end $$;
grant execute on function private.guard_costs() to service_role;
