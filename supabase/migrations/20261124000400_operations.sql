-- What can be done to a page, what it costs the user in credits, and what it costs us: by dated prices, never by a caller's word.

create table public.operations (
  code text primary key,
  label text not null,
  -- Credits are counted in halves, as integers: 2 is one credit. 0 is for what is not sold (the brain, once a run).
  credits_half integer not null check (credits_half >= 0),
  -- How often it may be tried in all. More finishes more pages and raises the worst case in proportion.
  attempts_max integer not null check (attempts_max between 1 and 10),
  -- Most that one of it may cost us; null takes what its credits earn less the margin floor.
  cogs_max_micro_usd bigint check (cogs_max_micro_usd > 0),
  per_run boolean not null default false,
  -- The kill switch and the second choice of provider, flipped by the guard or an admin.
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

-- What one attempt at an operation buys, on its first path and on its fallback.
create table public.operation_steps (
  operation text not null references public.operations (code),
  fallback boolean not null default false,
  step text not null check (step in ('brain', 'raster', 'upscale', 'judge')),
  provider text not null,
  model text not null,
  unit text not null check (unit in ('image', 'input_token', 'output_token')),
  units integer not null check (units > 0),
  primary key (operation, fallback, step, unit)
);
alter table public.operation_steps enable row level security;
grant select on public.operation_steps to service_role, myjoe_admin;
create policy "Steps can be read by admins" on public.operation_steps for select to myjoe_admin using (true);

-- Prices change overnight (one fell by 80 % in July 2026), so each holds from a date on, and old ones stay to explain old quotes.
create table public.provider_prices (
  provider text not null,
  model text not null,
  unit text not null check (unit in ('image', 'input_token', 'output_token')),
  effective_from timestamptz not null,
  unit_micro_usd numeric(18, 6) not null check (unit_micro_usd >= 0),
  source text not null,
  primary key (provider, model, unit, effective_from)
);
alter table public.provider_prices enable row level security;
grant select on public.provider_prices to service_role, myjoe_admin;
create policy "Prices can be read by admins" on public.provider_prices for select to myjoe_admin using (true);

insert into public.operations (code, label, credits_half, attempts_max, cogs_max_micro_usd, per_run) values
  ('raster', 'Draw a page', 2, 3, null, false),
  ('fix_upscale', 'Fix and enlarge', 1, 3, null, false),
  ('vector', 'Draw a page for vectors', 4, 2, null, false),
  ('brain', 'Plan the run', 0, 2, 10000, true);

insert into public.operation_steps (operation, fallback, step, provider, model, unit, units) values
  ('raster', false, 'raster', 'replicate', 'flux-schnell', 'image', 1),
  ('raster', true, 'raster', 'recraft', 'recraftv4_1_flash', 'image', 1),
  ('vector', false, 'raster', 'recraft', 'recraftv4_1_utility', 'image', 1),
  ('fix_upscale', false, 'upscale', 'recraft', 'crisp_upscale', 'image', 1);
-- The judge looks at a small grey copy, about a thousand tokens, and answers yes or no; the brain's answer is bounded.
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
  ('openai', 'gpt-6-luna', 'output_token', '2026-09-22Z', 0.5, 'OpenAI pricing as quoted on 2026-09-22');
