-- What is sold, and to whom: prices, our users as Stripe's customers, checkouts, and what was paid.
-- Stripe collects the money; what a payment is worth in credits is decided here.

-- What is sold, by the lookup keys that the prices have at Stripe. A plan is paid each month, a
-- top-up once.
create table public.prices (
  lookup_key text primary key check (lookup_key ~ '^[a-z0-9_]{1,200}$'),
  kind text not null check (kind in ('plan', 'topup')),
  plan text references public.plans (code),
  label text not null,
  -- In hundredths of a US dollar.
  cents integer not null check (cents > 0),
  credits_half integer not null check (credits_half > 0),
  on_sale boolean not null default true,
  check ((kind = 'plan') = (plan is not null))
);
alter table public.prices enable row level security;
create index prices_plan on public.prices (plan);
grant select on public.prices to anon, authenticated, service_role, myjoe_admin;
create policy "What is sold can be read by everybody" on public.prices for select to anon, authenticated using (true);
create policy "What is sold can be read by admins" on public.prices for select to myjoe_admin using (true);

-- A credit of a top-up costs more than one of the smallest plan, so that a plan is always worth it.
insert into public.prices (lookup_key, kind, plan, label, cents, credits_half)
select code || '_monthly', 'plan', code, label, price_micro_usd_month / 10000, credits_half_month from public.plans
union all values
  ('topup_50', 'topup', null, '50 credits', 599, 100),
  ('topup_150', 'topup', null, '150 credits', 1499, 300),
  ('topup_400', 'topup', null, '400 credits', 3599, 800);

-- What half a credit earns at worst now counts what top-ups sell it for, too.
create or replace function private.revenue_per_half_micro_usd() returns numeric language sql stable set search_path = '' as $$
  select least((select min(price_micro_usd_month::numeric / credits_half_month) from public.plans),
               (select min(cents * 10000::numeric / credits_half) from public.prices))
$$;

-- Stripe's prices as we first saw them. Whatever is sold later under the same lookup key, who pays
-- by one of these gets what it was worth then.
create table public.stripe_prices (
  stripe_price_id text primary key check (length(stripe_price_id) between 3 and 255),
  lookup_key text not null references public.prices (lookup_key),
  credits_half integer not null check (credits_half > 0),
  learned_at timestamptz not null
);
alter table public.stripe_prices enable row level security;
create index stripe_prices_lookup_key on public.stripe_prices (lookup_key);
grant select on public.stripe_prices to service_role, myjoe_admin;
create policy "Stripe's prices can be read by admins" on public.stripe_prices for select to myjoe_admin using (true);

