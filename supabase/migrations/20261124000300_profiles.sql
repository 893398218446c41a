-- Users as the rest of the schema knows them. auth.users belongs to Supabase and is never exposed.
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

-- Runs inside sign-up, so it must not fail: it trusts nothing the user wrote about himself.
create function private.welcome_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id) values (new.id) on conflict do nothing;
  insert into public.credit_accounts (user_id) values (new.id) on conflict do nothing;
  return null;
end $$;
create trigger welcome_user after insert on auth.users for each row execute function private.welcome_user();
