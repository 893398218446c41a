-- Stripe's events, second version. An event says only that something changed; what is true is then
-- read from Stripe and put here, so that no order of events, and no second delivery, matters.

-- ── readings ─────────────────────────────────────────────────────────────────────────────────────
-- Readings are numbered before Stripe is asked. What a later reading found is never replaced by
-- what an earlier one found: each change has an event, and its reading begins after the change, so
-- the last number that is put has seen the last state. Stripe's own times are whole seconds.
create sequence private.stripe_readings;

create function private.begin_stripe_reading() returns bigint language sql volatile security definer set search_path = '' as
$$ select nextval('private.stripe_readings') $$;
grant execute on function private.begin_stripe_reading() to service_role;

-- ── subscriptions ────────────────────────────────────────────────────────────────────────────────
alter table public.subscriptions
  add column stripe_reading bigint,
  -- What Stripe says; `status` is what holds here. They differ once another one took its place.
  add column stripe_status text,
  add column started_at timestamptz,
  -- When it is paid next, or when it ends because its user said so.
  add column renews_at timestamptz,
  add column cancels_at timestamptz,
  add column superseded_at timestamptz;

create index subscriptions_customer on public.subscriptions (stripe_customer_id);

-- Whose customer this is. Of an account that was erased the subscription still knows it, so that it
-- can end.
create function private.user_of_customer(stripe_customer text) returns uuid language sql stable security definer set search_path = '' as $$
  select coalesce(
    (select c.user_id from public.billing_customers c where c.stripe_customer_id = stripe_customer),
    (select s.user_id from public.subscriptions s where s.stripe_customer_id = stripe_customer and s.stripe_reading is not null limit 1))
$$;
grant execute on function private.user_of_customer(text) to service_role;

-- Put a subscription as a reading of Stripe found it. Of several that are in force the one that
-- began last stays; it ends the others, and a trial. Returns {"changed": whether this reading was
-- the newest, "superseded": [those that Stripe still has to be told to cancel]}.
create function private.put_subscription_v2(
  of_user uuid, stripe_subscription text, stripe_customer text, to_plan text, to_status text, started timestamptz, renews timestamptz,
  cancels timestamptz, reading bigint
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  kept public.subscriptions;
  supersedes boolean := to_status in ('trialing', 'active');
  changed boolean := true;
begin
  -- All subscriptions of a user under one lock, which is the account's, as everywhere.
  perform from public.credit_accounts where user_id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  select * into kept from public.subscriptions where stripe_subscription_id = stripe_subscription for update;
  if kept.user_id <> of_user then
    raise invalid_parameter_value using message = format('%s is another user''s', stripe_subscription);
  end if;
  if kept.stripe_reading >= reading or coalesce(kept.stripe_status, kept.status) in ('canceled', 'incomplete_expired') then
    changed := false;
  else
    if supersedes and kept.superseded_at is null then
      if exists (
        select from public.subscriptions s
        where s.user_id = of_user and s.status in ('trialing', 'active') and s.stripe_subscription_id <> stripe_subscription
          and (coalesce(s.started_at, s.created_at), s.stripe_subscription_id) > (started, stripe_subscription)
      ) then
        kept.superseded_at := private.clock();
      else
        update public.subscriptions s
        set status = 'canceled', superseded_at = private.clock(), stripe_status = coalesce(s.stripe_status, s.status)
        where s.user_id = of_user and s.status in ('trialing', 'active') and s.stripe_subscription_id is distinct from stripe_subscription;
      end if;
    end if;
    insert into public.subscriptions as s (
      user_id, plan, status, stripe_customer_id, stripe_subscription_id, stripe_reading, stripe_status, started_at, renews_at, cancels_at,
      superseded_at, created_at
    ) values (
      of_user, to_plan, case when kept.superseded_at is null then to_status else 'canceled' end, stripe_customer, stripe_subscription,
      reading, to_status, started, renews, cancels, kept.superseded_at, private.clock()
    ) on conflict (stripe_subscription_id) do update
      set plan = excluded.plan, status = excluded.status, stripe_customer_id = excluded.stripe_customer_id,
          stripe_reading = excluded.stripe_reading, stripe_status = excluded.stripe_status, started_at = excluded.started_at,
          renews_at = excluded.renews_at, cancels_at = excluded.cancels_at, superseded_at = excluded.superseded_at;
  end if;
  return jsonb_build_object('changed', changed, 'superseded', (
    select coalesce(jsonb_agg(s.stripe_subscription_id order by s.stripe_subscription_id), '[]') from public.subscriptions s
    where s.user_id = of_user and s.superseded_at is not null and s.stripe_subscription_id is not null
      and s.stripe_status not in ('canceled', 'incomplete_expired')
  ));
end $$;
grant execute on function private.put_subscription_v2(uuid, text, text, text, text, timestamptz, timestamptz, timestamptz, bigint)
  to service_role;

-- A subscription that Stripe does not know is over, whatever it was.
create function private.end_unknown_subscription(stripe_subscription text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.subscriptions set status = 'canceled', stripe_status = 'canceled' where stripe_subscription_id = stripe_subscription;
  return found;
end $$;
grant execute on function private.end_unknown_subscription(text) to service_role;

-- A user's subscriptions that are not over at Stripe: [{"id", "status"}], for when the account is
-- closed.
create function private.subscriptions_at_stripe(of_user uuid) returns jsonb language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', s.stripe_subscription_id, 'status', coalesce(s.stripe_status, s.status))
                            order by s.stripe_subscription_id), '[]')
  from public.subscriptions s
  where s.user_id = of_user and s.stripe_subscription_id is not null
    and coalesce(s.stripe_status, s.status) not in ('canceled', 'incomplete_expired')
