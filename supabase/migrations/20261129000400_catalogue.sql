-- The catalogue: what can be done to a page, what it costs the user in credits, and what it costs
-- us by dated prices. No price is ever taken from a caller.

create table public.operations (
  code text primary key,
  label text not null,
  -- Credits are counted in halves, as integers: 2 is one credit. What is not sold has 0, such as
  -- the brain, which plans each run.
  credits_half integer not null check (credits_half >= 0),
  -- How many attempts there are in all. More finish more pages and raise the worst case in
  -- proportion.
  attempts_max integer not null check (attempts_max between 1 and 10),
  -- The most that one of it may cost us. Null takes what its credits earn, less the margin floor.
  cogs_max_micro_usd bigint check (cogs_max_micro_usd > 0),
  per_run boolean not null default false,
  -- The kill switch, and the switch to the fallback provider. The guard or an admin sets them.
  switched_off boolean not null default false,
  uses_fallback boolean not null default false,
  switch_reason text,
  switched_at timestamptz,
  check (not per_run or credits_half = 0)
);
alter table public.operations enable row level security;
grant select (code, label, credits_half, switched_off) on public.operations to authenticated;
grant select on public.operations to service_role, myjoe_admin;
create policy "Operations can be read by everybody signed in" on public.operations for select to authenticated using (true);
create policy "Operations can be read by admins" on public.operations for select to myjoe_admin using (true);

-- What each plan may use.
create table public.plan_operations (
  plan text not null references public.plans (code),
  operation text not null references public.operations (code),
  primary key (plan, operation)
);
alter table public.plan_operations enable row level security;
create index plan_operations_operation on public.plan_operations (operation);
grant select on public.plan_operations to anon, authenticated, service_role, myjoe_admin;
create policy "What a plan may use can be read by everybody" on public.plan_operations for select to anon, authenticated using (true);
create policy "What a plan may use can be read by admins" on public.plan_operations for select to myjoe_admin using (true);

-- What one attempt at an operation buys, on its first path and on its fallback.
create table public.operation_steps (
  operation text not null references public.operations (code),
  fallback boolean not null default false,
  step text not null check (step in ('brain', 'raster', 'upscale', 'judge')),
  provider text not null,
  model text not null,
  unit text not null check (unit in ('image', 'input_token', 'cached_input_token', 'cache_write_token', 'output_token', 'second')),
  units integer not null check (units > 0),
  primary key (operation, fallback, step, unit)
);
alter table public.operation_steps enable row level security;
grant select on public.operation_steps to service_role, myjoe_admin;
create policy "Steps can be read by admins" on public.operation_steps for select to myjoe_admin using (true);

-- Prices change overnight (one fell by 80 % in July 2026). Each holds from a date on, and old ones
-- stay, so that old quotes can be explained. Providers bill by more units than an estimate counts:
-- cached tokens, tokens written to a cache, seconds of a machine.
create table public.provider_prices (
  provider text not null,
  model text not null,
  unit text not null check (unit in ('image', 'input_token', 'cached_input_token', 'cache_write_token', 'output_token', 'second')),
  effective_from timestamptz not null,
  unit_micro_usd numeric(18, 6) not null check (unit_micro_usd >= 0),
  source text not null,
  primary key (provider, model, unit, effective_from)
);
alter table public.provider_prices enable row level security;
grant select on public.provider_prices to service_role, myjoe_admin;
create policy "Prices can be read by admins" on public.provider_prices for select to myjoe_admin using (true);

-- The bounds within which the governor accepts a run, the guard acts and a job may be put off.
create table public.governor_settings (
  -- One row.
  only_one boolean primary key default true check (only_one),
  -- The share of the revenue that must remain after the worst case. Higher refuses more runs.
  margin_floor numeric(4, 3) not null check (margin_floor between 0 and 0.999),
  -- How far below the most they may be, as a share of it, costs should be.
  target_buffer numeric(4, 3) not null check (target_buffer between 0 and 0.999),
  -- How far back the guard looks. Shorter reacts sooner, and to fewer jobs.
  guard_window interval not null,
  -- The guard's levels, as shares of the most that an operation may cost.
  guard_yellow numeric(4, 3) not null,
  guard_red numeric(4, 3) not null check (guard_red >= guard_yellow),
  -- Fewer jobs than this say nothing about a mean. A guess, to be tuned on real traffic.
  guard_jobs_min integer not null check (guard_jobs_min > 0),
  -- How long after its first claim a job may be put off. Longer outlasts longer outages; shorter
  -- gives credits back sooner. A guess: a night in which nobody looks after an account that is
  -- empty.
  snooze_max interval not null default '12 hours' check (snooze_max > '0')
);
alter table public.governor_settings enable row level security;
grant select on public.governor_settings to service_role, myjoe_admin;
create policy "Settings can be read by admins" on public.governor_settings for select to myjoe_admin using (true);

insert into public.operations (code, label, credits_half, attempts_max, cogs_max_micro_usd, per_run) values
  ('raster', 'Draw a page', 2, 3, null, false),
  ('fix_upscale', 'Fix and enlarge', 1, 3, null, false),
  ('vector', 'Draw a page for vectors', 4, 2, null, false),
  ('brain', 'Plan the run', 0, 2, 10000, true);

insert into public.plan_operations (plan, operation) values
  ('lite', 'raster'), ('pro', 'raster'), ('pro', 'fix_upscale'), ('max', 'raster'), ('max', 'fix_upscale'), ('max', 'vector');

