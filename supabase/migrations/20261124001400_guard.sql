-- The cost guard and what the dashboard shows. Estimates let a run in; here is what it really cost.

-- For each operation that is sold: the mean measured cost per job that had any, over the window, or since the operation was last switched
-- if that is later: costs of the provider we left say nothing about the one we took.
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
    select count(distinct e.job_id) as jobs,
           coalesce(ceil(sum(e.cost_micro_usd) / nullif(count(distinct e.job_id), 0)), 0)::bigint as mean_micro_usd
    from public.cost_events e
    where e.operation = c.operation and e.created_at > greatest(now.moment - s.guard_window, o.switched_at)
  ) as spent;

-- How many jobs are in each state, and how old the oldest of them is. A pending job is 'waiting' in line or 'postponed' to its time.
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

-- Why attempts failed in the last 24 hours, and how many of them for good.
create view private.failures with (security_invoker = true) as
  select coalesce(j.error_kind, 'unknown') as kind, count(*) as jobs, count(*) filter (where j.status = 'failed') as dead,
         max(j.updated_at) as latest
  from public.jobs j
  cross join private.clock() as now (moment)
  where (j.status = 'failed' or j.status in ('pending', 'in_progress') and j.error_kind is not null)
    and j.updated_at > now.moment - interval '24 hours'
  group by 1;
grant select on private.cogs_drift, private.queue_depth, private.failures to service_role, myjoe_admin;
-- A view that runs with its reader's rights needs them on the functions it calls, too.
grant execute on function private.clock(), private.operation_costs(timestamptz), private.revenue_per_half_micro_usd()
  to service_role, myjoe_admin;

-- Look at all operations, and act on red: to the fallback provider where there is one, else off. Answers what it found and did.
create function private.guard_costs() returns table (operation text, level text, action text)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  seen record;
begin
  -- One guard at a time, or two would flip an operation to its fallback and at once off.
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