$$;
grant execute on function private.subscriptions_at_stripe(uuid) to service_role;

-- ── clawbacks ────────────────────────────────────────────────────────────────────────────────────
-- A clawback takes credits back, since the money went back; restore gives them again.
alter table public.credit_ledger
  drop constraint credit_ledger_kind_check,
  drop constraint credit_ledger_check,
  add constraint credit_ledger_kind_check
    check (kind in ('grant', 'topup', 'burn', 'refund', 'adjustment', 'clawback', 'restore')),
  add constraint credit_ledger_check check (
    case when kind in ('burn', 'clawback') then amount_half < 0 when kind = 'adjustment' then amount_half <> 0 else amount_half > 0 end
  );

-- Refunds and disputes, by Stripe's ids. While one is in force it takes its share of what the
-- payment was worth: at once what is there, the rest as it comes in.
create table public.clawbacks (
  id text primary key check (length(id) between 3 and 255),
  kind text not null check (kind in ('refund', 'dispute')),
  payment_intent text not null references public.payments (payment_intent),
  user_id uuid not null references public.profiles (id) on delete restrict,
  cents bigint not null check (cents >= 0),
  -- As Stripe names it, and whether that means that the money is gone.
  status text not null,
  in_force boolean not null,
  due_half bigint not null check (due_half >= 0),
  taken_half bigint not null default 0 check (taken_half >= 0),
  -- Its rows in the ledger so far; clawback:<id>:<n> and restore:<id>:<n> are keyed by it.
  entries integer not null default 0,
  -- An admin let go of what is still owed.
  forgiven_at timestamptz,
  stripe_reading bigint not null,
  created_at timestamptz not null
);
alter table public.clawbacks enable row level security;
create index clawbacks_user on public.clawbacks (user_id);
create index clawbacks_payment on public.clawbacks (payment_intent);
grant select on public.clawbacks to authenticated, service_role, myjoe_admin;
create policy "Clawbacks can be read by whom they concern" on public.clawbacks for select to authenticated
  using ((select auth.uid()) = user_id);
create policy "Clawbacks can be read by admins" on public.clawbacks for select to myjoe_admin using (true);

-- What a clawback should have taken in the end.
create function private.wanted_half(c public.clawbacks) returns bigint language sql immutable set search_path = '' as $$
  select case when not c.in_force then 0 when c.forgiven_at is not null then least(c.taken_half, c.due_half) else c.due_half end
$$;

-- Why an account is frozen that owes credits, in its user's words.
create function private.freeze_by_debt() returns text language sql immutable set search_path = '' as
$$ select 'Credits of a refunded payment were spent already.'::text $$;

-- Take and give what the user's clawbacks ask for, and set what remains owed. Where nothing is a
-- reason any more the account thaws; it freezes only if the caller says so, so that an admin who
-- thawed it has the last word. The caller holds the account's lock. The function may be called by
-- itself, by way of the ledger's trigger: so it looks anew after each row.
create function private.settle_clawbacks(of_user uuid, freezes boolean default false) returns void
language plpgsql security definer set search_path = '' as $$
declare
  c public.clawbacks;
  share bigint;
  there bigint;
  owed bigint;
  frozen text;
