-- Accounts: the users, the plans that are sold, and which user has which plan.

-- A user as the rest of the schema knows one. auth.users belongs to Supabase and is not exposed.
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  display_name text check (length(display_name) <= 80),
  created_at timestamptz not null default now()
);
alter table public.profiles enable row level security;
grant select on public.profiles to authenticated, service_role, myjoe_admin;
grant update (display_name) on public.profiles to authenticated;
create policy "Profiles can be read by their owners" on public.profiles for select to authenticated using ((select auth.uid()) = id);
create policy "Profiles can be edited by their owners" on public.profiles for update to authenticated
  using ((select auth.uid()) = id) with check ((select auth.uid()) = id);
create policy "Profiles can be read by admins" on public.profiles for select to myjoe_admin using (true);

-- Each new user gets a profile and a credit account. This runs inside the sign-up and must not
-- fail, so it uses nothing that the user wrote.
create function private.welcome_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id) values (new.id) on conflict do nothing;
  insert into public.credit_accounts (user_id) values (new.id) on conflict do nothing;
  return null;
end $$;
create trigger welcome_user after insert on auth.users for each row execute function private.welcome_user();

create table public.plans (
  code text primary key,
  label text not null,
  price_micro_usd_month bigint not null check (price_micro_usd_month > 0),
  credits_half_month integer not null check (credits_half_month > 0),
  -- Lower is served strictly before higher. All plans have the same, so that a dearer plan never
  -- starves a cheaper one.
  priority integer not null default 100 check (priority between 0 and 9999),
  pages_per_run_max integer not null check (pages_per_run_max > 0),
  pages_per_day_max integer not null check (pages_per_day_max > 0),
  on_sale boolean not null default true
);
alter table public.plans enable row level security;
grant select on public.plans to anon, authenticated, service_role, myjoe_admin;
create policy "Plans can be read by everybody" on public.plans for select to anon, authenticated using (true);
create policy "Plans can be read by admins" on public.plans for select to myjoe_admin using (true);

create table public.subscriptions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  plan text not null references public.plans (code),
  -- As Stripe names them.
  status text not null check (status in
    ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused')),
  stripe_customer_id text,
  stripe_subscription_id text unique,
  -- When Stripe made the event that this row is from. An older event that arrives later changes
  -- nothing.
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

-- Pages per run and day are first guesses: a book has 50 to 100 pages, and a month's credits should
-- not go in one hour by mistake.
insert into public.plans (code, label, price_micro_usd_month, credits_half_month, pages_per_run_max, pages_per_day_max) values
  ('lite', 'Lite', 9990000, 230, 60, 115),
  ('pro', 'Pro', 29990000, 750, 150, 375),
  ('max', 'Max', 59990000, 1600, 400, 800);

-- What half a credit earns at worst, in micro-USD: on the plan that sells it cheapest. Plans that
-- are off sale count too, since somebody may still have them.
create function private.revenue_per_half_micro_usd() returns numeric language sql stable set search_path = '' as
$$ select min(price_micro_usd_month::numeric / credits_half_month) from public.plans $$;
grant execute on function private.revenue_per_half_micro_usd() to service_role, myjoe_admin;
