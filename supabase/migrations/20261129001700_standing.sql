-- Whether a user may order at present: how long their plan holds, what they owe, and who is an
-- admin. The functions of the later files read these columns.

-- When a plan that was given for a while ends; null for one that Stripe keeps.
alter table public.subscriptions add column ends_at timestamptz;

-- What was taken back for a payment that was refunded or disputed, beyond what was there. It is
-- settled by whatever comes in next. Who is frozen can read and download, and order nothing.
alter table public.credit_accounts
  add column owed_half bigint not null default 0 check (owed_half >= 0),
  add column frozen_at timestamptz,
  add column frozen_reason text check (length(frozen_reason) between 1 and 300),
  add check ((frozen_at is null) = (frozen_reason is null));

-- When a user asked for their account to be deleted, and when that will happen.
alter table public.profiles
  add column deletion_requested_at timestamptz,
  add column deletion_at timestamptz,
  add check ((deletion_requested_at is null) = (deletion_at is null));

-- Who runs the product. Asked at each request: a token that says so proves nothing.
create table public.admins (
  user_id uuid primary key references public.profiles (id) on delete restrict,
  appointed_by text not null,
  reason text not null check (length(trim(reason)) >= 3),
  created_at timestamptz not null default now()
);
alter table public.admins enable row level security;
grant select on public.admins to service_role, myjoe_admin;
create policy "Admins can be read by admins" on public.admins for select to myjoe_admin using (true);

-- Appoint an admin, or dismiss one. The record names who did it.
create function private.admin_appoint(email_address text, appointed boolean, reason text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  person uuid;
begin
  select id into person from auth.users where lower(email) = lower(email_address) and not is_sso_user;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', email_address);
  end if;
  perform private.note_action(case when appointed then 'appoint' else 'dismiss' end, person::text, reason, '{}');
  if appointed then
    insert into public.admins (user_id, appointed_by, reason, created_at)
    values (person, coalesce(auth.uid()::text, session_user::text), reason, private.clock()) on conflict do nothing;
  else
    delete from public.admins where user_id = person;
  end if;
  return person;
end $$;
grant execute on function private.admin_appoint(text, boolean, text) to myjoe_admin;