begin
  -- First what is given back, since it may settle what others take.
  loop
    select * into c from public.clawbacks k
    where k.user_id = of_user and k.taken_half > private.wanted_half(k) order by k.created_at, k.id limit 1;
    exit when not found;
    share := c.taken_half - private.wanted_half(c);
    update public.clawbacks set taken_half = taken_half - share, entries = entries + 1 where id = c.id;
    insert into public.credit_ledger (user_id, kind, amount_half, reference, reason, created_at)
    values (of_user, 'restore', share, format('restore:%s:%s', c.id, c.entries + 1), c.kind, private.clock());
  end loop;
  loop
    select balance_half into there from public.credit_accounts where user_id = of_user;
    select * into c from public.clawbacks k
    where k.user_id = of_user and k.taken_half < private.wanted_half(k) order by k.created_at, k.id limit 1;
    exit when not found or there = 0;
    share := least(private.wanted_half(c) - c.taken_half, there);
    update public.clawbacks set taken_half = taken_half + share, entries = entries + 1 where id = c.id;
    insert into public.credit_ledger (user_id, kind, amount_half, reference, reason, created_at)
    values (of_user, 'clawback', -share, format('clawback:%s:%s', c.id, c.entries + 1), c.kind, private.clock());
  end loop;
  select coalesce(sum(private.wanted_half(k) - k.taken_half), 0),
         case when bool_or(k.kind = 'dispute' and k.in_force and k.forgiven_at is null) then private.freeze_by_dispute()
              when sum(private.wanted_half(k) - k.taken_half) > 0 then private.freeze_by_debt() end
  into owed, frozen from public.clawbacks k where k.user_id = of_user;
  update public.credit_accounts a set owed_half = owed where a.user_id = of_user;
  update public.credit_accounts a
  set frozen_reason = frozen, frozen_at = case when frozen is not null then coalesce(a.frozen_at, private.clock()) end
  where a.user_id = of_user and a.frozen_reason is distinct from frozen
    and case when a.frozen_reason is null then freezes
             else a.frozen_reason in (private.freeze_by_dispute(), private.freeze_by_debt()) end;
end $$;

-- As before, the ledger moves balances. Now what comes in settles what is owed first.
create or replace function private.move_balances() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  entry record;
  owed bigint;
begin
  for entry in select user_id, sum(amount_half) as amount_half from added group by user_id order by user_id loop
    update public.credit_accounts set balance_half = balance_half + entry.amount_half, updated_at = private.clock()
    where user_id = entry.user_id returning owed_half into owed;
    if not found then
      raise foreign_key_violation using message = format('user %s has no credit account', entry.user_id);
    end if;
    if owed > 0 and entry.amount_half > 0 then
      perform private.settle_clawbacks(entry.user_id);
    end if;
  end loop;
  return null;
end $$;

-- Put a refund or a dispute as a reading of Stripe found it. It takes its share of what the payment
-- was worth, rounded down, and with the payment's others never more than all. True if this reading
-- was the newest.
create function private.put_clawback(
  clawback text, of_kind text, intent text, in_cents bigint, to_status text, holds boolean, reading bigint
) returns boolean language plpgsql security definer set search_path = '' as $$
declare
  payment public.payments;
  earlier public.clawbacks;
  others bigint;
begin
  select * into payment from public.payments where payment_intent = intent;
  if not found then
    raise invalid_parameter_value using message = format('there is no payment %s', intent);
  end if;
  perform from public.credit_accounts where user_id = payment.user_id for update;
  select coalesce(sum(due_half), 0) into others from public.clawbacks k
  where k.payment_intent = intent and k.id <> clawback and k.in_force;
  select * into earlier from public.clawbacks where id = clawback;
  insert into public.clawbacks as k (id, kind, payment_intent, user_id, cents, status, in_force, due_half, stripe_reading, created_at)
  values (clawback, of_kind, intent, payment.user_id, in_cents, to_status, holds,
          least(payment.granted_half * in_cents / payment.source_cents, payment.granted_half - others), reading, private.clock())
  on conflict (id) do update
    set cents = excluded.cents, status = excluded.status, in_force = excluded.in_force, due_half = excluded.due_half,
        stripe_reading = excluded.stripe_reading
    where k.stripe_reading < excluded.stripe_reading;
  if not found then
    return false;
  end if;
  perform private.settle_clawbacks(payment.user_id, holds and earlier.in_force is not true);
  return true;
end $$;
grant execute on function private.put_clawback(text, text, text, bigint, text, boolean, bigint) to service_role;

-- Accounts that owe something else than their clawbacks say. It must always be empty.
create view private.owed_drift with (security_invoker = true) as
  select a.user_id, a.owed_half, coalesce(sum(private.wanted_half(k) - k.taken_half), 0)::bigint as clawbacks_half
  from public.credit_accounts a left join public.clawbacks k on k.user_id = a.user_id
  group by a.user_id having a.owed_half <> coalesce(sum(private.wanted_half(k) - k.taken_half), 0);
grant select on private.owed_drift to service_role, myjoe_admin;
grant execute on function private.wanted_half(public.clawbacks) to service_role, myjoe_admin;

-- ── events ───────────────────────────────────────────────────────────────────────────────────────
-- An event that we do not understand is parked: Stripe is thanked, somebody is told, and it waits
-- for an admin.
alter table public.stripe_events
  add column parked_at timestamptz,
  add column parked_reason text,
  add column tried_at timestamptz,
  add column tries integer not null default 0,
  add check ((parked_at is null) = (parked_reason is null));

