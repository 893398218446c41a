-- What providers charged us, as measured. A worker that lost its lease books its costs too: the money is gone either way.

create table public.cost_events (
  id bigint generated always as identity primary key,
  job_id uuid not null references public.jobs (id) on delete restrict,
  user_id uuid not null references public.profiles (id) on delete restrict,
  operation text not null references public.operations (code),
  step text not null,
  provider text not null,
  model text not null,
  provider_request_id text not null,
  -- An estimate stands where the provider does not say; a correction, which may be negative, sets it right later.
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

-- Book costs: [{"job_id", "operation", "step", "provider", "model", "request_id", "cost_micro_usd", "kind"}, …], kind 'measured'
-- where it is not said. Not fenced. Those of a request that was booked before change nothing; the answer is how many were new. All that an
-- attempt has cost fits in one call, so that a job takes three round trips.
create function private.record_costs(costs jsonb) returns integer language plpgsql security definer set search_path = '' as $$
declare
  booked integer;
  unknown uuid;
begin
  select c.job_id into unknown from jsonb_to_recordset(costs) as c (job_id uuid)
  where not exists (select from public.jobs j where j.id = c.job_id) limit 1;
  if found then
    raise invalid_parameter_value using message = format('there is no job %s', unknown);
  end if;
  insert into public.cost_events (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
  select j.id, j.user_id, c.operation, c.step, c.provider, c.model, c.request_id, coalesce(c.kind, 'measured'), c.cost_micro_usd,
         private.clock()
  from jsonb_to_recordset(costs) as c (job_id uuid, operation text, step text, provider text, model text, request_id text,
                                       cost_micro_usd bigint, kind text)
  join public.jobs j on j.id = c.job_id
  on conflict do nothing;
  get diagnostics booked = row_count;
  return booked;
end $$;
grant execute on function private.record_costs(jsonb) to service_role;
