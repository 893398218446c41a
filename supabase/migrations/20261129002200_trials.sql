-- Trials: ten pages for nothing, once a person, for who has confirmed their address and never had a
-- plan. A trial is a subscription of the plan Lite that nobody pays and that ends by itself. It is
-- no plan of its own: what a credit earns at worst is reckoned over all plans.

create table private.trials (
  user_id uuid primary key references public.profiles (id) on delete restrict,
  -- SHA-256 of the mail address without what does not change whose it is, so that a person who
  -- deletes their account does not begin anew.
  address_hash bytea not null unique check (length(address_hash) = 32),
  begun_at timestamptz not null
);
alter table private.trials enable row level security;
create index trials_begun on private.trials (begun_at);
grant select on private.trials to service_role, myjoe_admin;
create policy "Trials can be read by admins" on private.trials for select to myjoe_admin using (true);

-- What a trial is. Its pages cost us some cents and earn nothing, so their number is what a visitor
-- needs for a first small book, and all trials of a day together are bounded: more lets more people
-- try, and a robot burn more.
create function private.trial_credits_half() returns integer language sql immutable set search_path = '' as $$ select 20 $$;
create function private.trial_length() returns interval language sql immutable set search_path = '' as $$ select interval '14 days' $$;
create function private.trials_per_day_max() returns integer language sql immutable set search_path = '' as $$ select 200 $$;

-- Whose an address is, for counting: in small letters, without what stands between a plus and the
-- at, and for Gmail without dots, which it does not read.
create function private.address_hash(email text) returns bytea language sql immutable set search_path = '' as $$
  select sha256(convert_to(case when host in ('gmail.com', 'googlemail.com') then replace(name, '.', '') || '@gmail.com'
                                else name || '@' || host end, 'UTF8'))
  from (select split_part(regexp_replace(lower(email), '@[^@]*$', ''), '+', 1), substring(lower(email) from '[^@]*$')) as parts (name, host)
$$;

-- Whether a user may begin a trial: null, or why not as {"code", "message"}, with code one of
-- not_confirmed, had_one, has_plan, leaving, frozen, full.
create function private.refuse_trial(of_user uuid) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  person record;
begin
  select u.email, u.email_confirmed_at, p.deletion_at, c.frozen_at into person
  from public.profiles p join auth.users u on u.id = p.id and u.deleted_at is null join public.credit_accounts c on c.user_id = p.id
  where p.id = of_user;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  return case
    when person.email_confirmed_at is null or person.email is null
      then jsonb_build_object('code', 'not_confirmed', 'message', 'Confirm your address first: we have sent you a mail.')
    when exists (select from private.trials t where t.user_id = of_user or t.address_hash = private.address_hash(person.email))
      then jsonb_build_object('code', 'had_one', 'message', 'You have tried My Joe before. Choose a plan to go on.')
    when exists (select from public.subscriptions s where s.user_id = of_user and s.status not in ('incomplete', 'incomplete_expired'))
      then jsonb_build_object('code', 'has_plan', 'message', 'A trial is for who has had no plan yet.')
    when person.deletion_at is not null
      then jsonb_build_object('code', 'leaving', 'message', 'Your account is about to be deleted. Keep it first.')
    when person.frozen_at is not null
      then jsonb_build_object('code', 'frozen', 'message', 'Nothing can be ordered on this account at present.')
    when (select count(*) from private.trials t where t.begun_at > private.clock() - interval '24 hours') >= private.trials_per_day_max()
      then jsonb_build_object('code', 'full', 'message', 'Very many people try My Joe today. Come back tomorrow, please, or choose a plan.')
    end;
end $$;

-- Begin a user's trial: {"accepted": true, "ends_at", "credits_half"}, or {"accepted": false,
-- "code", "message"}. Asked twice, it is one trial.
create function private.begin_trial(of_user uuid) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  ends timestamptz := moment + private.trial_length();
  refused jsonb;
  running timestamptz;
begin
  -- All that begin one wait here, for what is counted is the number of all.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe trials', 0));
  perform from public.credit_accounts where user_id = of_user for update;
  -- The second click of two.
  select s.ends_at into running from private.trials t
  join public.subscriptions s on s.user_id = t.user_id and s.status = 'trialing' and s.stripe_subscription_id is null and s.ends_at > moment
  where t.user_id = of_user;
  if found then
    return jsonb_build_object('accepted', true, 'ends_at', running, 'credits_half', private.trial_credits_half());
  end if;
  refused := private.refuse_trial(of_user);
  if refused is not null then
    return refused || jsonb_build_object('accepted', false);
  end if;
  insert into private.trials (user_id, address_hash, begun_at)
  select of_user, private.address_hash(u.email), moment from auth.users u where u.id = of_user;
  insert into public.subscriptions (user_id, plan, status, ends_at, created_at) values (of_user, 'lite', 'trialing', ends, moment);
  perform private.add_credits(of_user, 'grant', private.trial_credits_half(), 'grant:trial:' || of_user, 'ten pages to try');
  return jsonb_build_object('accepted', true, 'ends_at', ends, 'credits_half', private.trial_credits_half());
end $$;
grant execute on function private.begin_trial(uuid) to service_role;

-- What there is to know of a user at each request, and now whether a trial is worth offering: what
-- refuse_trial asks of others than the user alone is asked when they take it.
create or replace function private.standing(of_user uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'user_id', p.id, 'email', u.email, 'confirmed', u.email_confirmed_at is not null, 'name', p.display_name,
    'admin', exists (select from public.admins a where a.user_id = p.id),
    'plan', s.plan, 'plan_label', s.label, 'plan_status', s.status, 'plan_ends_at', s.ends_at,
    'pages_per_run_max', s.pages_per_run_max, 'operations', s.operations,
    'past_due', exists (select from public.subscriptions d where d.user_id = p.id and d.status in ('past_due', 'unpaid')),
    'trial_offered', s.plan is null and u.email_confirmed_at is not null and p.deletion_at is null and c.frozen_at is null
                     and not exists (select from private.trials t where t.user_id = p.id)
                     and not exists (select from public.subscriptions d
                                     where d.user_id = p.id and d.status not in ('incomplete', 'incomplete_expired')),
    'balance_half', c.balance_half, 'owed_half', c.owed_half, 'frozen', c.frozen_reason,
    'deletion_at', p.deletion_at
  )
  from public.profiles p
  join auth.users u on u.id = p.id and u.deleted_at is null and (u.banned_until is null or u.banned_until < private.clock())
  join public.credit_accounts c on c.user_id = p.id
  left join lateral (
    select s.plan, l.label, s.status, s.ends_at, l.pages_per_run_max,
           (select jsonb_agg(o.operation order by o.operation) from public.plan_operations o where o.plan = s.plan) as operations
    from public.subscriptions s join public.plans l on l.code = s.plan
    where s.user_id = p.id and s.status in ('trialing', 'active') and (s.ends_at is null or s.ends_at > private.clock())
  ) as s on true
  where p.id = of_user
$$;
