-- Costs of what is no job (a run is planned before it has any), estimates that a measurement sets right, and requests that nobody has
-- heard the end of.

alter table public.cost_events alter column job_id drop not null;

-- Book costs: [{"job_id" or "user_id", "operation", "step", "provider", "model", "request_id", "cost_micro_usd", "kind"}, …], kind
-- 'measured' where it is not said. Not fenced: the money is gone, whoever holds the lease. The first row of a request stands: the same
-- again changes nothing, and what is measured after an estimate is booked as a correction, of the difference and to the estimate's job.
-- Answers how many rows are new. All that an attempt has cost fits in one call, so that a job takes three round trips.
create or replace function private.record_costs(costs jsonb) returns integer
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
  -- Always in the same order, so that two who book the same requests cannot wait for each other.
  for cost in
    select c.*, coalesce(j.user_id, c.user_id) as owner
    from rows from (jsonb_to_recordset(costs) as (job_id uuid, user_id uuid, operation text, step text, provider text, model text,
                                                  request_id text, cost_micro_usd bigint, kind text)) with ordinality
      as c (job_id, user_id, operation, step, provider, model, request_id, cost_micro_usd, kind, position)
    left join public.jobs j on j.id = c.job_id
    order by c.provider, c.request_id, c.position
  loop
    -- One at a time for a request: a measurement must see the estimate that is just being booked.
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

-- Requests of a job that were paid for by estimate and never settled: a provider may hold their result still. Those named 'unknown:…'
-- have no name that a provider knows.
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

-- As before, and where there is no job each request counts for one.
create or replace view private.cogs_drift with (security_invoker = true) as
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
