-- What Stripe tells us. Events come more than once and out of order. Each is kept once. Credits are
-- keyed by the object that pays for them (`add_credits`), because two events can speak of the same
-- payment.

create table public.stripe_events (
  id text primary key check (id like 'evt\_%'),
  type text not null,
  api_version text,
  created_at timestamptz not null,
  payload jsonb not null,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  error text
);
alter table public.stripe_events enable row level security;
create index stripe_events_open on public.stripe_events (received_at) where processed_at is null;
grant select on public.stripe_events to service_role, myjoe_admin;
create policy "Stripe events can be read by admins" on public.stripe_events for select to myjoe_admin using (true);

-- Keep an event whose signature was checked. False if it is there already and was dealt with: then
-- there is nothing to do.
create function private.keep_stripe_event(event_id text, event_type text, event_api_version text, made_at timestamptz, content jsonb)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  insert into public.stripe_events (id, type, api_version, created_at, payload, received_at)
  values (event_id, event_type, event_api_version, made_at, content, private.clock()) on conflict do nothing;
  return exists (select from public.stripe_events where id = event_id and processed_at is null);
end $$;
grant execute on function private.keep_stripe_event(text, text, text, timestamptz, jsonb) to service_role;

-- Record how dealing with an event went. One that failed stays open.
create function private.finish_stripe_event(event_id text, failure text default null) returns void
language sql volatile security definer set search_path = '' as $$
  update public.stripe_events set processed_at = case when failure is null then private.clock() end, error = failure
  where id = event_id and processed_at is null
$$;
grant execute on function private.finish_stripe_event(text, text) to service_role;

-- Set a subscription to the state that an event of that time tells. An older event changes nothing,
-- and an ended subscription stays ended. True if the row is now as told.
create function private.put_subscription(of_user uuid, stripe_subscription text, stripe_customer text, to_plan text, to_status text,
                                         event_made_at timestamptz)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  insert into public.subscriptions as s (user_id, plan, status, stripe_customer_id, stripe_subscription_id, stripe_event_created_at,
                                         created_at)
  values (of_user, to_plan, to_status, stripe_customer, stripe_subscription, event_made_at, private.clock())
  on conflict (stripe_subscription_id) do update
    set plan = excluded.plan, status = excluded.status, stripe_customer_id = excluded.stripe_customer_id,
        stripe_event_created_at = excluded.stripe_event_created_at
    where s.user_id = excluded.user_id and s.stripe_event_created_at <= excluded.stripe_event_created_at
      and s.status not in ('canceled', 'incomplete_expired');
  return found;
end $$;
grant execute on function private.put_subscription(uuid, text, text, text, text, timestamptz) to service_role;
