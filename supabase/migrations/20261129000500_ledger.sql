-- Credits. The ledger is the truth and only grows. The account holds the ledger's sum, so that a
-- burn is one conditional update.

create table public.credit_accounts (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  balance_half bigint not null default 0 check (balance_half >= 0),
  updated_at timestamptz not null default now()
);
alter table public.credit_accounts enable row level security;
grant select on public.credit_accounts to authenticated, service_role, myjoe_admin;
create policy "Balances can be read by their owners" on public.credit_accounts for select to authenticated
  using ((select auth.uid()) = user_id);
create policy "Balances can be read by admins" on public.credit_accounts for select to myjoe_admin using (true);

create table public.credit_ledger (
  id bigint generated always as identity primary key,
  user_id uuid not null references public.profiles (id) on delete restrict,
  kind text not null check (kind in ('grant', 'topup', 'burn', 'refund', 'adjustment')),
  -- In half credits. What comes in is positive, what goes out is negative.
  amount_half bigint not null,
  -- One row for each intent: grant:<invoice>:<line>, topup:<session>, burn:<run>, refund:<job> or
  -- adjustment:<request>.
  reference text not null unique check (length(reference) between 3 and 300),
  run_id uuid,
  job_id uuid,
  reason text,
  created_at timestamptz not null default now(),
  check (case kind when 'burn' then amount_half < 0 when 'adjustment' then amount_half <> 0 else amount_half > 0 end),
  check (split_part(reference, ':', 1) = kind),
  check (kind <> 'refund' or job_id is not null)
);
alter table public.credit_ledger enable row level security;
create index credit_ledger_user on public.credit_ledger (user_id, created_at desc);
grant select on public.credit_ledger to authenticated, service_role, myjoe_admin;
create policy "Ledger rows can be read by their owners" on public.credit_ledger for select to authenticated
  using ((select auth.uid()) = user_id);
create policy "Ledger rows can be read by admins" on public.credit_ledger for select to myjoe_admin using (true);
create trigger only_grows before update or delete or truncate on public.credit_ledger
  for each statement execute function private.refuse_change();

-- Only the ledger moves a balance: once for each user and statement, in the users' order, so that
-- two transactions cannot deadlock. An overdraft breaks the account's check, and with it the whole
-- transaction.
create function private.move_balances() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  entry record;
begin
  for entry in select user_id, sum(amount_half) as amount_half from added group by user_id order by user_id loop
    update public.credit_accounts set balance_half = balance_half + entry.amount_half, updated_at = private.clock()
    where user_id = entry.user_id;
    if not found then
      raise foreign_key_violation using message = format('user %s has no credit account', entry.user_id);
    end if;
  end loop;
  return null;
end $$;
create trigger move_balances after insert on public.credit_ledger referencing new table as added
  for each statement execute function private.move_balances();

-- Book credits that come in: a month's grant or a top-up. The same reference again changes nothing
-- and returns false. With another user or amount it is an error, for one of the two is wrong.
create function private.add_credits(to_user uuid, credit_kind text, half_credits bigint, credit_reference text, why text default null)
returns boolean language plpgsql security definer set search_path = '' as $$
declare
  earlier public.credit_ledger;
begin
  if credit_kind not in ('grant', 'topup') then
    raise invalid_parameter_value using message = 'credits come in by grant or topup';
  end if;
  insert into public.credit_ledger (user_id, kind, amount_half, reference, reason, created_at)
  values (to_user, credit_kind, half_credits, credit_reference, why, private.clock()) on conflict (reference) do nothing;
  if found then
    return true;
  end if;
  select * into earlier from public.credit_ledger where reference = credit_reference;
  if (earlier.user_id, earlier.kind, earlier.amount_half) is distinct from (to_user, credit_kind, half_credits) then
    raise unique_violation using message = format('%s was booked before, for another user or amount', credit_reference);
  end if;
  return false;
end $$;
grant execute on function private.add_credits(uuid, text, bigint, text, text) to service_role;

-- Accounts whose balance is not the sum of their ledger. It must always be empty.
create view private.ledger_drift with (security_invoker = true) as
  select a.user_id, a.balance_half, coalesce(sum(l.amount_half), 0)::bigint as ledger_half
  from public.credit_accounts a left join public.credit_ledger l on l.user_id = a.user_id
  group by a.user_id having a.balance_half <> coalesce(sum(l.amount_half), 0);
grant select on private.ledger_drift to service_role, myjoe_admin;
