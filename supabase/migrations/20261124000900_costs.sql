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

-- Book a cost. Not fenced. The same request of the same provider again changes nothing and says so by false.
create function private.record_cost(job uuid, operation text, step text, provider text, model text, request_id text,
                                    cost_micro_usd bigint, kind text default 'measured')
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  insert into public.cost_events (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
  select j.id, j.user_id, record_cost.operation, record_cost.step, record_cost.provider, record_cost.model, request_id,
         record_cost.kind, record_cost.cost_micro_usd, private.clock()
  from public.jobs j where j.id = job
  on conflict do nothing;
  if found then
    return true;
  end if;
  if not exists (select from public.jobs where id = job) then
    raise invalid_parameter_value using message = format('there is no job %s', job);
  end if;
  return false;
end $$;
grant execute on function private.record_cost(uuid, text, text, text, text, text, bigint, text) to service_role;
