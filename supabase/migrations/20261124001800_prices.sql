-- What a worker asks about prices: the path each operation takes now, and what a unit costs now. Providers bill by more units than an
-- estimate counts in: cached tokens, tokens written to a cache, seconds of a machine.

alter table public.provider_prices drop constraint provider_prices_unit_check;
alter table public.provider_prices add constraint provider_prices_unit_check
  check (unit in ('image', 'input_token', 'cached_input_token', 'cache_write_token', 'output_token', 'second'));
alter table public.operation_steps drop constraint operation_steps_unit_check;
alter table public.operation_steps add constraint operation_steps_unit_check
  check (unit in ('image', 'input_token', 'cached_input_token', 'cache_write_token', 'output_token', 'second'));

insert into public.provider_prices (provider, model, unit, effective_from, unit_micro_usd, source) values
  ('openai', 'gpt-6-luna', 'cached_input_token', '2026-09-22Z', 0.01, 'OpenAI pricing as quoted on 2026-09-22'),
  ('openai', 'gpt-6-luna', 'cache_write_token', '2026-09-22Z', 0.125, 'OpenAI pricing as quoted on 2026-09-22');

-- Who does which step of each operation, and how much of what it is reckoned to use: on the first path, or on the fallback where the guard
-- or an admin has switched to it.
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