-- What a price of Stripe's is worth, {"lookup_key", "kind", "plan", "label", "credits_half"}. One
-- that is new is learned if it is what we sell under that key; else the answer is {"unknown": why},
-- for a person to look at: credits are never given by what somebody wrote into Stripe's dashboard.
create function private.known_price(stripe_price text, of_lookup_key text, in_cents bigint, in_currency text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  price public.prices;
  learned public.stripe_prices;
begin
  select * into learned from public.stripe_prices where stripe_price_id = stripe_price;
  if found then
    select * into strict price from public.prices where lookup_key = learned.lookup_key;
  else
    select * into price from public.prices where lookup_key = of_lookup_key;
    if not found then
      return jsonb_build_object('unknown', format('%s has the lookup key %s, which we do not sell', stripe_price,
                                                  coalesce(of_lookup_key, 'none')));
    end if;
    if (price.cents, 'usd') is distinct from (in_cents, in_currency) then
      return jsonb_build_object('unknown', format('%s costs %s %s, and %s costs %s usd', stripe_price, in_cents, in_currency,
                                                  price.lookup_key, price.cents));
    end if;
    insert into public.stripe_prices (stripe_price_id, lookup_key, credits_half, learned_at)
    values (stripe_price, price.lookup_key, price.credits_half, private.clock()) on conflict do nothing;
    select * into strict learned from public.stripe_prices where stripe_price_id = stripe_price;
  end if;
  return jsonb_build_object('lookup_key', price.lookup_key, 'kind', price.kind, 'plan', price.plan, 'label', price.label,
                            'credits_half', learned.credits_half);
end $$;
grant execute on function private.known_price(text, text, bigint, text) to service_role;

-- Our users as Stripe knows them.
create table public.billing_customers (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  stripe_customer_id text not null unique check (stripe_customer_id like 'cus\_%'),
  created_at timestamptz not null
);
alter table public.billing_customers enable row level security;
grant select on public.billing_customers to authenticated, service_role, myjoe_admin;
create policy "Customers can be read by themselves" on public.billing_customers for select to authenticated
  using ((select auth.uid()) = user_id);
create policy "Customers can be read by admins" on public.billing_customers for select to myjoe_admin using (true);

-- Remember a user's customer. Who has one keeps it; the answer is the one that counts. A customer
-- is one user's for good.
create function private.link_customer(of_user uuid, stripe_customer text) returns text
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.billing_customers (user_id, stripe_customer_id, created_at)
  values (of_user, stripe_customer, private.clock()) on conflict (user_id) do nothing;
  return (select stripe_customer_id from public.billing_customers where user_id = of_user);
end $$;
grant execute on function private.link_customer(uuid, text) to service_role;

create function private.customer_of(of_user uuid) returns text language sql stable security definer set search_path = '' as
$$ select stripe_customer_id from public.billing_customers where user_id = of_user $$;
grant execute on function private.customer_of(uuid) to service_role;

-- Whether there is such a user, and they were not erased.
create function private.is_user(id uuid) returns boolean language sql stable security definer set search_path = '' as
$$ select exists (select from auth.users u where u.id = is_user.id and u.deleted_at is null) $$;
grant execute on function private.is_user(uuid) to service_role;

-- Purchases, from the click to the end. An intent is made with the page that has the button: two
-- clicks are one checkout.
create table public.checkouts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  intent text not null check (length(intent) between 8 and 100),
  lookup_key text not null references public.prices (lookup_key),
  -- opening: we are asking Stripe. processing: paid by a method that takes days.
  status text not null default 'opening' check (status in ('opening', 'open', 'processing', 'expired', 'failed', 'complete')),
  stripe_session_id text unique,
  url text,
  created_at timestamptz not null,
  -- When its buyer came back, and when we last asked Stripe by ourselves how it stands.
  returned_at timestamptz,
  looked_at timestamptz
);
alter table public.checkouts enable row level security;
create unique index checkouts_one_of_an_intent on public.checkouts (user_id, intent, lookup_key) where status not in ('expired', 'failed');
create index checkouts_lookup_key on public.checkouts (lookup_key);
create index checkouts_user on public.checkouts (user_id, created_at desc);
grant select on public.checkouts to authenticated, service_role, myjoe_admin;
create policy "Checkouts can be read by their buyers" on public.checkouts for select to authenticated
  using ((select auth.uid()) = user_id);
create policy "Checkouts can be read by admins" on public.checkouts for select to myjoe_admin using (true);

-- Stripe ends a session after 24 hours; one that is older than this is not gone back to.
create function private.checkout_age_max() returns interval language sql immutable set search_path = '' as $$ select interval '23 hours' $$;

-- Why an account is frozen whose payment is disputed, in its user's words.
create function private.freeze_by_dispute() returns text language sql immutable set search_path = '' as
$$ select 'A payment of yours is disputed at your bank.'::text $$;

create function private.checkout_refusal(code text, message text) returns jsonb language sql immutable set search_path = '' as
$$ select jsonb_build_object('refused', code, 'message', message) $$;