insert into public.operation_steps (operation, fallback, step, provider, model, unit, units) values
  ('raster', false, 'raster', 'replicate', 'flux-schnell', 'image', 1),
  ('raster', true, 'raster', 'recraft', 'recraftv4_1_flash', 'image', 1),
  ('vector', false, 'raster', 'recraft', 'recraftv4_1_utility', 'image', 1),
  ('fix_upscale', false, 'upscale', 'recraft', 'crisp_upscale', 'image', 1);
-- The judge looks at a small grey copy, of about a thousand tokens, and answers yes or no. The
-- brain's answer is bounded.
insert into public.operation_steps (operation, fallback, step, provider, model, unit, units)
select path.operation, path.fallback, tokens.step, 'openai', 'gpt-6-luna', tokens.unit, tokens.units
from (values ('raster', false), ('raster', true), ('vector', false), ('fix_upscale', false)) as path (operation, fallback)
cross join (values ('judge', 'input_token', 1000), ('judge', 'output_token', 100)) as tokens (step, unit, units)
union all
values ('brain', false, 'brain', 'openai', 'gpt-6-luna', 'input_token', 4000),
       ('brain', false, 'brain', 'openai', 'gpt-6-luna', 'output_token', 4000);

insert into public.provider_prices (provider, model, unit, effective_from, unit_micro_usd, source) values
  ('replicate', 'flux-schnell', 'image', '2026-01-01Z', 3000, 'Replicate, price page, 2026-10-07'),
  ('recraft', 'recraftv4_1_flash', 'image', '2026-01-01Z', 7000, 'Recraft, pricing page, autumn 2026; model id to be confirmed'),
  ('recraft', 'recraftv4_1_utility', 'image', '2026-01-01Z', 35000, 'Recraft, pricing page, autumn 2026'),
  ('recraft', 'crisp_upscale', 'image', '2026-01-01Z', 4000, 'Recraft, tools page: 4 units of 1000 micro-USD'),
  ('openai', 'gpt-6-luna', 'input_token', '2026-09-22Z', 0.1, 'OpenAI pricing as quoted on 2026-09-22'),
  ('openai', 'gpt-6-luna', 'output_token', '2026-09-22Z', 0.5, 'OpenAI pricing as quoted on 2026-09-22'),
  ('openai', 'gpt-6-luna', 'cached_input_token', '2026-09-22Z', 0.01, 'OpenAI pricing as quoted on 2026-09-22'),
  ('openai', 'gpt-6-luna', 'cache_write_token', '2026-09-22Z', 0.125, 'OpenAI pricing as quoted on 2026-09-22');

insert into public.governor_settings
  (margin_floor, target_buffer, guard_window, guard_yellow, guard_red, guard_jobs_min)
values (0.40, 0.20, '6 hours', 0.80, 0.90, 5);

-- For each operation at a time: the worst-case cost over all attempts allowed, the most it may
-- cost, the target below that, and the first unit that has no price yet.
create function private.operation_costs(at timestamptz)
returns table (operation text, credits_half integer, attempts_max integer, worst_micro_usd bigint, max_micro_usd bigint,
               target_micro_usd bigint, unpriced text)
language sql stable rows 5 set search_path = '' as $$
  select o.code, o.credits_half, o.attempts_max, ceil(step.cost * o.attempts_max)::bigint, ceiling.most,
         floor(ceiling.most * (1 - s.target_buffer))::bigint, step.unpriced
  from public.operations o
  cross join public.governor_settings s
  cross join lateral (
    select coalesce(o.cogs_max_micro_usd, floor(private.revenue_per_half_micro_usd() * o.credits_half * (1 - s.margin_floor))::bigint)
  ) as ceiling (most)
  cross join lateral (
    select sum(st.units * price.unit_micro_usd),
           min(concat_ws(' ', st.provider, st.model, st.unit)) filter (where price.unit_micro_usd is null)
    from public.operation_steps st
    left join lateral (
      select p.unit_micro_usd from public.provider_prices p
      where p.provider = st.provider and p.model = st.model and p.unit = st.unit and p.effective_from <= at
      order by p.effective_from desc limit 1
    ) as price on true
    where st.operation = o.code and st.fallback = o.uses_fallback
  ) as step (cost, unpriced)
$$;
grant execute on function private.operation_costs(timestamptz) to service_role, myjoe_admin;

-- Which provider and model does which step of each operation, and how many units the estimate
-- counts: on the first path, or on the fallback if the guard or an admin has switched to it.
create function private.routes() returns table (operation text, step text, provider text, model text, units jsonb)
language sql stable security definer set search_path = '' as $$
  select s.operation, s.step, s.provider, s.model, jsonb_object_agg(s.unit, s.units)
  from public.operation_steps s join public.operations o on o.code = s.operation and o.uses_fallback = s.fallback
  group by 1, 2, 3, 4 order by 1, 2, 3, 4
$$;
grant execute on function private.routes() to service_role;

-- The prices in force now.
create function private.unit_prices() returns table (provider text, model text, unit text, unit_micro_usd numeric)
language sql stable security definer set search_path = '' as $$
  select distinct on (p.provider, p.model, p.unit) p.provider, p.model, p.unit, p.unit_micro_usd
  from public.provider_prices p where p.effective_from <= private.clock()
  order by p.provider, p.model, p.unit, p.effective_from desc
$$;
grant execute on function private.unit_prices() to service_role;
