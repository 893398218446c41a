-- Plans, what each may use, who has which, and the governor's own numbers.

create table public.plans (
  code text primary key,
  label text not null,
  price_micro_usd_month bigint not null check (price_micro_usd_month > 0),
  credits_half_month integer not null check (credits_half_month > 0),
  -- Lower is served sooner, strictly; the same for all, so that a cheaper plan is never starved by a dearer one.
  priority integer not null default 100 check (priority between 0 and 9999),
  pages_per_run_max integer not null check (pages_per_run_max > 0),
  pages_per_day_max integer not null check (pages_per_day_max > 0),
  on_sale boolean not null default true
);
alter table public.plans enable row level security;
grant select on public.plans to anon, authenticated, service_role, myjoe_admin;
create policy "Plans can be read by everybody" on public.plans for select to anon, authenticated using (true);
create policy "Plans can be read by admins" on public.plans for select to myjoe_admin using (true);

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

create table public.subscriptions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  plan text not null references public.plans (code),
  -- Stripe's words.
  status text not null check (status in
    ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused')),
  stripe_customer_id text,
  stripe_subscription_id text unique,
  -- When Stripe made the event this row comes from: an older one that arrives later changes nothing.
  stripe_event_created_at timestamptz,
  created_at timestamptz not null default now()
);
alter table public.subscriptions enable row level security;
create index subscriptions_user on public.subscriptions (user_id);
create index subscriptions_plan on public.subscriptions (plan);
-- One plan at a time: what is running out may overlap, what is in force may not.
create unique index subscriptions_one_in_force on public.subscriptions (user_id) where status in ('trialing', 'active');
grant select on public.subscriptions to authenticated, service_role, myjoe_admin;
create policy "Subscriptions can be read by their owners" on public.subscriptions for select to authenticated
  using ((select auth.uid()) = user_id);
create policy "Subscriptions can be read by admins" on public.subscriptions for select to myjoe_admin using (true);

create table public.governor_settings (
  -- One row.
  only_one boolean primary key default true check (only_one),
  -- Share of revenue that must remain after the worst case. Higher refuses more runs.
  margin_floor numeric(4, 3) not null check (margin_floor between 0 and 0.999),
  -- How far below the ceiling costs should be.
  target_buffer numeric(4, 3) not null check (target_buffer between 0 and 0.999),
  -- The guard looks back so far. Shorter reacts sooner and to less.
  guard_window interval not null,
  guard_yellow numeric(4, 3) not null,
  guard_red numeric(4, 3) not null check (guard_red >= guard_yellow),
  -- Fewer jobs than this say nothing about an average (a guess, to be tuned on real traffic).
  guard_jobs_min integer not null check (guard_jobs_min > 0)
);
alter table public.governor_settings enable row level security;
grant select on public.governor_settings to service_role, myjoe_admin;
create policy "Settings can be read by admins" on public.governor_settings for select to myjoe_admin using (true);
insert into public.governor_settings values (true, 0.40, 0.20, '6 hours', 0.80, 0.90, 5);

-- Pages per run and day are first guesses: a book has 50 to 100 pages, and a month's credits should not go in one hour by mistake.
insert into public.plans (code, label, price_micro_usd_month, credits_half_month, pages_per_run_max, pages_per_day_max) values
  ('lite', 'Lite', 9990000, 230, 60, 115),
  ('pro', 'Pro', 29990000, 750, 150, 375),
  ('max', 'Max', 59990000, 1600, 400, 800);
insert into public.plan_operations (plan, operation) values
  ('lite', 'raster'), ('pro', 'raster'), ('pro', 'fix_upscale'), ('max', 'raster'), ('max', 'fix_upscale'), ('max', 'vector');

-- What half a credit earns at the worst: on the plan that sells it cheapest, on sale or still in somebody's hands.
create function private.revenue_per_half_micro_usd() returns numeric language sql stable set search_path = '' as
$$ select min(price_micro_usd_month::numeric / credits_half_month) from public.plans $$;

-- For each operation at a time: worst-case cost over the tries allowed, ceiling and target, and what has no price yet.
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
