-- Projects, which users own and edit, and runs, which only the governor makes.

create table public.projects (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  name text not null check (length(name) between 1 and 120),
  settings jsonb not null default '{}',
  created_at timestamptz not null default now()
);
alter table public.projects enable row level security;
create index projects_user on public.projects (user_id, created_at desc);
grant select, delete on public.projects to authenticated;
grant insert (name, settings), update (name, settings) on public.projects to authenticated;
grant select on public.projects to service_role, myjoe_admin;
create policy "Projects can be read by their owners" on public.projects for select to authenticated using ((select auth.uid()) = user_id);
create policy "Projects can be made by their owners" on public.projects for insert to authenticated
  with check ((select auth.uid()) = user_id);
create policy "Projects can be edited by their owners" on public.projects for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Projects can be deleted by their owners" on public.projects for delete to authenticated
  using ((select auth.uid()) = user_id);
create policy "Projects can be read by admins" on public.projects for select to myjoe_admin using (true);

create table public.runs (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete restrict,
  -- A project may be deleted; what was paid for in it stays.
  project_id uuid references public.projects (id) on delete set null,
  plan text not null references public.plans (code),
  manifest jsonb not null,
  page_count integer not null check (page_count > 0),
  credits_half integer not null check (credits_half > 0),
  -- The worst case that the governor reckoned with, and the time whose prices it took.
  cogs_worst_micro_usd bigint not null,
  priced_at timestamptz not null,
  created_at timestamptz not null default now()
);
alter table public.runs enable row level security;
create index runs_user on public.runs (user_id, created_at desc);
create index runs_project on public.runs (project_id);
create index runs_plan on public.runs (plan);
grant select (id, user_id, project_id, plan, manifest, page_count, credits_half, created_at) on public.runs to authenticated;
grant select on public.runs to service_role, myjoe_admin;
create policy "Runs can be read by their owners" on public.runs for select to authenticated using ((select auth.uid()) = user_id);
create policy "Runs can be read by admins" on public.runs for select to myjoe_admin using (true);

-- One key for each intent. A key belongs to its user. The first accepted answer is kept, and given
-- again to whoever asks with the same key.
create table public.idempotency_keys (
  user_id uuid not null references public.profiles (id) on delete cascade,
  key text not null check (length(key) between 1 and 200),
  request_hash bytea not null,
  answer jsonb not null,
  run_id uuid not null references public.runs (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);
alter table public.idempotency_keys enable row level security;
create index idempotency_keys_run on public.idempotency_keys (run_id);
grant select on public.idempotency_keys to service_role, myjoe_admin;
create policy "Keys can be read by admins" on public.idempotency_keys for select to myjoe_admin using (true);