-- Keep an event whose signature was checked. False if there is nothing to do: it was dealt with, or
-- it is parked.
create or replace function private.keep_stripe_event(
  event_id text, event_type text, event_api_version text, made_at timestamptz, content jsonb
) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  insert into public.stripe_events (id, type, api_version, created_at, payload, received_at)
  values (event_id, event_type, event_api_version, made_at, content, private.clock()) on conflict do nothing;
  update public.stripe_events set tries = tries + 1, tried_at = private.clock()
  where id = event_id and processed_at is null and parked_at is null;
  return found;
end $$;

create function private.park_stripe_event(event_id text, why text) returns void
language sql volatile security definer set search_path = '' as $$
  update public.stripe_events set parked_at = private.clock(), parked_reason = left(why, 500) where id = event_id and processed_at is null
$$;
grant execute on function private.park_stripe_event(text, text) to service_role;

-- How long an event that was taken up is left to whoever took it: twice as long after each try, up
-- to an hour, so that one that fails again and again does not stand in the others' way.
create function private.stripe_event_patience(tries integer) returns interval language sql immutable set search_path = '' as
$$ select least(interval '60 seconds' * power(2, greatest(least(tries, 10) - 1, 0)), interval '1 hour') $$;

-- Take up events that are still open, first those that were tried longest ago: [their payloads].
-- Each is taken by one caller at a time.
create function private.take_open_events(at_most integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  taken jsonb;
begin
  with due as (
    select e.id from public.stripe_events e
    where e.processed_at is null and e.parked_at is null
      and coalesce(e.tried_at, e.received_at) < private.clock() - private.stripe_event_patience(e.tries)
    order by coalesce(e.tried_at, e.received_at), e.id limit at_most for update skip locked
  ), now_taken as (
    update public.stripe_events e set tries = e.tries + 1, tried_at = private.clock()
    from due where e.id = due.id returning e.received_at, e.payload
  )
  select coalesce(jsonb_agg(payload order by received_at), '[]') into taken from now_taken;
  return taken;
end $$;
grant execute on function private.take_open_events(integer) to service_role;

-- What waits: for the next call, or for an admin.
create view private.open_stripe_events with (security_invoker = true) as
  select id, type, api_version, created_at, received_at, tries, tried_at, error, parked_at, parked_reason
  from public.stripe_events where processed_at is null;
grant select on private.open_stripe_events to service_role, myjoe_admin;

-- Let a parked event be taken up again, since its reason is gone; or close one that needs nothing.
create function private.admin_take_up_event(event text, reason text, only_close boolean default false) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.stripe_events
  set parked_at = null, parked_reason = null, tries = 0, tried_at = null, processed_at = case when only_close then private.clock() end
  where id = event and processed_at is null;
  if not found then
    raise invalid_parameter_value using message = format('there is no open event %s', event);
  end if;
  perform private.note_action(case when only_close then 'close_event' else 'take_up_event' end, event, reason, '{}');
end $$;
grant execute on function private.admin_take_up_event(text, text, boolean) to myjoe_admin;

-- Note that Stripe is asked for the events that it could not deliver.
create function private.admin_note_fetch(reason text) returns void language sql volatile security definer set search_path = '' as
$$ select private.note_action('fetch_events', 'stripe', reason, '{}') $$;
grant execute on function private.admin_note_fetch(text) to myjoe_admin;

-- Say what a price of Stripe's is worth that we did not know: an old one whose lookup key moved on.
create function private.admin_learn_price(stripe_price text, of_lookup_key text, half_credits integer, reason text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.stripe_prices (stripe_price_id, lookup_key, credits_half, learned_at)
  values (stripe_price, of_lookup_key, half_credits, private.clock());
  perform private.note_action('learn_price', stripe_price, reason,
                              jsonb_build_object('lookup_key', of_lookup_key, 'credits_half', half_credits));
end $$;
grant execute on function private.admin_learn_price(text, text, integer, text) to myjoe_admin;

-- Let go of what a user owes, and of disputes that were the reason to freeze the account. Returns
-- how many half credits that were.
create function private.admin_forgive(of_user uuid, reason text) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  owed bigint;
begin
  select owed_half into owed from public.credit_accounts where user_id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  update public.clawbacks set forgiven_at = private.clock() where user_id = of_user and in_force and forgiven_at is null;
  perform private.settle_clawbacks(of_user);
  perform private.note_action('forgive', of_user::text, reason, jsonb_build_object('owed_half', owed));
  return owed;
end $$;
grant execute on function private.admin_forgive(uuid, text) to myjoe_admin;