-- Begin a purchase, or find the one that was begun: {"checkout_id", "status", "url",
-- "session_id", "lookup_key", "kind", "customer", "email"}. Refused, it is
-- {"refused": code, "message"}, with code one of not_on_sale, leaving, disputed, has_plan, no_plan.
create function private.begin_checkout(of_user uuid, with_intent text, of_lookup_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  price public.prices;
  checkout public.checkouts;
begin
  select * into price from public.prices where lookup_key = of_lookup_key and on_sale;
  if not found then
    return private.checkout_refusal('not_on_sale', 'This is not on sale.');
  end if;
  -- One purchase of a user begins at a time.
  perform from public.credit_accounts where user_id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  -- The same click again, or the same plan in another tab.
  select * into checkout from public.checkouts c
  where c.user_id = of_user and c.lookup_key = of_lookup_key and (c.intent = with_intent or price.kind = 'plan')
    and (c.status in ('opening', 'open') and c.created_at > private.clock() - private.checkout_age_max()
         or c.intent = with_intent and c.status in ('processing', 'complete'))
  order by c.intent = with_intent desc, c.created_at desc limit 1;
  if not found then
    if exists (select from public.profiles where id = of_user and deletion_at is not null) then
      return private.checkout_refusal('leaving', 'Your account is about to be deleted. Keep it first, then buy.');
    end if;
    if exists (select from public.credit_accounts where user_id = of_user and frozen_reason = private.freeze_by_dispute()) then
      return private.checkout_refusal('disputed', 'A payment of yours is disputed at your bank. You can buy again once that is settled.');
    end if;
    if price.kind = 'plan' and exists (
      select from public.subscriptions s
      where s.user_id = of_user and s.stripe_subscription_id is not null
        and s.status in ('trialing', 'active', 'past_due', 'unpaid', 'paused')
    ) then
      return private.checkout_refusal('has_plan', 'You have a plan already. Change it, or its card, on Stripe''s page.');
    end if;
    if price.kind = 'topup' and not exists (
      select from public.subscriptions s
      where s.user_id = of_user and s.status in ('trialing', 'active') and (s.ends_at is null or s.ends_at > private.clock())
    ) then
      return private.checkout_refusal('no_plan', 'Top-ups add to a plan. Choose a plan first.');
    end if;
    -- One of this intent that is too old to go on with makes room.
    update public.checkouts set status = 'expired'
    where user_id = of_user and intent = with_intent and lookup_key = of_lookup_key and status in ('opening', 'open');
    insert into public.checkouts (user_id, intent, lookup_key, created_at)
    values (of_user, with_intent, of_lookup_key, private.clock()) returning * into checkout;
  end if;
  return jsonb_build_object(
    'checkout_id', checkout.id, 'status', checkout.status, 'url', checkout.url, 'session_id', checkout.stripe_session_id,
    'lookup_key', checkout.lookup_key, 'kind', price.kind, 'customer', private.customer_of(of_user),
    'email', (select email from auth.users where id = of_user));
end $$;
grant execute on function private.begin_checkout(uuid, text, text) to service_role;

-- Remember the session that Stripe opened for a checkout; the address to pay at.
create function private.open_checkout(checkout uuid, session text, address text) returns text
language plpgsql security definer set search_path = '' as $$
begin
  update public.checkouts set status = 'open', stripe_session_id = session, url = address where id = checkout and status = 'opening';
  return (select url from public.checkouts where id = checkout);
end $$;
grant execute on function private.open_checkout(uuid, text, text) to service_role;

-- How a checkout stands, as Stripe said when asked. It only goes on, never back, so that an answer
-- that was overtaken changes nothing. True if there is such a checkout.
create function private.put_checkout(checkout uuid, session text, to_status text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  course text[] := array['opening', 'open', 'processing', 'expired', 'failed', 'complete'];
begin
  update public.checkouts c
  set status = case when array_position(course, to_status) > array_position(course, c.status) then to_status else c.status end,
      stripe_session_id = coalesce(c.stripe_session_id, session)
  where c.id = checkout or c.stripe_session_id = session;
  return found;
end $$;
grant execute on function private.put_checkout(uuid, text, text) to service_role;

-- How long a buyer who is back waits for Stripe to tell us, before we ask Stripe; and between two
-- such questions.
create function private.checkout_patience() returns interval language sql immutable set search_path = '' as
$$ select interval '60 seconds' $$;

-- A buyer is back from Stripe: {"status", "kind", "label", "credits_half", "waited_seconds",
-- "look"}. `look` is true for one caller, once the patience is over, and again after as long. Null
-- if the user has no such checkout.
create function private.see_checkout(of_user uuid, session text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  checkout public.checkouts;
  price public.prices;
  look boolean;
begin
  select * into checkout from public.checkouts where user_id = of_user and stripe_session_id = session for update;
  if not found then
    return null;
  end if;
  select * into strict price from public.prices where lookup_key = checkout.lookup_key;
  look := checkout.status in ('open', 'processing')
          and greatest(checkout.returned_at, checkout.looked_at) <= moment - private.checkout_patience();
  if look or checkout.returned_at is null then
    update public.checkouts
    set returned_at = coalesce(returned_at, moment), looked_at = case when look then moment else looked_at end
    where id = checkout.id;
  end if;
  return jsonb_build_object(
    'status', checkout.status, 'kind', price.kind, 'label', price.label, 'credits_half', price.credits_half,
    'waited_seconds', extract(epoch from moment - coalesce(checkout.returned_at, moment)), 'look', coalesce(look, false));
end $$;
grant execute on function private.see_checkout(uuid, text) to service_role;

-- What was paid, by Stripe's payment intents: whose it is, and what it was worth. Refunds and
-- disputes name nothing else.
create table public.payments (
  payment_intent text primary key check (length(payment_intent) between 3 and 255),
  user_id uuid not null references public.profiles (id) on delete restrict,
  -- The invoice or the checkout session it paid for.
  source text not null,
  cents bigint not null check (cents > 0),
  -- What all payments of the source came to, and what the source was worth.
  source_cents bigint not null check (source_cents >= cents),
  granted_half bigint not null check (granted_half >= 0),
  ledger_references text[] not null,
  created_at timestamptz not null
);
alter table public.payments enable row level security;
create index payments_user on public.payments (user_id, created_at desc);
grant select on public.payments to authenticated, service_role, myjoe_admin;
create policy "Payments can be read by who paid" on public.payments for select to authenticated using ((select auth.uid()) = user_id);
create policy "Payments can be read by admins" on public.payments for select to myjoe_admin using (true);

-- Book what an invoice or a checkout session brought: `paid` lists {"payment_intent", "cents"},
-- `bought` lists {"kind", "reference", "credits_half", "why"}. What was booked before stays as it
-- is. Returns how many rows of the ledger are new.
create function private.book_payment(of_user uuid, of_source text, paid jsonb, bought jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  fresh integer;
begin
  -- The account is locked first, as everywhere.
  perform from public.credit_accounts where user_id = of_user for update;
  insert into public.credit_ledger (user_id, kind, amount_half, reference, reason, created_at)
  select of_user, b.kind, b.credits_half, b.reference, b.why, private.clock()
  from jsonb_to_recordset(bought) as b (kind text, reference text, credits_half bigint, why text)
  order by b.reference on conflict (reference) do nothing;
  get diagnostics fresh = row_count;
  if exists (
    select from jsonb_to_recordset(bought) as b (reference text)
    join public.credit_ledger l on l.reference = b.reference where l.user_id <> of_user
  ) then
    raise unique_violation using message = format('%s was booked before, for another user', of_source);
  end if;
  insert into public.payments (payment_intent, user_id, source, cents, source_cents, granted_half, ledger_references, created_at)
  select p.payment_intent, of_user, of_source, p.cents, sum(p.cents) over (),
         (select coalesce(sum(b.credits_half), 0) from jsonb_to_recordset(bought) as b (credits_half bigint)),
         array(select b.reference from jsonb_to_recordset(bought) as b (reference text) order by 1), private.clock()
  from jsonb_to_recordset(paid) as p (payment_intent text, cents bigint) where p.cents > 0
  on conflict do nothing;
  return fresh;
end $$;
grant execute on function private.book_payment(uuid, text, jsonb, jsonb) to service_role;

create function private.is_payment(intent text) returns boolean language sql stable security definer set search_path = '' as
$$ select exists (select from public.payments where payment_intent = intent) $$;
grant execute on function private.is_payment(text) to service_role;
