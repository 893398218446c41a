-- The sum of the migrations, as pg_dump 18 tells it. `make schema` writes it. To be read, not run.
CREATE SCHEMA private;

CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE FUNCTION private.add_credits(to_user uuid, credit_kind text, half_credits bigint, credit_reference text, why text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.address_hash(email text) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $_$
  select sha256(convert_to(case when host in ('gmail.com', 'googlemail.com') then replace(name, '.', '') || '@gmail.com'
                                else name || '@' || host end, 'UTF8'))
  from (select split_part(regexp_replace(lower(email), '@[^@]*$', ''), '+', 1), substring(lower(email) from '[^@]*$')) as parts (name, host)
$_$;

CREATE FUNCTION private.admin_adjust_credits(of_user uuid, half_credits bigint, reason text, request text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  earlier public.credit_ledger;
begin
  insert into public.credit_ledger (user_id, kind, amount_half, reference, reason, created_at)
  values (of_user, 'adjustment', half_credits, 'adjustment:' || request, reason, private.clock()) on conflict (reference) do nothing;
  if not found then
    select * into earlier from public.credit_ledger where reference = 'adjustment:' || request;
    if (earlier.user_id, earlier.amount_half) is distinct from (of_user, half_credits) then
      raise unique_violation using message = format('request %s was booked before, for another user or amount', request);
    end if;
    return false;
  end if;
  perform private.note_action('adjust_credits', of_user::text, reason, jsonb_build_object('amount_half', half_credits, 'request', request));
  return true;
end $$;

CREATE FUNCTION private.admin_appoint(email_address text, appointed boolean, reason text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.admin_find_users(part text, count_max integer DEFAULT 20) RETURNS TABLE(user_id uuid, email text, created_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select u.id, u.email::text, u.created_at from auth.users u
  where length(part) >= 3 and position(lower(part) in lower(u.email)) > 0
  order by u.created_at desc, u.id limit least(count_max, 100)
$$;

CREATE FUNCTION private.admin_forgive(of_user uuid, reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.admin_learn_price(stripe_price text, of_lookup_key text, half_credits integer, reason text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.stripe_prices (stripe_price_id, lookup_key, credits_half, learned_at)
  values (stripe_price, of_lookup_key, half_credits, private.clock());
  perform private.note_action('learn_price', stripe_price, reason,
                              jsonb_build_object('lookup_key', of_lookup_key, 'credits_half', half_credits));
end $$;

CREATE FUNCTION private.admin_look(at_user uuid, reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not exists (select from public.profiles where id = at_user) then
    raise invalid_parameter_value using message = format('there is no user %s', at_user);
  end if;
  perform private.note_action('look', at_user::text, reason, '{}');
  return jsonb_build_object(
    'user_id', at_user,
    'email', (select email from auth.users where id = at_user),
    'balance_half', (select balance_half from public.credit_accounts where user_id = at_user),
    'subscriptions', (select coalesce(jsonb_agg(jsonb_build_object('plan', plan, 'status', status) order by created_at), '[]')
                      from public.subscriptions where user_id = at_user),
    'jobs', (select coalesce(jsonb_object_agg(status, n), '{}')
             from (select status, count(*) as n from public.jobs where user_id = at_user group by status) as by_status),
    'dead', (select coalesce(jsonb_agg(job_id order by died_at desc), '[]')
             from public.dead_jobs where user_id = at_user and requeued_as is null),
    'cost_micro_usd', (select coalesce(sum(cost_micro_usd), 0) from public.cost_events where user_id = at_user)
  );
end $$;

CREATE FUNCTION private.admin_look_v2(at_user uuid, reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return private.admin_look(at_user, reason) || jsonb_build_object(
    'standing', private.standing(at_user),
    'ledger', (select coalesce(jsonb_agg(to_jsonb(l)), '[]') from (
                 select c.kind, c.amount_half, c.reference, c.reason, c.run_id, c.created_at from public.credit_ledger c
                 where c.user_id = at_user order by c.id desc limit 50) as l),
    'runs', (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from (
               select r.id, coalesce(r.manifest ->> 'title', '') as title, r.page_count, r.credits_half, r.created_at,
                      (select jsonb_object_agg(s.status, s.jobs) from (
                         select j.status, count(*) as jobs from public.jobs j where j.run_id = r.id and j.type = 'page' group by 1) as s)
                        as pages
               from public.runs r where r.user_id = at_user order by r.created_at desc limit 20) as r),
    'dead_jobs', (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from (
                    select d.job_id, d.error_kind, d.last_error, d.died_at, j.payload ->> 'title' as title
                    from public.dead_jobs d join public.jobs j on j.id = d.job_id
                    where d.user_id = at_user and d.requeued_as is null order by d.died_at desc limit 20) as d)
  );
end $$;

CREATE FUNCTION private.admin_note_fetch(reason text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$ select private.note_action('fetch_events', 'stripe', reason, '{}') $$;

CREATE FUNCTION private.admin_release_worker(of_worker text, reason text, OUT jobs bigint, OUT silent_seconds double precision) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  ids uuid[];
  tokens bigint[];
begin
  select array_agg(h.id order by h.id), array_agg(h.lease_token order by h.id),
         extract(epoch from private.clock() - max(h.locked_at))::double precision
  into ids, tokens, silent_seconds
  from (select j.id, j.lease_token, j.locked_at from public.jobs j
        where j.status = 'in_progress' and split_part(j.locked_by, '#', 1) = of_worker order by j.id for update) as h;
  if ids is null then
    raise invalid_parameter_value using message = format('no worker %s holds a job', of_worker);
  end if;
  select count(*) into jobs from private.release_jobs(ids, tokens);
  perform private.note_action('release', of_worker, reason, jsonb_build_object('jobs', jobs, 'silent_seconds', silent_seconds));
end $$;

CREATE FUNCTION private.admin_requeue(dead_job uuid, reason text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  dead public.dead_jobs;
  old public.jobs;
  new_id uuid;
begin
  select * into dead from public.dead_jobs where job_id = dead_job for update;
  if not found then
    raise invalid_parameter_value using message = format('there is no dead job %s', dead_job);
  end if;
  if dead.requeued_as is not null then
    raise invalid_parameter_value using message = format('job %s was requeued before, as %s', dead_job, dead.requeued_as);
  end if;
  select * into old from public.jobs where id = dead_job;
  -- The account is locked first, as the governor does.
  perform from public.credit_accounts where user_id = old.user_id for update;
  new_id := (private.enqueue_jobs(old.user_id, old.run_id, old.type, jsonb_build_array(jsonb_build_object(
    'payload', old.payload, 'operations', old.operations, 'credits_half', old.credits_half,
    'cogs_max_micro_usd', old.cogs_max_micro_usd, 'max_attempts', old.max_attempts)), old.priority))[1];
  if old.credits_half > 0 then
    insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, job_id, reason, created_at)
    values (old.user_id, 'burn', -old.credits_half, 'burn:' || new_id, old.run_id, new_id, reason, private.clock());
  end if;
  update public.dead_jobs set requeued_as = new_id where job_id = dead_job;
  perform private.note_action('requeue', dead_job::text, reason, jsonb_build_object('requeued_as', new_id));
  return new_id;
end $$;

CREATE FUNCTION private.admin_switch(of_operation text, off boolean, fallback boolean, reason text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.operations set switched_off = off, uses_fallback = fallback, switch_reason = reason, switched_at = private.clock()
  where code = of_operation;
  if not found then
    raise invalid_parameter_value using message = format('there is no operation %s', of_operation);
  end if;
  perform private.note_action('switch', of_operation, reason, jsonb_build_object('off', off, 'fallback', fallback));
end $$;

CREATE FUNCTION private.admin_take_up_event(event text, reason text, only_close boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.stripe_events
  set parked_at = null, parked_reason = null, tries = 0, tried_at = null, processed_at = case when only_close then private.clock() end
  where id = event and processed_at is null;
  if not found then
    raise invalid_parameter_value using message = format('there is no open event %s', event);
  end if;
  perform private.note_action(case when only_close then 'close_event' else 'take_up_event' end, event, reason, '{}');
end $$;

CREATE FUNCTION private.admin_unfreeze(of_user uuid, reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  was text;
begin
  select frozen_reason into was from public.credit_accounts where user_id = of_user and frozen_at is not null for update;
  if not found then
    return false;
  end if;
  update public.credit_accounts set frozen_at = null, frozen_reason = null, updated_at = private.clock() where user_id = of_user;
  perform private.note_action('unfreeze', of_user::text, reason, jsonb_build_object('was', was));
  return true;
end $$;

CREATE FUNCTION private.admin_users(part text DEFAULT NULL::text, count_max integer DEFAULT 20) RETURNS TABLE(user_id uuid, email text, created_at timestamp with time zone, plan text, balance_half bigint, owed_half bigint, frozen_reason text, runs bigint, unfinished bigint, dead bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select u.id, u.email::text, u.created_at,
         (select s.plan from public.subscriptions s where s.user_id = u.id and s.status in ('trialing', 'active') limit 1),
         coalesce(a.balance_half, 0), coalesce(a.owed_half, 0), case when a.frozen_at is not null then a.frozen_reason end,
         (select count(*) from public.runs r where r.user_id = u.id),
         (select count(*) from public.jobs j where j.user_id = u.id and j.status in ('pending', 'in_progress')),
         (select count(*) from public.dead_jobs d where d.user_id = u.id and d.requeued_as is null)
  from auth.users u left join public.credit_accounts a on a.user_id = u.id
  where part is null or position(lower(part) in lower(u.email)) > 0 or starts_with(u.id::text, lower(part))
  order by u.created_at desc, u.id limit least(count_max, 1000)
$$;

CREATE FUNCTION private.backoff(attempt integer) RETURNS interval
    LANGUAGE sql
    SET search_path TO ''
    AS $$ select make_interval(secs => (array[60, 300, 1800])[least(greatest(attempt, 1), 3)] * (0.8 + 0.4 * random())) $$;

CREATE FUNCTION private.begin_checkout(of_user uuid, with_intent text, of_lookup_key text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.begin_draft(of_user uuid, form_key text, wanted jsonb, in_project uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment timestamptz := private.clock();
  draft uuid;
  answer jsonb;
  earlier integer;
  oldest timestamptz;
begin
  -- One draft of a user at a time, so that none is counted twice or not at all.
  perform from public.credit_accounts where user_id = of_user for update;
  select d.id into draft from public.drafts d where d.user_id = of_user and d.key = form_key;
  if found then
    return jsonb_build_object('accepted', true, 'draft_id', draft);
  end if;
  answer := private.decide_pages(of_user, jsonb_build_object('pages', (
    select jsonb_agg(jsonb_build_object('operations', wanted -> 'operations')) from generate_series(1, (wanted ->> 'pages')::integer)
  )), true);
  if not (answer ->> 'accepted')::boolean and answer ->> 'code' <> 'insufficient_credits' and not answer ? 'opens_at' then
    return answer;
  end if;
  select count(*), min(d.created_at) into earlier, oldest
  from public.drafts d where d.user_id = of_user and d.created_at > moment - interval '24 hours';
  if earlier >= private.drafts_per_day_max() then
    return private.refusal('limit_reached', format('You have had %s books planned in 24 hours, which is the most.', earlier), null,
                           oldest + interval '24 hours');
  end if;
  insert into public.drafts (user_id, project_id, key, request, created_at, updated_at)
  values (of_user, private.project_for(of_user, in_project), form_key, wanted, moment, moment) returning id into draft;
  return jsonb_build_object('accepted', true, 'draft_id', draft);
end $$;

CREATE FUNCTION private.begin_pause(of_what text, of_kind text, words text, after_seconds double precision, OUT began boolean, OUT seconds double precision) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment timestamptz := private.clock();
  pause_until timestamptz;
begin
  insert into private.pauses as p (what, kind, reason, began_at, until)
  values (of_what, of_kind, words, moment, moment + private.pause_of_others(after_seconds, 0))
  on conflict (what) do update set
    kind = excluded.kind, reason = excluded.reason,
    times = case when p.until <= moment then p.times + 1 else p.times end,
    until = case when p.until <= moment then moment + private.pause_of_others(after_seconds, p.times + 1)
                 else greatest(p.until, moment + private.pause_of_others(after_seconds, p.times)) end
  returning p.until, p.xmax = 0 into pause_until, began;  -- a row that was there has an older version
  seconds := extract(epoch from pause_until - moment);
end $$;

CREATE FUNCTION private.begin_stripe_reading() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$ select nextval('private.stripe_readings') $$;

CREATE FUNCTION private.begin_trial(of_user uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.begin_trouble(of_provider text, of_kind text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into private.troubles_told (provider, kind, began_at) values (left(of_provider, 60), left(of_kind, 60), private.clock())
  on conflict do nothing;
  return found;
end $$;

CREATE FUNCTION private.bindings_per_day_max() RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select 60 $$;

CREATE FUNCTION private.book_payment(of_user uuid, of_source text, paid jsonb, bought jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
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

CREATE FUNCTION private.cancel_deletion(of_user uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  waiting uuid[];
begin
  perform from public.credit_accounts where user_id = of_user for update;
  select array_agg(j.id) into waiting
  from (select id from public.jobs where user_id = of_user and type = 'erase' and status = 'pending' and attempts = 0
        order by id for update) as j;
  if waiting is null then
    return false;
  end if;
  perform private.end_jobs(waiting, 'cancelled', null, 'cancelled');
  update public.profiles set deletion_requested_at = null, deletion_at = null where id = of_user;
  return true;
end $$;

CREATE FUNCTION private.cancel_jobs(of_user uuid, in_run uuid, only_job uuid DEFAULT NULL::uuid, OUT cancelled integer, OUT requested integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  waiting uuid[];
  running uuid[];
begin
  select array_agg(j.id) filter (where j.status = 'pending'),
         array_agg(j.id) filter (where j.status = 'in_progress' and j.cancel_requested_at is null)
  into waiting, running
  from (select id, status, cancel_requested_at from public.jobs
        where user_id = of_user and run_id = in_run and (only_job is null or id = only_job) and status in ('pending', 'in_progress')
        order by id for update) as j;
  perform private.end_jobs(waiting, 'cancelled', null, 'cancelled');
  with asked as (
    update public.jobs set cancel_requested_at = private.clock(), updated_at = private.clock() where id = any (running)
    returning id, lease_token, attempts
  )
  insert into public.job_events (job_id, event, lease_token, attempt, at)
  select id, 'cancel_requested', lease_token, attempts, private.clock() from asked;
  if cardinality(running) > 0 then
    perform pg_catalog.pg_notify('myjoe_cancel', in_run::text);
  end if;
  cancelled := coalesce(cardinality(waiting), 0);
  requested := coalesce(cardinality(running), 0);
end $$;

CREATE FUNCTION private.cancel_requested(job_ids uuid[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$ select j.id from public.jobs j where j.id = any (job_ids) and j.cancel_requested_at is not null $$;

CREATE FUNCTION private.checkout_age_max() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select interval '23 hours' $$;

CREATE FUNCTION private.checkout_patience() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select interval '60 seconds' $$;

CREATE FUNCTION private.checkout_refusal(code text, message text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select jsonb_build_object('refused', code, 'message', message) $$;

CREATE FUNCTION private.claim_jobs(worker text, jobs_max integer DEFAULT 1, lease_seconds double precision DEFAULT 300, per_user_max integer DEFAULT NULL::integer) RETURNS TABLE(id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer, max_attempts integer, cogs_max_micro_usd bigint, lease_until timestamp with time zone, "position" bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  -- The pause between full scans, in µs, while they find nothing. Longer spares the claim that
  -- comes right then a full scan; shorter finds sooner what goes wrong while claims by messages,
  -- which do not know of the pause, empty the queue. A guess.
  pause_us constant bigint := 10000000;
  moment timestamptz := private.clock();
  scan_from bigint := coalesce(pg_catalog.pg_sequence_last_value('private.queue_cursor'::regclass), 0);
  epoch bigint := coalesce(pg_catalog.pg_sequence_last_value('private.server_epoch'::regclass), private.current_epoch());
  began_us bigint := private.machine_us();
  scan_due bigint := coalesce(pg_catalog.pg_sequence_last_value('private.full_scan_due'::regclass), 0);
  scan_us bigint;
  full_scan boolean := began_us >= scan_due;
  found_any boolean := false;
  last_position bigint;
  picked uuid[];
  next_position bigint;
begin
  if worker is null or jobs_max < 1 or lease_seconds <= 0 or per_user_max < 1 then
    raise invalid_parameter_value using message = 'a claim needs a worker, at least one job and a lease, and a cap, if any, of one or more';
  end if;
  perform pg_catalog.set_config('synchronous_commit', 'off', true);
  if per_user_max is not null then
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: capped claims', 0));
  end if;
  loop
    if full_scan then
      if exists (select from public.jobs j where j.status = 'in_progress' and j.lease_until <= moment) then
        perform private.reclaim_jobs();
      end if;
      if exists (select from public.jobs j where j.status = 'pending' and j.position is null and j.scheduled_at <= moment) then
        perform private.enqueue_due(100);
      end if;
      scan_from := 0;
    end if;
    if per_user_max is not null then
      select p.ids, p.next_position into picked, next_position from private.pick_jobs(jobs_max, per_user_max, scan_from) p;
    end if;
    for id, lease_token, type, payload, operations, user_id, run_id, attempts, max_attempts, cogs_max_micro_usd, lease_until, position in
      with taken as (
        update public.jobs j set status = 'in_progress', locked_by = worker, locked_at = moment,
          lease_until = moment + make_interval(secs => lease_seconds), attempts = j.attempts + 1,
          lease_token = greatest(j.lease_token + 1, epoch), started_at = coalesce(j.started_at, moment), updated_at = moment
        where j.id = any (case when per_user_max is null then array(
          select l.id from public.jobs l where l.status = 'pending' and l.position is not null and l.position >= scan_from
          order by l.position limit jobs_max for update skip locked
        ) else picked end)
        returning j.*
      ), logged as (
        insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
        select t.id, 'claimed', t.lease_token, t.attempts, worker, moment from taken t
      )
      select t.id, t.lease_token, t.type, t.payload, t.operations, t.user_id, t.run_id, t.attempts, t.max_attempts, t.cogs_max_micro_usd,
             t.lease_until, t.position from taken t
    loop
      found_any := true;
      last_position := greatest(last_position, position);
      return next;
    end loop;
    if full_scan then
      scan_us := greatest(private.machine_us() - began_us, 0);
      perform pg_catalog.setval('private.full_scan_us', scan_us);
      -- The next comes after nineteen times as long as this took: full scans take a twentieth of
      -- the time, whatever they cost.
      perform pg_catalog.setval('private.full_scan_due', began_us + greatest(20 * scan_us, case when found_any then 0 else pause_us end));
    end if;
    exit when found_any or full_scan;
    full_scan := true;
  end loop;
  if found_any then
    perform pg_catalog.setval('private.queue_cursor', least(last_position, next_position));
    if private.virtual_time_of(last_position) > coalesce(pg_catalog.pg_sequence_last_value('private.virtual_time'::regclass), 0) then
      perform pg_catalog.setval('private.virtual_time', private.virtual_time_of(last_position));
    end if;
    if not full_scan then  -- the pause is over
      scan_us := coalesce(pg_catalog.pg_sequence_last_value('private.full_scan_us'::regclass), 0);
      if scan_due > began_us + 20 * scan_us then
        perform pg_catalog.setval('private.full_scan_due', began_us + 20 * scan_us);
      end if;
    end if;
  end if;
end $$;

CREATE FUNCTION private.claim_messages(worker text, jobs_max integer DEFAULT 1, lease_seconds double precision DEFAULT 300, per_user_max integer DEFAULT NULL::integer) RETURNS TABLE(id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer, max_attempts integer, cogs_max_micro_usd bigint, lease_until timestamp with time zone, "position" bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $_$
#variable_conflict use_column
declare
  -- Messages to send beyond what is asked for. More are cheaper, since they are sent at once; fewer
  -- keep a more urgent job waiting for a shorter time.
  ahead constant integer := 12;
  moment timestamptz := private.clock();
  epoch bigint := private.current_epoch();
  began_us bigint := private.machine_us();
  full_scan boolean := began_us >= (select last_value from private.full_scan_due);
  room integer := jobs_max;  -- how many more jobs to claim
  healed boolean := false;
  waiting integer;
  last_position bigint;
  running uuid[];
  told record;
  read_ids bigint[];     -- messages that were read,
  read_jobs uuid[];      -- and whose they are
  spent bigint[];        -- those that are used up
  strange bigint[];      -- those that are not ours
  mine uuid[];           -- jobs to lease
  back uuid[];           -- jobs that a cap sends back to the queue
begin
  if worker is null or jobs_max < 1 or lease_seconds <= 0 or per_user_max < 1 then
    raise invalid_parameter_value using message = 'a claim needs a worker, at least one job and a lease, and a cap, if any, of one or more';
  end if;
  perform pg_catalog.set_config('synchronous_commit', 'off', true);
  if per_user_max is not null then
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: capped claims', 0));
  end if;
  loop
    if full_scan then
      if exists (select from public.jobs j where j.status = 'in_progress' and j.lease_until <= moment) then
        perform private.reclaim_jobs();
      end if;
      if exists (select from public.jobs j where j.status = 'pending' and j.position is null and j.scheduled_at <= moment) then
        perform private.enqueue_due(100);
      end if;
    end if;
    waiting := (select count(*) from (
      select from public.jobs j where j.status = 'pending' and j.message_id is not null limit room) as few);
    if waiting < room then
      perform private.send_jobs(room - waiting + case when per_user_max is null then ahead else 0 end, per_user_max,
                                case when full_scan then 0 else (select last_value from private.queue_cursor) end);
    end if;

    -- Until this commits, nobody else sees what is read here. A message is left if somebody else
    -- holds its job just now, and is seen again a second later.
    select array_agg(m.msg_id) filter (where m.job_id is not null), array_agg(m.job_id) filter (where m.job_id is not null),
           coalesce(array_agg(m.msg_id) filter (where m.job_id is null), '{}')
    into read_ids, read_jobs, strange
    from (select r.msg_id, case when r.message ->> 'job_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                then (r.message ->> 'job_id')::uuid end as job_id
          from pgmq.read('myjoe_jobs', 1, room) r order by r.msg_id) as m;
    mine := array(select j.id from public.jobs j where j.id = any (read_jobs) and j.status = 'pending' and j.position is not null
                  for update skip locked);
    spent := array(select m.message from unnest(read_ids, read_jobs) as m (message, job)
                   where m.job = any (mine) or not exists (
                     select from public.jobs j where j.id = m.job and j.status = 'pending' and j.position is not null));
    if per_user_max is not null then
      running := array(select j.user_id from public.jobs j where j.status = 'in_progress' and j.lease_until > moment);
      back := '{}';
      for told in select j.id, j.user_id from public.jobs j where j.id = any (mine) order by j.position loop
        if coalesce(cardinality(array_positions(running, told.user_id)), 0) < per_user_max then
          running := running || told.user_id;
        else
          back := back || told.id;
        end if;
      end loop;
      mine := array(select u.id from unnest(mine) as u (id) where u.id <> all (back));
      if cardinality(back) > 0 then
        update public.jobs j set message_id = null where j.id = any (back);
        perform pg_catalog.setval('private.queue_cursor', least((select last_value from private.queue_cursor),
                                                             (select min(j.position) from public.jobs j where j.id = any (back))));
      end if;
    end if;
    for id, lease_token, type, payload, operations, user_id, run_id, attempts, max_attempts, cogs_max_micro_usd, lease_until, position in
      with taken as (
        update public.jobs j set status = 'in_progress', locked_by = worker, locked_at = moment,
          lease_until = moment + make_interval(secs => lease_seconds), attempts = j.attempts + 1,
          lease_token = greatest(j.lease_token + 1, epoch), started_at = coalesce(j.started_at, moment), updated_at = moment,
          message_id = null
        where j.id = any (mine)
        returning j.*
      ), logged as (
        insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
        select t.id, 'claimed', t.lease_token, t.attempts, worker, moment from taken t
      )
      select t.id, t.lease_token, t.type, t.payload, t.operations, t.user_id, t.run_id, t.attempts, t.max_attempts, t.cogs_max_micro_usd,
             t.lease_until, t.position from taken t
    loop
      room := room - 1;
      last_position := greatest(last_position, position);
      return next;
    end loop;
    -- A job whose message is used up has none, whatever has become of the job.
    update public.jobs j set message_id = null
    where j.id = any (array(select m.job from unnest(read_ids, read_jobs) as m (message, job) where m.message = any (spent)))
      and j.message_id is not null;
    if cardinality(spent) > 0 then
      perform pgmq.delete('myjoe_jobs', spent);
    end if;
    if cardinality(strange) > 0 then
      perform pgmq.archive('myjoe_jobs', strange);
    end if;

    if full_scan then
      perform pg_catalog.setval('private.full_scan_due', private.machine_us() + 19 * greatest(private.machine_us() - began_us, 0));
    end if;
    exit when room = 0;
    if cardinality(spent) + cardinality(strange) = 0 then
      exit when healed or room < jobs_max and not full_scan;
      -- If jobs are marked as sent all the same, their messages are gone, since somebody emptied
      -- the queue, or another claim is just reading them; a second message does not harm that.
      exit when full_scan and not exists (select from public.jobs j where j.status = 'pending' and j.message_id is not null);
      if full_scan then
        update public.jobs j set message_id = null where j.id = any (array(
          select l.id from public.jobs l where l.status = 'pending' and l.message_id is not null limit 1000 for update skip locked));
        healed := true;
      end if;
      full_scan := true;
    end if;
  end loop;
  if private.virtual_time_of(last_position) > (select last_value from private.virtual_time) then
    perform pg_catalog.setval('private.virtual_time', private.virtual_time_of(last_position));
  end if;
end $_$;

CREATE FUNCTION private.claim_once(claim text, by_messages boolean, jobs_max integer, lease_seconds double precision, per_user_max integer) RETURNS TABLE(id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer, max_attempts integer, cogs_max_micro_usd bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
begin
  perform private.hear(lease_seconds);
  -- The first one may still be running, with nobody left to read its answer.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: ' || claim, 0));
  return query
    select j.id, j.lease_token, j.type, j.payload, j.operations, j.user_id, j.run_id, j.attempts, j.max_attempts, j.cogs_max_micro_usd
    from public.jobs j where j.locked_by = claim and j.status = 'in_progress';
  if found then
    return;
  elsif by_messages then
    return query
      select c.id, c.lease_token, c.type, c.payload, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd
      from private.claim_messages(claim, jobs_max, lease_seconds, per_user_max) c;
  else
    return query
      select c.id, c.lease_token, c.type, c.payload, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd
      from private.claim_jobs(claim, jobs_max, lease_seconds, per_user_max) c;
  end if;
end $$;

CREATE FUNCTION private.clock() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$ select pg_catalog.now() $$;

CREATE FUNCTION private.complete_jobs(job_ids uuid[], tokens bigint[], results jsonb[] DEFAULT NULL::jsonb[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  moment timestamptz := private.clock();
  accepted uuid[];
begin
  with done as (
    update public.jobs j set status = 'completed', locked_by = null, locked_at = null, lease_until = null, completed_at = moment,
      updated_at = moment
    from (select * from unnest(job_ids, tokens, results) as u (id, token, result) order by u.id) as held
    where j.id = held.id and j.lease_token = held.token and j.lease_until is not null
    returning j.id, j.user_id, j.lease_token, j.attempts, held.result
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, at)
    select d.id, 'completed', d.lease_token, d.attempts, moment from done d
  ), kept as (
    insert into public.generations (job_id, user_id, provider, model, width_px, height_px, dpi, bit_depth, files, qc, created_at)
    select d.id, d.user_id, d.result ->> 'provider', d.result ->> 'model', (d.result ->> 'width_px')::integer,
           (d.result ->> 'height_px')::integer, (d.result ->> 'dpi')::integer, (d.result ->> 'bit_depth')::integer,
           coalesce(d.result -> 'files', '{}'), coalesce(d.result -> 'qc', '{}'), moment
    from done d where d.result is not null
  )
  select coalesce(array_agg(d.id), '{}') into accepted from done d;
  return query select unnest(accepted);
  if cardinality(accepted) < cardinality(job_ids) then
    -- A statement of its own, which sees what an earlier call did while this one waited for it.
    return query
      select j.id from public.jobs j join unnest(job_ids, tokens) as held (id, token) on j.id = held.id and j.lease_token = held.token
      where j.status = 'completed' and j.id <> all (accepted);
  end if;
end $$;

CREATE FUNCTION private.confirm_claims(job_ids uuid[], tokens bigint[]) RETURNS TABLE(id uuid, cancel boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
begin
  -- An empty log record. Without one, this commit would not wait for the commits before it.
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return query
    select j.id, j.cancel_requested_at is not null from public.jobs j
    join unnest(job_ids, tokens) as held (id, token) on j.id = held.id and j.lease_token = held.token
    where j.lease_until is not null;
end $$;

CREATE FUNCTION private.confirm_jobs(job_ids uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
begin
  -- As in confirm_claims: an empty log record, whose commit waits for all before it.
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return query select j.id from public.jobs j where j.id = any (job_ids);
end $$;

CREATE FUNCTION private.confirm_run(run uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return exists (select from public.runs r where r.id = run);
end $$;

CREATE FUNCTION private.count_intended(job_ids uuid[]) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
  with gone as (delete from private.intended_calls i where i.job_id = any (job_ids) returning i.*)
  insert into public.cost_events
    (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
  select g.job_id, j.user_id, g.operation, g.step, g.provider, g.model, g.key, 'estimated', g.cost_micro_usd, private.clock()
  from gone g join public.jobs j on j.id = g.job_id
  on conflict do nothing
$$;

CREATE FUNCTION private.credits(half bigint) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select trim(trailing '.' from trim(trailing '0' from (half / 2.0)::numeric(20, 1)::text)) $$;

CREATE FUNCTION private.current_epoch() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  -- Null if the sequence was wiped. Two callers who see that at once may take two numbers: both are
  -- new.
  return coalesce(pg_catalog.pg_sequence_last_value('private.server_epoch'::regclass),
                  pg_catalog.setval('private.server_epoch', private.machine_us()));
end $$;

CREATE FUNCTION private.customer_of(of_user uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$ select stripe_customer_id from public.billing_customers where user_id = of_user $$;

CREATE FUNCTION private.day(moment timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$ select trim(to_char(moment at time zone 'UTC', 'FMDD FMMonth YYYY')) $$;

CREATE FUNCTION private.decide_pages(of_user uuid, manifest jsonb, planned boolean) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    SET jit TO 'off'
    AS $$
declare
  unfair constant text := 'This cannot be made at a fair price now. You were not charged.';
  moment timestamptz := private.clock();
  balance bigint;
  plan public.plans;
  settings public.governor_settings;
  refused jsonb;
  pages integer;
  pages_today integer;
  opens timestamptz;
  credits bigint;
  worst bigint;
  earned numeric;
  o record;
begin
  select balance_half into balance from public.credit_accounts where user_id = of_user;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  refused := private.refuse_account(of_user);
  if refused is not null then
    return refused;
  end if;
  select p.* into plan from public.subscriptions s join public.plans p on p.code = s.plan
  where s.user_id = of_user and s.status in ('trialing', 'active') and (s.ends_at is null or s.ends_at > moment);
  if not found then
    return private.refusal('plan_forbids', case
      when exists (select from public.subscriptions s where s.user_id = of_user and s.status in ('past_due', 'unpaid'))
        then 'Your last payment failed, so there is no plan in force. Settle it, and you can order again.'
      when exists (select from public.subscriptions s where s.user_id = of_user and s.status = 'trialing' and s.ends_at <= moment)
        then 'Your trial is over, so there is no plan in force. Choose one to go on.'
      else 'There is no plan in force. Choose one to order pages.' end, null);
  end if;
  select * into strict settings from public.governor_settings;

  pages := (select count(*) from private.manifest_pages(manifest));
  for o in
    select c.*, op.label, op.switched_off, op.per_run, use.count,
           exists (select from public.plan_operations po where po.plan = plan.code and po.operation = c.operation) as in_plan
    from private.operation_costs(moment) c
    join public.operations op on op.code = c.operation
    join lateral (
      select case when op.per_run then planned::integer
                  else (select count(*) from private.manifest_pages(manifest) m where c.operation = any (m.operations)) end
    ) as use (count) on use.count > 0
    order by c.operation
  loop
    if not o.per_run and not o.in_plan then
      return private.refusal('plan_forbids', format('“%s” is not part of the plan %s.', o.label, plan.label), null);
    end if;
    if o.switched_off then
      return private.refusal('switched_off', format('“%s” is switched off just now. Please try again later.', o.label), null);
    end if;
    if o.unpriced is not null or o.worst_micro_usd is null then
      return private.refusal('cogs_ceiling', unfair, jsonb_build_object('operation', o.operation, 'no_price',
                                                                        coalesce(o.unpriced, 'it has no steps')));
    end if;
    if o.worst_micro_usd > o.max_micro_usd then
      return private.refusal('cogs_ceiling', unfair, jsonb_build_object('operation', o.operation, 'worst_micro_usd', o.worst_micro_usd,
                                                                        'max_micro_usd', o.max_micro_usd));
    end if;
    credits := coalesce(credits, 0) + o.count * o.credits_half;
    worst := coalesce(worst, 0) + o.count * o.worst_micro_usd;
  end loop;

  if pages > plan.pages_per_run_max then
    return private.refusal('limit_reached', format('A book on the plan %s has %s pages at most; this has %s.', plan.label,
                                                   plan.pages_per_run_max, pages), null);
  end if;
  select coalesce(sum(p.pages), 0) into pages_today from private.pages_ordered(of_user, moment - interval '24 hours') p;
  if pages_today + pages > plan.pages_per_day_max then
    -- When the earliest orders are a day old, and so many pages fit again.
    select min(s.at) + interval '24 hours' into opens
    from (select p.at, sum(p.pages) over (order by p.at) as gone from private.pages_ordered(of_user, moment - interval '24 hours') p) as s
    where pages_today - s.gone + pages <= plan.pages_per_day_max;
    return private.refusal('limit_reached', format('The plan %s allows %s pages in 24 hours; %s are used, and this has %s.',
                                                   plan.label, plan.pages_per_day_max, pages_today, pages), null, opens);
  end if;
  earned := private.revenue_per_half_micro_usd() * credits;
  if worst > earned * (1 - settings.margin_floor) then
    return private.refusal('margin_floor', unfair, jsonb_build_object('worst_micro_usd', worst, 'earned_micro_usd', floor(earned),
                                                                      'margin_floor', settings.margin_floor));
  end if;
  if balance < credits then
    return private.refusal('insufficient_credits', format('This needs %s credits, and you have %s.', private.credits(credits),
                                                          private.credits(balance)), null)
           || jsonb_build_object('credits_half', credits, 'missing_half', credits - balance);
  end if;
  return jsonb_build_object('accepted', true, 'page_count', pages, 'credits_half', credits, 'balance_half', balance - credits,
                            'cogs_worst_micro_usd', worst, 'priced_at', moment, 'plan', plan.code);
end $$;

CREATE FUNCTION private.decide_run(of_user uuid, in_project uuid, manifest jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  if not exists (select from public.credit_accounts where user_id = of_user) then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  if not exists (select from public.projects p where p.id = in_project and p.user_id = of_user) then
    raise invalid_parameter_value using message = format('user %s has no project %s', of_user, in_project);
  end if;
  return private.decide_pages(of_user, manifest, true);
end $$;

CREATE FUNCTION private.deletion_grace() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select interval '7 days' $$;

CREATE TABLE public.drafts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    project_id uuid,
    key text NOT NULL,
    request jsonb NOT NULL,
    state text DEFAULT 'planning'::text NOT NULL,
    planning_token bigint DEFAULT 0 NOT NULL,
    planning_until timestamp with time zone,
    failure text,
    title text DEFAULT ''::text NOT NULL,
    style text DEFAULT ''::text NOT NULL,
    pages jsonb DEFAULT '[]'::jsonb NOT NULL,
    revision integer DEFAULT 0 NOT NULL,
    run_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT drafts_check CHECK (((state = 'submitted'::text) = (run_id IS NOT NULL))),
    CONSTRAINT drafts_check1 CHECK (((planning_until IS NULL) OR (state = 'planning'::text))),
    CONSTRAINT drafts_failure_check CHECK ((length(failure) <= 1000)),
    CONSTRAINT drafts_key_check CHECK (((length(key) >= 8) AND (length(key) <= 200))),
    CONSTRAINT drafts_state_check CHECK ((state = ANY (ARRAY['planning'::text, 'planned'::text, 'failed'::text, 'refused'::text, 'submitted'::text]))),
    CONSTRAINT drafts_style_check CHECK ((length(style) <= 1000)),
    CONSTRAINT drafts_title_check CHECK ((length(title) <= 200))
);

CREATE FUNCTION private.draft_manifest(d public.drafts) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object('title', d.title, 'book', d.request, 'pages', (
    select jsonb_agg(jsonb_build_object('operations', d.request -> 'operations', 'style', d.style, 'audience', d.request -> 'audience',
             'paper', d.request -> 'paper', 'title', page -> 'title', 'prompt', page -> 'prompt') order by number)
    from jsonb_array_elements(d.pages) with ordinality as planned (page, number)
  ))
$$;

CREATE FUNCTION private.drafts_per_day_max() RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select 20 $$;

CREATE FUNCTION private.drop_drafts(of_job uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  dropped integer;
begin
  delete from private.kept_drafts where job_id = of_job;
  get diagnostics dropped = row_count;
  return dropped;
end $$;

CREATE FUNCTION private.edit_draft(of_user uuid, draft uuid, at_revision integer, new_title text, new_style text, new_pages jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  d public.drafts := private.lock_draft(of_user, draft);
begin
  if d.state <> 'planned' then
    return private.refuse_draft(d);
  end if;
  if (d.title, d.style, d.pages) is distinct from (new_title, new_style, new_pages) then
    if d.revision <> at_revision then
      return private.refusal('stale', 'This storyboard was changed in another window meanwhile. Here it is as it is now.', null);
    end if;
    if jsonb_array_length(new_pages) not between 1 and 1000 then
      return private.refusal('no_pages', 'A book has one page at least.', null);
    end if;
    update public.drafts set title = new_title, style = new_style, pages = new_pages, revision = revision + 1, updated_at = private.clock()
    where id = draft returning revision into d.revision;
  end if;
  return jsonb_build_object('accepted', true, 'revision', d.revision);
end $$;

CREATE FUNCTION private.end_jobs(job_ids uuid[], end_status text, error text, kind text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
  select private.count_intended(job_ids);
  with ended as (
    update public.jobs set status = end_status, last_error = coalesce(error, last_error), error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, completed_at = private.clock(), updated_at = private.clock()
    where id = any (job_ids) and completed_at is null
    returning *
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
    select id, end_status, lease_token, attempts, error, completed_at from ended
  ), buried as (
    insert into public.dead_jobs (job_id, user_id, error_kind, last_error, attempts, died_at)
    select id, user_id, error_kind, last_error, attempts, completed_at from ended where status = 'failed'
  ), dropped as (
    delete from private.kept_drafts where job_id = any (job_ids)
  )
  insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, job_id, created_at)
  select user_id, 'refund', credits_half, 'refund:' || id, run_id, id, completed_at from ended where credits_half > 0
$$;

CREATE FUNCTION private.end_pause(of_what text) RETURNS double precision
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  delete from private.pauses where what = of_what returning extract(epoch from private.clock() - began_at)::double precision
$$;

CREATE FUNCTION private.end_sessions(of_user uuid, only_hash bytea DEFAULT NULL::bytea, but_hash bytea DEFAULT NULL::bytea) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  ended integer;
begin
  delete from private.studio_sessions s
  where s.user_id = of_user and (only_hash is null or s.token_hash = only_hash) and (but_hash is null or s.token_hash <> but_hash);
  get diagnostics ended = row_count;
  -- Those that nobody will come back to.
  delete from private.studio_sessions s where s.seen_at < private.clock() - private.session_idle_max();
  return ended;
end $$;

CREATE FUNCTION private.end_trouble(of_provider text, of_kind text) RETURNS double precision
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  delete from private.troubles_told where provider = left(of_provider, 60) and kind = left(of_kind, 60)
  returning extract(epoch from private.clock() - began_at)::double precision
$$;

CREATE FUNCTION private.end_troubles_of_nobody() RETURNS TABLE(provider text, kind text, seconds double precision)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
  delete from private.troubles_told t where not exists (
    select from public.jobs j
    where j.status in ('pending', 'in_progress') and j.error_kind = t.kind and starts_with(j.last_error, t.provider || ': '))
  returning t.provider, t.kind, extract(epoch from private.clock() - t.began_at)::double precision
$$;

CREATE FUNCTION private.end_unknown_subscription(stripe_subscription text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.subscriptions set status = 'canceled', stripe_status = 'canceled' where stripe_subscription_id = stripe_subscription;
  return found;
end $$;

CREATE FUNCTION private.end_waiting(of_job uuid) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
begin
  update public.jobs j set scheduled_at = private.clock()
  where j.id = of_job and j.status = 'pending' and j.position is null and j.error_kind = 'lease' and j.scheduled_at > private.clock();
  if found then
    perform private.wake_workers();
  end if;
  return 0;
end $$;

CREATE FUNCTION private.enqueue_due(jobs_max integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  due uuid[];
  share record;
  first_position bigint;
begin
  due := array(select id from public.jobs where status = 'pending' and position is null and scheduled_at <= private.clock()
               order by scheduled_at limit jobs_max for update skip locked);
  for share in
    select user_id, priority, array_agg(id order by created_at, id) as ids from public.jobs where id = any (due)
    group by user_id, priority order by user_id, priority
  loop
    first_position := private.position_of(
      share.priority, private.take_virtual_times(share.user_id, share.priority, true, cardinality(share.ids)));
    update public.jobs j set position = first_position + numbered.number - 1
    from unnest(share.ids) with ordinality as numbered (id, number) where j.id = numbered.id;
  end loop;
end $$;

CREATE FUNCTION private.enqueue_jobs(for_user uuid, in_run uuid, job_type text, jobs jsonb, at_priority integer DEFAULT 100, not_before timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment timestamptz := private.clock();
  job_count integer := jsonb_array_length(jobs);
  first_position bigint;
  ids uuid[];
begin
  if job_count = 0 then
    return '{}';
  end if;
  if not_before is null or not_before <= moment then
    first_position := private.position_of(at_priority, private.take_virtual_times(for_user, at_priority, false, job_count));
  end if;
  with added as (
    insert into public.jobs (user_id, run_id, type, payload, operations, credits_half, cogs_max_micro_usd, max_attempts, priority,
                             scheduled_at, position, created_at, updated_at)
    select for_user, in_run, job_type, coalesce(job -> 'payload', '{}'),
           array(select jsonb_array_elements_text(coalesce(job -> 'operations', '[]'))),
           coalesce((job ->> 'credits_half')::integer, 0), (job ->> 'cogs_max_micro_usd')::bigint,
           coalesce((job ->> 'max_attempts')::integer, 3), at_priority, coalesce(not_before, moment), first_position + number - 1,
           moment, moment
    from jsonb_array_elements(jobs) with ordinality as given (job, number)
    returning id
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, at) select id, 'enqueued', 0, 0, moment from added
  )
  select array_agg(id) into ids from added;
  perform realtime.send(jsonb_build_object('run_id', in_run, 'status', 'pending', 'job_ids', ids), 'jobs', 'user:' || for_user, true);
  perform private.wake_workers();
  return ids;
end $$;

CREATE FUNCTION private.enter_session(hash bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  session private.studio_sessions;
  person jsonb;
begin
  select * into session from private.studio_sessions s
  where s.token_hash = hash and s.seen_at > private.clock() - private.session_idle_max()
    and s.created_at > private.clock() - private.session_age_max();
  if found then
    person := private.standing(session.user_id);
  end if;
  perform set_config('myjoe.person', coalesce(person::text, ''), true),
          set_config('request.jwt.claims', case when person is null then ''
                     else jsonb_build_object('sub', session.user_id, 'role', 'authenticated')::text end, true);
  -- Written once in a while, so that reading a page does not write a row.
  if person is not null and session.seen_at < private.clock() - interval '10 minutes' then
    update private.studio_sessions set seen_at = private.clock() where token_hash = hash;
  end if;
end $$;

CREATE FUNCTION private.environment() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$ select e.name from private.environment e $$;

CREATE FUNCTION private.erase_user(of_user uuid, job_id uuid, token bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  customer text;
  kept text;
begin
  perform from public.credit_accounts where user_id = of_user for update;
  perform from public.jobs j
  where j.id = job_id and j.lease_token = token and j.lease_until is not null and j.type = 'erase' and j.user_id = of_user
    and exists (select from public.profiles p where p.id = of_user and p.deletion_at <= private.clock()) for update;
  if not found then
    return jsonb_build_object('erased', false);
  end if;
  -- What they wrote, and what was drawn of it.
  update public.jobs j set payload = jsonb_strip_nulls(jsonb_build_object('page', j.payload -> 'page')), last_error = null
  where j.user_id = of_user and j.type <> 'erase';
  update public.dead_jobs d set last_error = null where d.user_id = of_user;
  update public.runs r set manifest = '{"erased": true}' where r.user_id = of_user;
  update public.generations g set files = '{}', qc = '{}' where g.user_id = of_user;
  delete from public.drafts d where d.user_id = of_user;
  delete from public.exports e where e.user_id = of_user;
  delete from public.projects p where p.user_id = of_user;
  -- What Stripe told us of them: that it happened stays, and who it was goes.
  select c.stripe_customer_id into customer from public.billing_customers c where c.user_id = of_user;
  update public.stripe_events e set payload = jsonb_build_object('id', e.id, 'erased', true)
  where e.payload #>> '{data,object,customer}' = customer or e.payload #>> '{data,object,id}' = customer;
  update public.checkouts c set url = null where c.user_id = of_user;
  delete from public.billing_customers c where c.user_id = of_user;
  -- Who they were. The row stays, as the ledger leads to it; it signs nobody in.
  perform private.end_sessions(of_user);
  foreach kept in array array['auth.one_time_tokens', 'auth.identities', 'auth.sessions'] loop
    if to_regclass(kept) is not null then
      execute format('delete from %s where user_id = $1', kept) using of_user;
    end if;
  end loop;
  update public.profiles set display_name = null where id = of_user;
  update auth.users set email = null, phone = null, encrypted_password = null, raw_user_meta_data = '{}', raw_app_meta_data = '{}',
    deleted_at = coalesce(deleted_at, private.clock()), updated_at = private.clock()
  where id = of_user;
  return jsonb_build_object('erased', true);
end $_$;

CREATE FUNCTION private.export_account(of_user uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select private.export_account_v1(of_user) || jsonb_build_object('exports', (
    select coalesce(jsonb_agg(jsonb_build_object('book', e.run_id, 'kind', e.kind, 'file', e.file, 'wanted', e.wanted, 'files', e.files,
                                                 'report', e.report, 'at', e.created_at) order by e.created_at), '[]')
    from public.exports e where e.user_id = of_user))
$$;

CREATE FUNCTION private.export_account_v1(of_user uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
begin
  return (
    select jsonb_build_object(
      'made_at', private.clock(),
      'account', jsonb_build_object('user_id', p.id, 'email', u.email, 'name', p.display_name, 'since', p.created_at,
                                    'deletion_at', p.deletion_at),
      'credits', jsonb_build_object('balance', c.balance_half / 2.0, 'owed', c.owed_half / 2.0),
      'trial_begun_at', (select t.begun_at from private.trials t where t.user_id = of_user),
      'plans', (
        select coalesce(jsonb_agg(jsonb_build_object('plan', s.plan, 'status', s.status, 'since', s.created_at, 'ends_at', s.ends_at)
                                  order by s.created_at), '[]')
        from public.subscriptions s where s.user_id = of_user),
      'payments', (
        select coalesce(jsonb_agg(jsonb_build_object('cents', m.cents, 'at', m.created_at, 'stripe', m.payment_intent)
                                  order by m.created_at), '[]')
        from public.payments m where m.user_id = of_user),
      'ledger', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'credits', l.amount_half / 2.0, 'reference', l.reference,
                                                     'reason', l.reason, 'at', l.created_at) order by l.id), '[]')
        from public.credit_ledger l where l.user_id = of_user),
      'projects', (
        select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'name', j.name, 'since', j.created_at) order by j.created_at), '[]')
        from public.projects j where j.user_id = of_user),
      'drafts', (
        select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'state', d.state, 'title', d.title, 'style', d.style,
                                                     'request', d.request, 'pages', d.pages, 'since', d.created_at)
                                  order by d.created_at), '[]')
        from public.drafts d where d.user_id = of_user),
      'books', (
        select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'project_id', r.project_id, 'manifest', r.manifest,
                                                     'credits', r.credits_half / 2.0, 'at', r.created_at) order by r.created_at), '[]')
        from public.runs r where r.user_id = of_user),
      'pages', (
        select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'book', j.run_id, 'page', j.payload -> 'page', 'status', j.status,
                                                     'credits', j.credits_half / 2.0, 'files', g.files, 'model', g.model,
                                                     'at', j.created_at) order by j.created_at, j.id), '[]')
        from public.jobs j left join public.generations g on g.job_id = j.id where j.user_id = of_user and j.type = 'page'),
      'exports', (
        select coalesce(jsonb_agg(jsonb_build_object('book', e.run_id, 'kind', e.kind, 'file', e.file, 'at', e.created_at)
                                  order by e.created_at), '[]')
        from public.exports e where e.user_id = of_user)
    )
    from public.profiles p join auth.users u on u.id = p.id join public.credit_accounts c on c.user_id = p.id where p.id = of_user
  );
end $$;

CREATE FUNCTION private.export_of(of_job uuid) RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
  with recursive line as (
    select of_job as id union select d.job_id from public.dead_jobs d join line on d.requeued_as = line.id
  )
  select e.id from public.exports e join line on e.job_id = line.id limit 1
$$;

CREATE FUNCTION private.fail_draft(draft uuid, token bigint, sentence text, for_good boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.drafts set state = case when for_good then 'refused' else 'failed' end, planning_until = null,
    failure = left(sentence, 1000), updated_at = private.clock()
  where id = draft and planning_token = token and state = 'planning';
  return found;
end $$;

CREATE FUNCTION private.fail_job(job_id uuid, token bigint, error text, kind text, for_good boolean DEFAULT false, retry_after_seconds double precision DEFAULT NULL::double precision) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  job public.jobs;
begin
  select * into job from public.jobs where id = job_id and lease_token = token and lease_until is not null for update;
  if not found then
    return 'lost';
  end if;
  if job.cancel_requested_at is not null then
    perform private.end_jobs(array[job.id], 'cancelled', error, 'cancelled');
    return 'cancelled';
  end if;
  if for_good or job.attempts >= job.max_attempts
     or (select sum(cost_micro_usd) from public.cost_events c where c.job_id = job.id) >= job.cogs_max_micro_usd then
    perform private.end_jobs(array[job.id], 'failed', error, kind);
    return 'failed';
  end if;
  -- A negative wait counts as none, and what is no number as not said. `greatest` alone would make
  -- none of a null, too. There is no floor: attempts are counted, and few.
  perform private.postpone_job(job.id, 'retried', private.clock() + case
    when retry_after_seconds is null or retry_after_seconds = 'NaN' then private.backoff(job.attempts)
    else make_interval(secs => least(greatest(retry_after_seconds, 0), 3600)) end, 0, error, kind);
  return 'retried';
end $$;

CREATE FUNCTION private.files_of_user(of_user uuid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return query
    select f.value from public.generations g, jsonb_each_text(g.files) as f where g.user_id = of_user
    union select e.file from public.exports e where e.user_id = of_user and e.file is not null
    union select f.value ->> 'key' from public.exports e, jsonb_each(e.files) as f where e.user_id = of_user
    union select format('%s/%s/drafts/%s.%s', of_user, j.id, s.step, suffix)
          from public.jobs j, (select distinct o.step from public.operation_steps o) as s, unnest(array['png', 'svg']) as suffix
          where j.user_id = of_user and j.type = 'page' and j.status <> 'completed' and j.attempts > 0
    union select o.name from storage.objects o where o.bucket_id = 'pages' and (storage.foldername(o.name))[1] = of_user::text;
end $$;

CREATE FUNCTION private.finish_binding(of_job uuid, token bigint, stored jsonb, told jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform from public.jobs where id = of_job and lease_token = token and lease_until is not null for update;
  if not found then
    return false;
  end if;
  update public.exports set
    files = stored, report = told, ready = (told ->> 'ready')::boolean, pages_done = page_count, finished_at = private.clock(),
    job_id = of_job,
    -- The file by which whoever knows of one alone knows it.
    file = (select f.value ->> 'key' from jsonb_each(stored) f order by f.key <> 'interior.pdf', f.key limit 1),
    bytes = (select sum((f.value ->> 'bytes')::bigint) from jsonb_each(stored) f)
  where id = private.export_of(of_job);
  return found;
end $$;

CREATE FUNCTION private.finish_draft(draft uuid, token bigint, plan jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.drafts set state = 'planned', planning_until = null, title = left(plan ->> 'title', 200),
    style = left(plan ->> 'style', 1000), pages = plan -> 'pages', revision = revision + 1, updated_at = private.clock()
  where id = draft and planning_token = token and state = 'planning';
  return found;
end $$;

CREATE FUNCTION private.finish_export(of_job uuid, token bigint, bound_file text, bound_bytes bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform from public.jobs where id = of_job and lease_token = token and lease_until is not null for update;
  if not found then
    return false;
  end if;
  update public.exports set file = bound_file, bytes = bound_bytes, finished_at = private.clock(), job_id = of_job
  where id = private.export_of(of_job);
  return found;
end $$;

CREATE FUNCTION private.finish_stripe_event(event_id text, failure text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  update public.stripe_events set processed_at = case when failure is null then private.clock() end, error = failure
  where id = event_id and processed_at is null
$$;

CREATE FUNCTION private.freeze_by_debt() RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select 'Credits of a refunded payment were spent already.'::text $$;

CREATE FUNCTION private.freeze_by_dispute() RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select 'A payment of yours is disputed at your bank.'::text $$;

CREATE FUNCTION private.guard_costs() RETURNS TABLE(operation text, level text, action text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
#variable_conflict use_column
declare
  seen record;
begin
  -- One guard at a time, or two would switch an operation to its fallback and at once off.
  perform from public.governor_settings for update;
  for seen in select * from private.cogs_drift d order by d.operation loop
    operation := seen.operation;
    level := seen.level;
    action := null;
    if seen.level = 'red' and not seen.switched_off then
      action := case when not seen.uses_fallback
                       and exists (select from public.operation_steps s where s.operation = seen.operation and s.fallback)
                     then 'fallback' else 'off' end;
      update public.operations o set
        uses_fallback = o.uses_fallback or action = 'fallback', switched_off = action = 'off', switched_at = private.clock(),
        switch_reason = format('guard: %s jobs cost %s micro-USD each, %s is the most', seen.jobs, seen.mean_micro_usd, seen.max_micro_usd)
      where o.code = seen.operation;
    end if;
    return next;
  end loop;
end $$;

CREATE FUNCTION private.hear(lease_seconds double precision) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  moment bigint := private.machine_us();
  silent_us bigint := moment - coalesce(pg_catalog.pg_sequence_last_value('private.heard'::regclass), 0);
  lease_us bigint := 1000000 * least(greatest(lease_seconds, 0), 1e6);
begin
  if silent_us > lease_us * 2 / 3 then
    perform pg_catalog.setval('private.heard_again', moment);
  end if;
  -- Last, for others see it at once, and shall see the other before.
  if silent_us > least(lease_us / 10, 1000000) then
    perform pg_catalog.setval('private.heard', moment);
  end if;
end $$;

CREATE FUNCTION private.heartbeat_jobs(job_ids uuid[], tokens bigint[], lease_seconds double precision DEFAULT 300) RETURNS TABLE(id uuid, lease_until timestamp with time zone, cancel boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
begin
  perform private.hear(lease_seconds);
  return query
    with renewed as (
      update public.jobs j set locked_at = private.clock(), lease_until = private.clock() + make_interval(secs => lease_seconds),
        updated_at = private.clock()
      from (select * from unnest(job_ids, tokens) as u (id, token) order by u.id) as held
      where j.id = held.id and j.lease_token = held.token and j.lease_until is not null
      returning j.*
    ), logged as (
      insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
      select r.id, 'renewed', r.lease_token, r.attempts, r.locked_by, r.locked_at from renewed r
    )
    select r.id, r.lease_until, r.cancel_requested_at is not null from renewed r;
end $$;

CREATE FUNCTION private.honour_leases() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  opened bigint := private.opened_us();
  open_for interval := make_interval(secs => (private.machine_us() - opened) / 1e6);
  moment timestamptz := private.clock();
begin
  if opened = coalesce(pg_catalog.pg_sequence_last_value('private.leases_opening'::regclass), 0) then
    return;
  end if;
  update public.jobs set lease_until = greatest(lease_until, moment + (lease_until - locked_at) / 2)
  where status = 'in_progress' and open_for < (lease_until - locked_at) / 2;
  -- Last, for others who take leases back see it at once, and by now the rows are locked.
  perform pg_catalog.setval('private.leases_opening', opened);
end $$;

CREATE FUNCTION private.intend_call(call jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
begin
  -- Asked of each note, which are as few as calls under way, and not of all jobs.
  perform private.count_intended(array(
    select i.job_id from private.intended_calls i where (select j.completed_at from public.jobs j where j.id = i.job_id) is not null));
  -- Whoever is taking the job back is waited for, and sees the note if we come first.
  perform from public.jobs j
  where j.id = (call ->> 'job_id')::uuid
    and (call ->> 'token' is null or j.lease_token = (call ->> 'token')::bigint and j.lease_until is not null)
  for share;
  if not found then
    return false;
  end if;
  insert into private.intended_calls (key, job_id, operation, step, provider, model, cost_micro_usd, created_at, ends_by)
  select c.key, c.job_id, c.operation, c.step, c.provider, c.model, c.cost_micro_usd, private.clock(),
         private.clock() + make_interval(secs => least(greatest(c.seconds, 0), 3600))
  from jsonb_to_record(call) as c (key text, job_id uuid, operation text, step text, provider text, model text, cost_micro_usd bigint,
                                   seconds double precision)
  on conflict (key) do update set cost_micro_usd = excluded.cost_micro_usd, ends_by = excluded.ends_by;
  return true;
end $$;

CREATE FUNCTION private.is_payment(intent text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$ select exists (select from public.payments where payment_intent = intent) $$;

CREATE FUNCTION private.is_user(id uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$ select exists (select from auth.users u where u.id = is_user.id and u.deleted_at is null) $$;

CREATE FUNCTION private.keep_draft(of_job uuid, of_step text, of_type text, picture bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  -- Asked of each draft, which are few, and not of all jobs.
  delete from private.kept_drafts d where (select j.completed_at from public.jobs j where j.id = d.job_id) is not null;
  insert into private.kept_drafts (job_id, step, media_type, content, created_at)
  select j.id, of_step, of_type, picture, private.clock() from public.jobs j where j.id = of_job and j.completed_at is null
  on conflict (job_id, step) do update set media_type = excluded.media_type, content = excluded.content, created_at = excluded.created_at
$$;

CREATE FUNCTION private.keep_planning(draft uuid, token bigint, lease_seconds double precision) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.drafts set planning_until = private.clock() + make_interval(secs => lease_seconds)
  where id = draft and planning_token = token and state = 'planning';
  return found;
end $$;

CREATE FUNCTION private.keep_stripe_event(event_id text, event_type text, event_api_version text, made_at timestamp with time zone, content jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.stripe_events (id, type, api_version, created_at, payload, received_at)
  values (event_id, event_type, event_api_version, made_at, content, private.clock()) on conflict do nothing;
  update public.stripe_events set tries = tries + 1, tried_at = private.clock()
  where id = event_id and processed_at is null and parked_at is null;
  return found;
end $$;

CREATE FUNCTION private.kept_draft(of_job uuid, of_step text) RETURNS TABLE(media_type text, content bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$ select d.media_type, d.content from private.kept_drafts d where d.job_id = of_job and d.step = of_step $$;

CREATE FUNCTION private.known_price(stripe_price text, of_lookup_key text, in_cents bigint, in_currency text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.link_customer(of_user uuid, stripe_customer text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.billing_customers (user_id, stripe_customer_id, created_at)
  values (of_user, stripe_customer, private.clock()) on conflict (user_id) do nothing;
  return (select stripe_customer_id from public.billing_customers where user_id = of_user);
end $$;

CREATE FUNCTION private.lock_draft(of_user uuid, draft uuid) RETURNS public.drafts
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  d public.drafts;
begin
  select * into d from public.drafts where id = draft and user_id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('user %s has no draft %s', of_user, draft);
  end if;
  return d;
end $$;

CREATE FUNCTION private.lock_page(of_user uuid, in_run uuid, of_page integer, locked boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not exists (select from public.run_pages p where p.run_id = in_run and p.user_id = of_user and p.page = of_page) then
    raise invalid_parameter_value using message = format('user %s has no page %s in run %s', of_user, of_page, in_run);
  end if;
  if locked then
    insert into public.page_locks (run_id, page, user_id, created_at) values (in_run, of_page, of_user, private.clock())
    on conflict do nothing;
  else
    delete from public.page_locks where run_id = in_run and page = of_page;
  end if;
  return locked;
end $$;

CREATE FUNCTION private.machine_us() RETURNS bigint
    LANGUAGE sql
    SET search_path TO ''
    AS $$ select (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::bigint $$;

CREATE FUNCTION private.make_project(of_user uuid, project_name text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  insert into public.projects (user_id, name, created_at) values (of_user, project_name, private.clock())
  returning jsonb_build_object('project_id', id)
$$;

CREATE FUNCTION private.manifest_pages(manifest jsonb) RETURNS TABLE(page_number bigint, page jsonb, operations text[])
    LANGUAGE plpgsql STABLE ROWS 50
    SET search_path TO ''
    AS $$
#variable_conflict use_column
declare
  fault text;
begin
  if jsonb_typeof(manifest -> 'pages') is distinct from 'array' or jsonb_array_length(manifest -> 'pages') = 0 then
    raise invalid_parameter_value using message = 'a manifest has a list of pages, one at least';
  end if;
  -- A page's text is a prompt; a million characters is a mistake or an attack.
  if length(manifest::text) > 1000000 then
    raise invalid_parameter_value using message = 'the manifest is longer than a million characters';
  end if;
  select format('page %s names no operation', page_number) into fault
  from jsonb_array_elements(manifest -> 'pages') with ordinality as given (page, page_number)
  where jsonb_typeof(page) <> 'object' or jsonb_typeof(page -> 'operations') is distinct from 'array' or page -> 'operations' = '[]'
  order by page_number limit 1;
  if fault is null then
    select format('there is no operation %s for page %s', operation, page_number) into fault
    from jsonb_array_elements(manifest -> 'pages') with ordinality as given (page, page_number),
         jsonb_array_elements(page -> 'operations') as named (operation)
    where not exists (select from public.operations o where to_jsonb(o.code) = operation and not o.per_run)
    order by page_number limit 1;
  end if;
  if fault is not null then
    raise invalid_parameter_value using message = fault;
  end if;
  return query
    select page_number, page, array(select distinct jsonb_array_elements_text(page -> 'operations') order by 1)
    from jsonb_array_elements(manifest -> 'pages') with ordinality as given (page, page_number);
end $$;

CREATE FUNCTION private.mark_edited(of_user uuid, in_run uuid, of_page integer, edited boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.generations g set edited_at = case when edited then coalesce(g.edited_at, private.clock()) end
  from public.run_pages p where p.run_id = in_run and p.user_id = of_user and p.page = of_page and g.job_id = p.picture_job_id;
  return found;
end $$;

CREATE FUNCTION private.mark_environment(environment_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  marked text;
begin
  insert into private.environment (name, marked_at) values (environment_name, private.clock()) on conflict do nothing;
  select e.name into marked from private.environment e;
  if marked <> environment_name then
    raise invalid_parameter_value using message = format('this database is marked as %s', marked);
  end if;
end $$;

CREATE FUNCTION private.move_balances() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.name_user(of_user uuid, name text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  update public.profiles set display_name = nullif(trim(name), '') where id = of_user
$$;

CREATE FUNCTION private.next_due() RETURNS double precision
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
  select extract(epoch from least(
    (select scheduled_at from public.jobs where status = 'pending' and position is null order by scheduled_at limit 1),
    (select lease_until from public.jobs where status = 'in_progress' order by lease_until limit 1)
  ) - private.clock())::double precision
$$;

CREATE FUNCTION private.note_action(action text, subject text, reason text, detail jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  insert into public.admin_actions (actor, action, subject, reason, detail, at)
  values (coalesce(auth.uid()::text, session_user::text), action, subject, coalesce(reason, ''), detail, private.clock())
$$;

CREATE FUNCTION private.note_binding(of_job uuid, token bigint, done integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform from public.jobs where id = of_job and lease_token = token and lease_until is not null for update;
  if not found then
    return false;
  end if;
  update public.exports set pages_done = least(done, page_count), job_id = of_job where id = private.export_of(of_job);
  return found;
end $$;

CREATE FUNCTION private.open_checkout(checkout uuid, session text, address text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.checkouts set status = 'open', stripe_session_id = session, url = address where id = checkout and status = 'opening';
  return (select url from public.checkouts where id = checkout);
end $$;

CREATE FUNCTION private.open_messages() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if to_regnamespace('pgmq') is null then
    raise feature_not_supported using message = 'the extension pgmq is not installed in this database';
  end if;
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: open messages', 0));
  if not exists (select from pgmq.list_queues() q where q.queue_name = 'myjoe_jobs') then
    perform pgmq.create('myjoe_jobs');
    -- pgmq leaves this to whoever makes a queue. It does not bind us, the tables' owner.
    execute 'alter table pgmq.q_myjoe_jobs enable row level security';
    execute 'alter table pgmq.a_myjoe_jobs enable row level security';
  end if;
end $$;

CREATE FUNCTION private.open_requests(of_job uuid) RETURNS TABLE(step text, provider text, model text, request_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select e.step, e.provider, e.model, e.provider_request_id
  from public.cost_events e
  where e.job_id = of_job and e.kind = 'estimated' and e.provider_request_id not like 'unknown:%' and not exists (
    select from public.cost_events later
    where later.provider = e.provider and later.provider_request_id = e.provider_request_id and later.kind <> 'estimated')
  order by e.id
$$;

CREATE FUNCTION private.open_session(token_hash bytea, of_user uuid, sealed bytea, access_until timestamp with time zone, device text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  insert into private.studio_sessions (token_hash, user_id, sealed, access_until, device, created_at, seen_at)
  values (token_hash, of_user, sealed, access_until, left(device, 200), private.clock(), private.clock())
$$;

CREATE FUNCTION private.opened_us() RETURNS bigint
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select greatest((extract(epoch from pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint, private.current_epoch(),
                  coalesce(pg_catalog.pg_sequence_last_value('private.heard_again'::regclass), 0))
$$;

CREATE FUNCTION private.operation_costs(at timestamp with time zone) RETURNS TABLE(operation text, credits_half integer, attempts_max integer, worst_micro_usd bigint, max_micro_usd bigint, target_micro_usd bigint, unpriced text)
    LANGUAGE sql STABLE ROWS 5
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.order_fault(manifest jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $_$
  select coalesce(
    (select format('page %s: %s', number, private.page_fault(page))
     from jsonb_array_elements(manifest -> 'pages') with ordinality as given (page, number)
     where private.page_fault(page) is not null order by number limit 1),
    (select format('%s is longer than 20000 characters, or lies too deep', left(given.key, 40))
     from jsonb_each(manifest - 'pages') as given
     where length(given.key) > 40 or length(given.value::text) > 20000 or jsonb_path_exists(given.value, 'strict $.**{5}')
        or jsonb_path_exists(given.value, 'strict $.** ? (@.type() == "number" && @ > 1e15 || @.type() == "number" && @ < -1e15)')
     order by given.key limit 1),
    private.print_fault(manifest #> '{book,print}'))
$_$;

CREATE FUNCTION private.order_fields() RETURNS TABLE(field text, kind text, length_max integer)
    LANGUAGE sql IMMUTABLE ROWS 11
    SET search_path TO ''
    AS $$
  values ('page', 'number', 12), ('operations', 'array', 400), ('prompt', 'string', 4000), ('title', 'string', 200),
         ('style', 'string', 1000), ('audience', 'string', 40), ('paper', 'string', 40), ('dpi', 'number', 12), ('margin_in', 'number', 24),
         ('seed', 'number', 12), ('options', 'object', 4000)
$$;

CREATE FUNCTION private.page_fault(page jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case when f.field is null then format('there is no field %s in an order', left(given.key, 40))
              when jsonb_typeof(given.value) <> f.kind then format('%s is not a %s', f.field, f.kind)
              when length(given.value #>> '{}') > f.length_max
                then format('%s is longer than %s characters', f.field, f.length_max)
              else 'an option is longer than 200 characters, or holds others' end
  from jsonb_each(page) as given left join private.order_fields() f on f.field = given.key
  where f.field is null or jsonb_typeof(given.value) <> 'null' and (
    jsonb_typeof(given.value) <> f.kind or length(given.value #>> '{}') > f.length_max
    or f.kind = 'object' and exists (select from jsonb_each(given.value) as option
                                     where jsonb_typeof(option.value) in ('object', 'array') or length(option.value::text) > 200))
  order by given.key limit 1
$$;

CREATE FUNCTION private.pages_ordered(of_user uuid, after timestamp with time zone) RETURNS TABLE(pages integer, at timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select r.page_count, r.created_at from public.runs r where r.user_id = of_user and r.created_at > after
  union all
  select d.page_count, d.created_at from public.redraws d where d.user_id = of_user and d.created_at > after
$$;

CREATE FUNCTION private.park_stripe_event(event_id text, why text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  update public.stripe_events set parked_at = private.clock(), parked_reason = left(why, 500) where id = event_id and processed_at is null
$$;

CREATE FUNCTION private.pause_floor(times integer) RETURNS double precision
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select (2 ^ least(greatest(times, 0), 6))::double precision $$;

CREATE FUNCTION private.pause_of_others(seconds double precision, times integer) RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select make_interval(secs => least(greatest(case when seconds = 'NaN' then 0 else coalesce(seconds, 0) end, private.pause_floor(times)),
                                     3600))
$$;

CREATE FUNCTION private.paused() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select jsonb_object_agg(what, jsonb_build_object('kind', kind, 'reason', reason,
                                                   'seconds', greatest(extract(epoch from until - private.clock()), 0)::double precision))
  from private.pauses
$$;

CREATE FUNCTION private.pick_jobs(jobs_max integer, per_user_max integer, from_position bigint, OUT ids uuid[], OUT next_position bigint) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  -- Jobs to look at. Longer keeps the order of a user's jobs over more that were passed over;
  -- shorter costs less. 64 were measured to take about 40 µs.
  stretch constant integer := 64;
  -- Users to ask if the whole stretch was of users at the cap. More find the very next job in more
  -- crowded queues; each was measured to take 10 µs.
  users_max constant integer := 500;
  running uuid[];  -- the user of each running job, and of each that is chosen here
  chosen uuid[] := '{}';
  seen integer := 0;
  last_seen bigint;
  asked uuid := '00000000-0000-0000-0000-000000000000';  -- before all users
  slots integer;
  beyond_ids uuid[] := '{}';
  beyond_positions bigint[] := '{}';
  waiting record;
begin
  running := array(select j.user_id from public.jobs j where j.status = 'in_progress' and j.lease_until > private.clock());
  for waiting in
    select j.id, j.user_id, j.position from public.jobs j
    where j.status = 'pending' and j.position is not null and j.position >= from_position order by j.position limit stretch
  loop
    seen := seen + 1;
    last_seen := waiting.position;
    if coalesce(cardinality(array_positions(running, waiting.user_id)), 0) < per_user_max then
      chosen := chosen || waiting.id;
      running := running || waiting.user_id;
      exit when cardinality(chosen) = jobs_max;
    else
      next_position := coalesce(next_position, waiting.position);
    end if;
  end loop;
  if cardinality(chosen) < jobs_max and seen = stretch then
    for number in 1 .. users_max loop
      select j.user_id into asked from public.jobs j
      where j.status = 'pending' and j.position is not null and j.user_id > asked order by j.user_id, j.position limit 1;
      exit when not found;
      slots := per_user_max - coalesce(cardinality(array_positions(running, asked)), 0);
      continue when slots <= 0;
      for waiting in
        select j.id, j.position from public.jobs j
        where j.status = 'pending' and j.position is not null and j.user_id = asked and j.position > last_seen
        order by j.position limit slots
      loop
        beyond_ids := beyond_ids || waiting.id;
        beyond_positions := beyond_positions || waiting.position;
      end loop;
    end loop;
    if cardinality(beyond_ids) > 0 then
      next_position := null;
      chosen := chosen || array(select u.id from unnest(beyond_ids, beyond_positions) as u (id, position)
                                order by u.position limit jobs_max - cardinality(chosen));
    end if;
  end if;
  ids := array(select j.id from public.jobs j where j.id = any (chosen) and j.status = 'pending' and j.position is not null
               for update skip locked);
end $$;

CREATE FUNCTION private.plan_draft(of_user uuid, draft uuid, lease_seconds double precision) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment timestamptz := private.clock();
  d public.drafts;
begin
  select * into d from public.drafts where id = draft and user_id = of_user for update;
  if not found then
    return null;
  end if;
  if d.state not in ('planning', 'failed') then
    return jsonb_build_object('state', d.state);
  end if;
  if d.planning_until > moment then
    return jsonb_build_object('wait_seconds', ceil(extract(epoch from d.planning_until - moment)));
  end if;
  update public.drafts set state = 'planning', failure = null, planning_token = planning_token + 1,
    planning_until = moment + make_interval(secs => lease_seconds), updated_at = moment
  where id = draft returning * into d;
  return jsonb_build_object('token', d.planning_token, 'request', d.request);
end $$;

CREATE FUNCTION private.position_of(priority integer, virtual_time bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (((priority)::bigint << 48) + virtual_time);

CREATE FUNCTION private.postpone_job(job uuid, event text, until timestamp with time zone, attempts_back integer, error text, kind text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  with back as (
    update public.jobs set status = 'pending', position = null, scheduled_at = until, attempts = attempts - attempts_back,
      snoozes = case event when 'snoozed' then snoozes + 1 when 'released' then snoozes else 0 end,
      last_error = coalesce(error || coalesce((
        select format('; its call to %s may be under way', i.provider) from private.intended_calls i
        where i.job_id = job and i.ends_by > until limit 1), ''), last_error),
      error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, updated_at = private.clock()
    where id = job
    returning id, lease_token, attempts
  )
  insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
  select id, event, lease_token, attempts, error, private.clock() from back;
  update public.jobs j set scheduled_at = i.ends_by from private.intended_calls i
  where j.id = job and i.job_id = job and i.ends_by > j.scheduled_at;
  select private.count_intended(array[job])
$$;

CREATE FUNCTION private.print_fault(wanted jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $_$
  select case
    when wanted is null then null
    when jsonb_typeof(wanted) <> 'object' then 'a print is an object'
    else (
      select case when f.kind is null then format('a print has no %s', left(given.key, 40))
                  when jsonb_typeof(given.value) <> f.kind then format('%s of a print is not a %s', given.key, f.kind)
                  when length(given.value #>> '{}') > f.length_max
                    then format('%s of a print is longer than %s characters', given.key, f.length_max)
                  else format('%s of a print is none', given.key) end
      from jsonb_each(wanted) as given
      left join (values ('printer', 'string', 40, '^[a-z][a-z0-9-]*$'), ('shop', 'string', 40, '^[a-z][a-z0-9-]*$'),
                        ('trim', 'string', 20, '^[0-9]{1,2}([.][0-9]{1,4})?x[0-9]{1,2}([.][0-9]{1,4})?$'),
                        ('spine', 'string', 10, '^([0-9]([.][0-9]{1,4})?)?$'),
                        ('cover_size', 'string', 20, '^([0-9]{1,2}([.][0-9]{1,4})?x[0-9]{1,2}([.][0-9]{1,4})?)?$'),
                        ('bleed', 'boolean', 5, ''), ('single_sided', 'boolean', 5, ''), ('title', 'string', 200, '^[^\n\r]*$'),
                        ('author', 'string', 120, '^[^\n\r]*$')) as f (field, kind, length_max, pattern) on f.field = given.key
      where f.kind is null or jsonb_typeof(given.value) <> f.kind or length(given.value #>> '{}') > f.length_max
         or (given.value #>> '{}') !~ f.pattern
      order by given.key limit 1) end
$_$;

CREATE FUNCTION private.print_order(manifest jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object(
           'printer', 'kdp', 'bleed', false, 'single_sided', true, 'author', '',
           'title', left(translate(coalesce(manifest ->> 'title', ''), E'\n\r', '  '), 200),
           'trim', case manifest #>> '{book,paper}' when 'a4' then '8.27x11.69' when 'square' then '8.5x8.5' when '8x10' then '8x10'
                                                    else '8.5x11' end)
         || case when jsonb_typeof(said) = 'object' and private.print_fault(said) is null then said else '{}' end
  from (select manifest #> '{book,print}') as given (said)
$$;

CREATE FUNCTION private.priority_of("position" bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (("position" >> 48))::integer;

CREATE FUNCTION private.project_for(of_user uuid, wanted uuid) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  found_project uuid;
begin
  select p.id into found_project from public.projects p where p.user_id = of_user order by p.id = wanted desc, p.created_at, p.id limit 1;
  if found_project is null then
    insert into public.projects (user_id, name, created_at) values (of_user, 'My books', private.clock()) returning id into found_project;
  end if;
  return found_project;
end $$;

CREATE FUNCTION private.put_checkout(checkout uuid, session text, to_status text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  course text[] := array['opening', 'open', 'processing', 'expired', 'failed', 'complete'];
begin
  update public.checkouts c
  set status = case when array_position(course, to_status) > array_position(course, c.status) then to_status else c.status end,
      stripe_session_id = coalesce(c.stripe_session_id, session)
  where c.id = checkout or c.stripe_session_id = session;
  return found;
end $$;

CREATE FUNCTION private.put_clawback(clawback text, of_kind text, intent text, in_cents bigint, to_status text, holds boolean, reading bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.put_subscription(of_user uuid, stripe_subscription text, stripe_customer text, to_plan text, to_status text, event_made_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.put_subscription_v2(of_user uuid, stripe_subscription text, stripe_customer text, to_plan text, to_status text, started timestamp with time zone, renews timestamp with time zone, cancels timestamp with time zone, reading bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.quote_draft(of_user uuid, draft uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select coalesce(private.refuse_draft(d), private.decide_pages(of_user, private.draft_manifest(d), true)
                                           || jsonb_build_object('revision', d.revision))
  from public.drafts d where d.id = draft and d.user_id = of_user
$$;

CREATE FUNCTION private.quote_redraw(of_user uuid, in_run uuid, wanted integer[] DEFAULT NULL::integer[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select case when manifest is null then private.refuse_redraw() else private.decide_pages(of_user, manifest, false) end
  from (select private.redraw_manifest(of_user, in_run, wanted)) as again (manifest)
$$;

CREATE FUNCTION private.quote_run(of_user uuid, in_project uuid, manifest jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  answer jsonb := private.decide_run(of_user, in_project, manifest);
  fault text;
begin
  -- As submit_run: what is refused is not looked at further.
  if (answer ->> 'accepted')::boolean then
    fault := private.order_fault(manifest);
    if fault is not null then
      raise invalid_parameter_value using message = fault;
    end if;
  end if;
  return answer;
end $$;

CREATE FUNCTION private.reclaim_jobs(jobs_max integer DEFAULT 100) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  job public.jobs;
  reclaimed integer := 0;
  -- Of each job: who held it, and for how many seconds nothing was heard of them.
  holders text[] := '{}';
  silences double precision[] := '{}';
  one record;
begin
  perform private.honour_leases();
  for job in
    select * from public.jobs where status = 'in_progress' and lease_until <= private.clock()
    order by lease_until limit jobs_max for update skip locked
  loop
    reclaimed := reclaimed + 1;
    holders := holders || split_part(job.locked_by, '#', 1);
    silences := silences || extract(epoch from private.clock() - job.locked_at)::double precision;
    if job.cancel_requested_at is not null then
      perform private.end_jobs(array[job.id], 'cancelled', null, 'cancelled');
    elsif job.attempts >= job.max_attempts then
      perform private.end_jobs(array[job.id], 'failed', format('lease of %s ran out at attempt %s', job.locked_by, job.attempts), 'lease');
    else
      perform private.postpone_job(job.id, 'reclaimed',
        private.clock() + case when job.attempts = 1 then interval '0' else private.backoff(job.attempts - 1) end, 0,
        format('lease of %s ran out', job.locked_by), 'lease');
    end if;
  end loop;
  if reclaimed > 0 then
    for one in select h.holder, count(*) as jobs, min(h.silence) as silence from unnest(holders, silences) as h (holder, silence) group by 1
    loop
      raise notice 'myjoe: reclaimed'
        using detail = jsonb_build_object('worker', one.holder, 'jobs', one.jobs, 'silent_seconds', round(one.silence::numeric, 1));
    end loop;
  end if;
  return reclaimed;
end $$;

CREATE FUNCTION private.record_costs(costs jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  cost record;
  earlier public.cost_events;
  fault text;
  added integer;
  booked integer := 0;
begin
  select case when c.job_id is null then 'a cost belongs to a job or to a user' else format('there is no job %s', c.job_id) end into fault
  from jsonb_to_recordset(costs) as c (job_id uuid, user_id uuid)
  where c.job_id is null and c.user_id is null or c.job_id is not null and not exists (select from public.jobs j where j.id = c.job_id)
  limit 1;
  if found then
    raise invalid_parameter_value using message = fault;
  end if;
  -- Always in the same order, so that two who book the same requests cannot deadlock.
  for cost in
    select c.*, coalesce(j.user_id, c.user_id) as owner
    from rows from (jsonb_to_recordset(costs) as (job_id uuid, user_id uuid, operation text, step text, provider text, model text,
                                                  request_id text, cost_micro_usd bigint, kind text)) with ordinality
      as c (job_id, user_id, operation, step, provider, model, request_id, cost_micro_usd, kind, number)
    left join public.jobs j on j.id = c.job_id
    order by c.provider, c.request_id, c.number
  loop
    -- One booking of a request at a time: a measurement must see an estimate that is being booked.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(cost.provider || ' ' || cost.request_id, 0));
    delete from private.intended_calls i where i.key = cost.request_id;
    select * into earlier from public.cost_events e where e.provider = cost.provider and e.provider_request_id = cost.request_id
    order by e.id limit 1;
    if cost.kind = 'resolved' then
      if not found or earlier.kind <> 'estimated' then
        continue;
      end if;
      booked := booked + private.end_waiting(cost.job_id);
      cost.kind := 'measured';
      cost.cost_micro_usd := 0;
    end if;
    if not found or cost.kind = 'correction' then
      insert into public.cost_events
        (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
      values (cost.job_id, cost.owner, cost.operation, cost.step, cost.provider, cost.model, cost.request_id,
              coalesce(cost.kind, 'measured'), cost.cost_micro_usd, private.clock())
      on conflict do nothing;
      get diagnostics added = row_count;
      booked := booked + added;
    elsif earlier.kind = 'estimated' and coalesce(cost.kind, 'measured') = 'measured' then
      insert into public.cost_events
        (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
      values (earlier.job_id, earlier.user_id, earlier.operation, earlier.step, earlier.provider, earlier.model, cost.request_id,
              'correction', cost.cost_micro_usd - earlier.cost_micro_usd, private.clock())
      on conflict do nothing;
      get diagnostics added = row_count;
      booked := booked + added;
    end if;
  end loop;
  return booked;
end $$;

CREATE FUNCTION private.redraw_manifest(of_user uuid, in_run uuid, wanted integer[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object('pages', jsonb_agg(j.payload || jsonb_build_object('operations', to_jsonb(j.operations)) order by p.page))
  from public.run_pages p join public.jobs j on j.id = p.job_id
  where p.run_id = in_run and p.user_id = of_user and not p.locked and p.status in ('completed', 'failed', 'cancelled')
    and (wanted is null or p.page = any (wanted))
  having count(*) > 0
$$;

CREATE FUNCTION private.redraw_pages(of_user uuid, in_run uuid, idempotency_key text, wanted integer[] DEFAULT NULL::integer[], agreed_half bigint DEFAULT NULL::bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment timestamptz := private.clock();
  redraw uuid := gen_random_uuid();
  manifest jsonb;
  answer jsonb;
  ids uuid[];
begin
  -- One order of a user at a time, as in submit_run.
  perform from public.credit_accounts where user_id = of_user for update;
  select r.answer into answer from public.redraws r where r.user_id = of_user and r.key = idempotency_key;
  if found then
    return answer;
  end if;
  if not exists (select from public.runs where id = in_run and user_id = of_user) then
    raise invalid_parameter_value using message = format('user %s has no run %s', of_user, in_run);
  end if;
  manifest := private.redraw_manifest(of_user, in_run, wanted);
  if manifest is null then
    return private.refuse_redraw();
  end if;
  answer := private.decide_pages(of_user, manifest, false);
  if not (answer ->> 'accepted')::boolean then
    return answer;
  end if;
  if (answer ->> 'credits_half')::bigint <> agreed_half then
    return private.refusal('price_changed', format('The price is %s credits now. Try again if that is fine.',
                                                   private.credits((answer ->> 'credits_half')::bigint)), null);
  end if;
  ids := private.enqueue_jobs(of_user, in_run, 'page', (
    select jsonb_agg(jsonb_build_object('payload', m.page, 'operations', m.operations, 'credits_half', page.credits_half,
             'cogs_max_micro_usd', page.cogs_max, 'max_attempts', page.attempts_max) order by m.page_number)
    from private.manifest_pages(manifest) m
    cross join lateral (
      select sum(c.credits_half), sum(c.max_micro_usd), min(c.attempts_max)
      from private.operation_costs(moment) c where c.operation = any (m.operations)
    ) as page (credits_half, cogs_max, attempts_max)
  ), (select priority from public.plans where code = answer ->> 'plan'));
  answer := answer || jsonb_build_object('redraw_id', redraw, 'job_ids', ids);
  insert into public.redraws (id, user_id, run_id, key, page_count, answer, created_at)
  values (redraw, of_user, in_run, idempotency_key, (answer ->> 'page_count')::integer, answer, moment);
  insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, reason, created_at)
  values (of_user, 'burn', -(answer ->> 'credits_half')::bigint, 'burn:' || redraw, in_run,
          case answer ->> 'page_count' when '1' then '1 page drawn again' else format('%s pages drawn again', answer ->> 'page_count') end,
          moment);
  -- A page that is tried again here is not one for an admin to requeue.
  update public.dead_jobs d set requeued_as = pair.new_job
  from (
    select distinct on (j.id) j.id as new_job, old.id as dead_job
    from public.jobs j
    join public.jobs old on old.run_id = in_run and old.type = 'page' and old.payload -> 'page' = j.payload -> 'page'
    -- Asked of each page, so by its id: joined, the dead jobs of all users would be gone through.
    where j.id = any (ids) and (select x.requeued_as is null from public.dead_jobs x where x.job_id = old.id)
    order by j.id, old.created_at desc
  ) as pair
  where d.job_id = pair.dead_job;
  return answer;
end $$;

CREATE FUNCTION private.refusal(code text, message text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select jsonb_build_object('accepted', false, 'code', code, 'message', message) $$;

CREATE FUNCTION private.refusal(code text, message text, detail jsonb, opens_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select jsonb_strip_nulls(jsonb_build_object('accepted', false, 'code', code, 'message', message, 'detail', detail, 'opens_at', opens_at))
$$;

CREATE FUNCTION private.refuse_account(of_user uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  reason text;
  deletion timestamptz;
begin
  select c.frozen_reason, p.deletion_at into strict reason, deletion
  from public.credit_accounts c join public.profiles p on p.id = c.user_id where c.user_id = of_user;
  if deletion is not null then
    return private.refusal('deletion_pending', format('This account will be deleted on %s. Keep it, and you can order again.',
                                                      private.day(deletion)), null);
  end if;
  if reason is not null then
    return private.refusal('account_frozen', format('Nothing can be ordered on this account at present: %s', reason), null);
  end if;
  return null;
end $$;

CREATE FUNCTION private.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  raise insufficient_privilege using message = format('%I only grows: a correction is a new row', tg_table_name);
end $$;

CREATE FUNCTION private.refuse_draft(d public.drafts) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select case d.state
    when 'planned' then null
    when 'submitted' then private.refusal('submitted', 'This book has been ordered.', null) || jsonb_build_object('run_id', d.run_id)
    else private.refusal('not_planned', 'This book has not been planned yet.', null) end
$$;

CREATE FUNCTION private.refuse_redraw() RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select private.refusal('nothing_to_draw', 'There is nothing to draw again here: these pages are being drawn, or are locked.', null)
$$;

CREATE FUNCTION private.refuse_trial(of_user uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.release_claim(claim text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  ids uuid[];
  tokens bigint[];
begin
  -- The claim may still be running, with nobody left to read its answer.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: ' || claim, 0));
  select array_agg(j.id), array_agg(j.lease_token) into ids, tokens
  from public.jobs j where j.locked_by = claim and j.status = 'in_progress';
  if ids is null then
    return 0;
  end if;
  return (select count(*) from private.release_jobs(ids, tokens));
end $$;

CREATE FUNCTION private.release_jobs(job_ids uuid[], tokens bigint[], after_seconds double precision DEFAULT 0) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  job public.jobs;
begin
  for job in
    select j.* from public.jobs j join unnest(job_ids, tokens) as held (id, token) on j.id = held.id and j.lease_token = held.token
    where j.lease_until is not null order by j.id for update of j
  loop
    if job.cancel_requested_at is not null then
      perform private.end_jobs(array[job.id], 'cancelled', null, 'cancelled');
    else
      perform private.postpone_job(job.id, 'released', private.clock() + make_interval(secs => greatest(after_seconds, 0)), 1, null, null);
    end if;
    return next job.id;
  end loop;
  perform private.wake_workers();
end $$;

CREATE FUNCTION private.remove_project(of_user uuid, project uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  delete from public.projects where id = project and user_id = of_user;
  return found;
end $$;

CREATE FUNCTION private.rename_project(of_user uuid, project uuid, project_name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.projects set name = project_name where id = project and user_id = of_user;
  return found;
end $$;

CREATE FUNCTION private.renew_session(hash bytea, new_sealed bytea, new_access_until timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update private.studio_sessions set sealed = new_sealed, access_until = new_access_until, refreshing_until = null where token_hash = hash;
  return found;
end $$;

CREATE TABLE public.idempotency_keys (
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    answer jsonb NOT NULL,
    run_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200)))
);

CREATE FUNCTION private.replay(kept public.idempotency_keys, same boolean) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case when same then kept.answer else private.refusal('idempotency_conflict',
                'This key was used for another run. Use a new key for a new run.') end
$$;

CREATE FUNCTION private.replay_run(of_user uuid, idempotency_key text, book jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  kept public.idempotency_keys;
begin
  select * into kept from public.idempotency_keys where user_id = of_user and key = idempotency_key;
  if not found or not private.confirm_run(kept.run_id) then
    return null;
  end if;
  return private.replay(kept, (select r.manifest -> 'book' from public.runs r where r.id = kept.run_id) is not distinct from book);
end $$;

CREATE FUNCTION private.request_binding(of_user uuid, in_run uuid, of_kind text, wanted jsonb DEFAULT '{}'::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  run public.runs;
  pages jsonb;
  told jsonb;
  print jsonb := '{}';
  earlier integer;
  hash bytea;
  e public.exports;
  job uuid;
begin
  -- The account first, as the governor does: one binding of a user at a time is counted.
  perform from public.credit_accounts where user_id = of_user for update;
  select * into run from public.runs where id = in_run and user_id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('user %s has no run %s', of_user, in_run);
  end if;
  if private.print_fault(wanted) is not null then
    raise check_violation using message = private.print_fault(wanted);
  end if;
  select jsonb_agg(jsonb_build_object('page', p.page, 'title', p.title, 'job', p.picture_job_id, 'files', p.files) order by p.page),
         jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
           'page', p.page, 'title', p.title, 'job', p.picture_job_id, 'files', p.files, 'provider', g.provider, 'model', g.model,
           'edited', g.edited_at is not null, 'margin_in', j.payload -> 'margin_in')) order by p.page)
  into pages, told
  from public.run_pages p join public.jobs j on j.id = p.picture_job_id join public.generations g on g.job_id = p.picture_job_id
  where p.run_id = in_run;
  if pages is null then
    return private.refusal('nothing_drawn', 'No page of this book has been drawn yet.', null);
  end if;
  if of_kind in ('print', 'shop') then
    print := private.print_order(run.manifest) || wanted;
    print := case of_kind when 'print' then print - 'shop'
             else jsonb_build_object('shop', coalesce(print ->> 'shop', 'etsy'), 'title', print -> 'title',
                                     'author', print -> 'author') end;
    hash := sha256(convert_to(told::text || print::text, 'UTF8'));
  else
    hash := sha256(convert_to(pages::text, 'UTF8'));
  end if;
  select * into e from public.exports x where x.run_id = in_run and x.kind = of_kind and x.content_hash = hash;
  if e.id is null or (e.file is null and exists (select from public.jobs j where j.id = e.job_id and j.completed_at is not null)) then
    select count(*) into earlier
    from public.jobs j where j.user_id = of_user and j.type = 'bind' and j.created_at > private.clock() - interval '24 hours';
    if earlier >= private.bindings_per_day_max() then
      return private.refusal('bound_often', format('You have had %s books bound in 24 hours, which is the most.', earlier), null);
    end if;
    job := (private.enqueue_jobs(of_user, in_run, 'bind', jsonb_build_array(jsonb_build_object('payload', jsonb_build_object(
              'kind', of_kind, 'title', run.manifest -> 'title', 'pages', told) || case print when '{}' then '{}'
              else jsonb_build_object('print', print) end)),
            (select l.priority from public.plans l where l.code = run.plan)))[1];
    insert into public.exports as x (user_id, run_id, kind, content_hash, page_count, job_id, wanted, created_at)
    values (of_user, in_run, of_kind, hash, jsonb_array_length(pages), job, print, private.clock())
    on conflict (run_id, kind, content_hash) do update set job_id = excluded.job_id, pages_done = 0
    returning * into e;
  end if;
  return jsonb_build_object('accepted', true, 'export_id', e.id);
end $$;

CREATE FUNCTION private.request_deletion(of_user uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment timestamptz := private.clock();
  at_moment timestamptz;
  run uuid;
begin
  -- The account first, as everywhere: no order slips in between.
  perform from public.credit_accounts where user_id = of_user for update;
  select deletion_at into at_moment from public.profiles where id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  if at_moment is null then
    if exists (select from public.admins a where a.user_id = of_user) then
      raise invalid_parameter_value using message = 'an admin is dismissed before their account is closed';
    end if;
    at_moment := moment + private.deletion_grace();
    update public.profiles set deletion_requested_at = moment, deletion_at = at_moment where id = of_user;
    for run in select distinct j.run_id from public.jobs j
               where j.user_id = of_user and j.status in ('pending', 'in_progress') and j.run_id is not null loop
      perform private.cancel_jobs(of_user, run);
    end loop;
    -- It is tried for days, as it ends nothing that could be done without.
    perform private.enqueue_jobs(of_user, null, 'erase', jsonb_build_array(jsonb_build_object(
      'payload', jsonb_build_object('user_id', of_user), 'max_attempts', 100)), 100, at_moment);
  end if;
  perform private.end_sessions(of_user);
  return jsonb_build_object('deletion_at', at_moment);
end $$;

CREATE FUNCTION private.request_export(of_user uuid, in_run uuid, of_kind text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$ select private.request_binding(of_user, in_run, of_kind) $$;

CREATE FUNCTION private.require_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  fault text := private.order_fault(new.manifest);
begin
  if fault is not null then
    raise invalid_parameter_value using message = fault;
  end if;
  return new;
end $$;

CREATE FUNCTION private.require_room_for_project() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  -- The most that a user may have. Nobody has more books at hand; more is a program that runs wild.
  projects_max constant integer := 1000;
begin
  -- One new project of a user at a time, or many at once would all be the last.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: projects of ' || new.user_id, 0));
  if (select count(*) from (select from public.projects p where p.user_id = new.user_id limit projects_max) as counted) >= projects_max then
    raise check_violation using message = format('a user has %s projects at most', projects_max);
  end if;
  return new;
end $$;

CREATE FUNCTION private.revenue_per_half_micro_usd() RETURNS numeric
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select least((select min(price_micro_usd_month::numeric / credits_half_month) from public.plans),
               (select min(cents * 10000::numeric / credits_half) from public.prices))
$$;

CREATE FUNCTION private.routes() RETURNS TABLE(operation text, step text, provider text, model text, units jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select s.operation, s.step, s.provider, s.model, jsonb_object_agg(s.unit, s.units)
  from public.operation_steps s join public.operations o on o.code = s.operation and o.uses_fallback = s.fallback
  group by 1, 2, 3, 4 order by 1, 2, 3, 4
$$;

CREATE FUNCTION private.see_checkout(of_user uuid, session text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.send_jobs(jobs_max integer, per_user_max integer, from_position bigint) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  ids uuid[];
  next_position bigint;
  messages bigint[];
begin
  if per_user_max is null then
    ids := array(select j.id from public.jobs j
                 where j.status = 'pending' and j.position is not null and j.position >= from_position and j.message_id is null
                 order by j.position limit jobs_max for update skip locked);
  else
    select array(select j.id from public.jobs j where j.id = any (p.ids) and j.message_id is null order by j.position), p.next_position
    into ids, next_position from private.pick_jobs(jobs_max, per_user_max, from_position) p;
  end if;
  if cardinality(ids) = 0 then
    return 0;
  end if;
  messages := array(select pgmq.send_batch('myjoe_jobs', array(select jsonb_build_object('job_id', u.id) from unnest(ids) as u (id))));
  update public.jobs j set message_id = sent.message from unnest(ids, messages) as sent (id, message) where j.id = sent.id;
  perform pg_catalog.setval('private.queue_cursor', coalesce(next_position, (
    select max(j.position) from public.jobs j where j.id = any (ids))));
  return cardinality(ids);
end $$;

CREATE FUNCTION private.session_age_max() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select interval '180 days' $$;

CREATE FUNCTION private.session_idle_max() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select interval '30 days' $$;

CREATE FUNCTION private.session_tokens(hash bytea, refresh_seconds double precision DEFAULT 10) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  session private.studio_sessions;
  mine boolean;
begin
  select * into session from private.studio_sessions s where s.token_hash = hash for update;
  if not found then
    return null;
  end if;
  mine := session.access_until < private.clock() + interval '60 seconds'
          and (session.refreshing_until is null or session.refreshing_until < private.clock());
  if mine then
    update private.studio_sessions set refreshing_until = private.clock() + make_interval(secs => refresh_seconds) where token_hash = hash;
  end if;
  return jsonb_build_object('sealed', encode(session.sealed, 'base64'), 'mine', mine,
                            'stale', session.access_until < private.clock() + interval '60 seconds');
end $$;

CREATE FUNCTION private.settle_clawbacks(of_user uuid, freezes boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.snooze_job(job_id uuid, token bigint, after_seconds double precision, reason text, kind text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  job public.jobs;
  until timestamptz;
begin
  select * into job from public.jobs where id = job_id and lease_token = token and lease_until is not null for update;
  if not found then
    return 'lost';
  end if;
  if job.cancel_requested_at is not null then
    perform private.end_jobs(array[job.id], 'cancelled', reason, 'cancelled');
    return 'cancelled';
  end if;
  until := private.clock() + private.pause_of_others(after_seconds, job.snoozes);
  if until > job.started_at + private.snooze_limit(kind) then
    perform private.end_jobs(array[job.id], 'failed', reason, kind);
    return 'failed';
  end if;
  perform private.postpone_job(job.id, 'snoozed', until, 1, reason, kind);
  return 'snoozed';
end $$;

CREATE FUNCTION private.snooze_limit(kind text) RETURNS interval
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select case when kind in ('operator', 'account', 'storage') then null
              when kind = 'version' then interval '24 hours'
              else (select snooze_max from public.governor_settings) end
$$;

CREATE FUNCTION private.standing(of_user uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.stripe_event_patience(tries integer) RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select least(interval '60 seconds' * power(2, greatest(least(tries, 10) - 1, 0)), interval '1 hour') $$;

CREATE FUNCTION private.submit_draft(of_user uuid, draft uuid, at_revision integer, agreed_half bigint DEFAULT NULL::bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  d public.drafts;
  answer jsonb;
  price bigint;
begin
  -- The account first, as the governor does.
  perform from public.credit_accounts where user_id = of_user for update;
  d := private.lock_draft(of_user, draft);
  if d.state <> 'planned' then
    return private.refuse_draft(d);
  end if;
  if d.revision <> at_revision then
    return private.refusal('stale', 'This storyboard was changed in another window meanwhile. Here it is as it is now.', null);
  end if;
  d.project_id := private.project_for(of_user, d.project_id);
  answer := private.decide_run(of_user, d.project_id, private.draft_manifest(d));
  price := (answer ->> 'credits_half')::bigint;
  if (answer ->> 'accepted')::boolean and price <> agreed_half then
    return private.refusal('price_changed', format('The price is %s credits now. Order again if that is fine.', private.credits(price)),
                           null);
  end if;
  answer := private.submit_run(of_user, d.project_id, format('draft:%s:%s', draft, at_revision), private.draft_manifest(d));
  if (answer ->> 'accepted')::boolean then
    update public.drafts set state = 'submitted', run_id = (answer ->> 'run_id')::uuid, project_id = d.project_id,
      updated_at = private.clock()
    where id = draft;
  end if;
  return answer;
end $$;

CREATE FUNCTION private.submit_run(of_user uuid, in_project uuid, idempotency_key text, manifest jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment timestamptz := private.clock();
  wanted bytea := sha256(convert_to(coalesce(in_project::text, '') || manifest::text, 'UTF8'));
  kept public.idempotency_keys;
  answer jsonb;
  run uuid := gen_random_uuid();
begin
  if idempotency_key is null or manifest is null then
    raise invalid_parameter_value using message = 'a run needs an idempotency key and a manifest';
  end if;
  -- One run of a user at a time: two with the same key, or for the same last credits, wait here.
  perform from public.credit_accounts where user_id = of_user for update;
  select * into kept from public.idempotency_keys where user_id = of_user and key = idempotency_key;
  if found then
    return private.replay(kept, kept.request_hash = wanted);
  end if;
  answer := private.decide_run(of_user, in_project, manifest);
  if not (answer ->> 'accepted')::boolean then
    return answer;
  end if;
  answer := answer || jsonb_build_object('run_id', run);

  insert into public.runs (id, user_id, project_id, plan, manifest, page_count, credits_half, cogs_worst_micro_usd, priced_at, created_at)
  values (run, of_user, in_project, answer ->> 'plan', manifest, (answer ->> 'page_count')::integer, (answer ->> 'credits_half')::integer,
          (answer ->> 'cogs_worst_micro_usd')::bigint, moment, moment);
  insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, created_at)
  values (of_user, 'burn', -(answer ->> 'credits_half')::bigint, 'burn:' || run, run, moment);
  perform private.enqueue_jobs(of_user, run, 'page', (
    select jsonb_agg(jsonb_build_object('payload', m.page || jsonb_build_object('page', m.page_number), 'operations', m.operations,
             'credits_half', page.credits_half, 'cogs_max_micro_usd', page.cogs_max, 'max_attempts', page.attempts_max)
             order by m.page_number)
    from private.manifest_pages(manifest) m
    cross join lateral (
      select sum(c.credits_half), sum(c.max_micro_usd), min(c.attempts_max)
      from private.operation_costs(moment) c where c.operation = any (m.operations)
    ) as page (credits_half, cogs_max, attempts_max)
  ), (select priority from public.plans where code = answer ->> 'plan'));
  insert into public.idempotency_keys (user_id, key, request_hash, answer, run_id, created_at)
  values (of_user, idempotency_key, wanted, answer, run, moment);
  return answer;
end $$;

CREATE FUNCTION private.subscriptions_at_stripe(of_user uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_agg(jsonb_build_object('id', s.stripe_subscription_id, 'status', coalesce(s.stripe_status, s.status))
                            order by s.stripe_subscription_id), '[]')
  from public.subscriptions s
  where s.user_id = of_user and s.stripe_subscription_id is not null
    and coalesce(s.stripe_status, s.status) not in ('canceled', 'incomplete_expired')
$$;

CREATE FUNCTION private.take_open_events(at_most integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.take_rate(of_bucket text, at_most integer, window_seconds integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
declare
  moment timestamptz := private.clock();
  opened timestamptz := to_timestamp(floor(extract(epoch from moment) / window_seconds) * window_seconds);
  now_taken integer;
begin
  insert into private.rates as r (bucket, window_start, taken) values (of_bucket, opened, 1)
  on conflict (bucket, window_start) do update set taken = r.taken + 1
  returning taken into now_taken;
  if now_taken = 1 then
    delete from private.rates where window_start < moment - interval '2 days';
  end if;
  if now_taken <= at_most then
    return 0;
  end if;
  return greatest(ceil(extract(epoch from opened + make_interval(secs => window_seconds) - moment))::integer, 1);
end $$;

CREATE FUNCTION private.take_virtual_times(of_user uuid, at_priority integer, getting_in_again boolean, count bigint) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  cursor_at bigint := coalesce(pg_catalog.pg_sequence_last_value('private.queue_cursor'::regclass), 0);
  serving bigint := case when cursor_at > 0 and private.priority_of(cursor_at) = at_priority then private.virtual_time_of(cursor_at)
                         else private.virtual_time_served(at_priority) end;
  last_time bigint;
  position bigint;
begin
  insert into private.virtual_times as t (user_id, priority, again, virtual_time)
  values (of_user, at_priority, getting_in_again, serving + count)
  on conflict (user_id, priority, again) do update set virtual_time = greatest(t.virtual_time, serving) + count
  returning virtual_time into last_time;
  position := private.position_of(at_priority, last_time - count);
  if position < coalesce(pg_catalog.pg_sequence_last_value('private.queue_cursor'::regclass), 0) then
    perform pg_catalog.setval('private.queue_cursor', position);
  end if;
  return last_time - count + 1;
end $$;

CREATE FUNCTION private.tell_changed_jobs() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform realtime.send(jsonb_build_object('run_id', a.run_id, 'status', a.status, 'job_ids', jsonb_agg(a.id)), 'jobs',
                        'user:' || a.user_id, true)
  from after a join before b on b.id = a.id where b.status <> a.status group by a.user_id, a.run_id, a.status;
  return null;
end $$;

CREATE FUNCTION private.tell_providers(of_worker text, its_providers text[]) RETURNS TABLE(operation text, action text, reason text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
#variable_conflict use_column
declare
  -- A worker that was not heard of for so long is gone. Longer bears longer outages; shorter
  -- notices sooner that nobody has a key any more. Workers tell every five minutes.
  gone constant interval := interval '15 minutes';
  no_key constant text := 'no worker has a key for ';
  seen record;
begin
  -- One at a time, with the guard and with each other.
  perform from public.governor_settings for update;
  if its_providers is null then
    delete from private.worker_providers where worker = of_worker;
    return;
  end if;
  insert into private.worker_providers (worker, providers, seen_at) values (of_worker, its_providers, private.clock())
  on conflict (worker) do update set providers = excluded.providers, seen_at = excluded.seen_at;
  delete from private.worker_providers where seen_at < private.clock() - gone;
  for seen in
    select o.code, o.switched_off, coalesce(starts_with(o.switch_reason, no_key), false) as by_us,
           exists (select from private.worker_providers w where '*' = any (w.providers) or path.needed <@ w.providers) as can,
           array(select p.needed from unnest(path.needed) as p (needed) where p.needed <> all (its_providers)) as lacking
    from public.operations o
    cross join lateral (
      select array_agg(distinct s.provider order by s.provider) as needed
      from public.operation_steps s where s.operation = o.code and s.fallback = o.uses_fallback
    ) as path
    where not o.per_run and path.needed is not null order by o.code
  loop
    operation := seen.code;
    if not seen.can and not seen.switched_off then
      action := 'off';
      reason := no_key || array_to_string(seen.lacking, ', ');
    elsif seen.can and seen.switched_off and seen.by_us then
      action := 'on';
      reason := 'a worker has all its keys';
    else
      continue;
    end if;
    update public.operations o set switched_off = action = 'off', switch_reason = reason, switched_at = private.clock()
    where o.code = seen.code;
    return next;
  end loop;
end $$;

CREATE FUNCTION private.trial_credits_half() RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select 20 $$;

CREATE FUNCTION private.trial_length() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select interval '14 days' $$;

CREATE FUNCTION private.trials_per_day_max() RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select 200 $$;

CREATE FUNCTION private.unit_prices() RETURNS TABLE(provider text, model text, unit text, unit_micro_usd numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select distinct on (p.provider, p.model, p.unit) p.provider, p.model, p.unit, p.unit_micro_usd
  from public.provider_prices p where p.effective_from <= private.clock()
  order by p.provider, p.model, p.unit, p.effective_from desc
$$;

CREATE FUNCTION private.user_of_customer(stripe_customer text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select coalesce(
    (select c.user_id from public.billing_customers c where c.stripe_customer_id = stripe_customer),
    (select s.user_id from public.subscriptions s where s.stripe_customer_id = stripe_customer and s.stripe_reading is not null limit 1))
$$;

CREATE FUNCTION private.virtual_time_of("position" bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ("position" & (((1)::bigint << 48) - 1));

CREATE FUNCTION private.virtual_time_served(at_priority integer) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  cursor_at bigint := (select last_value from private.queue_cursor);
  latest bigint := (select last_value from private.virtual_time);
  first bigint;
begin
  if latest = 0 then
    latest := coalesce((select max(t.virtual_time) from private.virtual_times t), 0);
    perform pg_catalog.setval('private.virtual_time', latest);
  end if;
  if private.priority_of(cursor_at) = at_priority then
    return private.virtual_time_of(cursor_at);
  end if;
  if private.priority_of(cursor_at) < at_priority then
    select position into first from public.jobs
    where status = 'pending' and position is not null
      and position >= private.position_of(at_priority, 0) and position < private.position_of(at_priority + 1, 0)
    order by position limit 1;
    if first is not null then
      return private.virtual_time_of(first) - 1;
    end if;
  end if;
  return latest;
end $$;

CREATE FUNCTION private.wake_workers() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  for slot in 1 .. 3 loop
    -- The lock ends with the transaction.
    if pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('myjoe: wake workers'), slot) then
      perform pg_catalog.pg_notify('myjoe_jobs', '');
      return;
    end if;
  end loop;
end $$;

CREATE TABLE public.clawbacks (
    id text NOT NULL,
    kind text NOT NULL,
    payment_intent text NOT NULL,
    user_id uuid NOT NULL,
    cents bigint NOT NULL,
    status text NOT NULL,
    in_force boolean NOT NULL,
    due_half bigint NOT NULL,
    taken_half bigint DEFAULT 0 NOT NULL,
    entries integer DEFAULT 0 NOT NULL,
    forgiven_at timestamp with time zone,
    stripe_reading bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT clawbacks_cents_check CHECK ((cents >= 0)),
    CONSTRAINT clawbacks_due_half_check CHECK ((due_half >= 0)),
    CONSTRAINT clawbacks_id_check CHECK (((length(id) >= 3) AND (length(id) <= 255))),
    CONSTRAINT clawbacks_kind_check CHECK ((kind = ANY (ARRAY['refund'::text, 'dispute'::text]))),
    CONSTRAINT clawbacks_taken_half_check CHECK ((taken_half >= 0))
);

CREATE FUNCTION private.wanted_half(c public.clawbacks) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case when not c.in_force then 0 when c.forgiven_at is not null then least(c.taken_half, c.due_half) else c.due_half end
$$;

CREATE FUNCTION private.welcome_user() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.profiles (id) values (new.id) on conflict do nothing;
  insert into public.credit_accounts (user_id) values (new.id) on conflict do nothing;
  return null;
end $$;

CREATE TABLE public.cost_events (
    id bigint NOT NULL,
    job_id uuid,
    user_id uuid NOT NULL,
    operation text NOT NULL,
    step text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    provider_request_id text NOT NULL,
    kind text NOT NULL,
    cost_micro_usd bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT cost_events_check CHECK (((cost_micro_usd >= 0) OR (kind = 'correction'::text))),
    CONSTRAINT cost_events_kind_check CHECK ((kind = ANY (ARRAY['measured'::text, 'estimated'::text, 'correction'::text])))
);

CREATE TABLE public.governor_settings (
    only_one boolean DEFAULT true NOT NULL,
    margin_floor numeric(4,3) NOT NULL,
    target_buffer numeric(4,3) NOT NULL,
    guard_window interval NOT NULL,
    guard_yellow numeric(4,3) NOT NULL,
    guard_red numeric(4,3) NOT NULL,
    guard_jobs_min integer NOT NULL,
    snooze_max interval DEFAULT '12:00:00'::interval NOT NULL,
    CONSTRAINT governor_settings_check CHECK ((guard_red >= guard_yellow)),
    CONSTRAINT governor_settings_guard_jobs_min_check CHECK ((guard_jobs_min > 0)),
    CONSTRAINT governor_settings_margin_floor_check CHECK (((margin_floor >= (0)::numeric) AND (margin_floor <= 0.999))),
    CONSTRAINT governor_settings_only_one_check CHECK (only_one),
    CONSTRAINT governor_settings_snooze_max_check CHECK ((snooze_max > '00:00:00'::interval)),
    CONSTRAINT governor_settings_target_buffer_check CHECK (((target_buffer >= (0)::numeric) AND (target_buffer <= 0.999)))
);

CREATE TABLE public.operations (
    code text NOT NULL,
    label text NOT NULL,
    credits_half integer NOT NULL,
    attempts_max integer NOT NULL,
    cogs_max_micro_usd bigint,
    per_run boolean DEFAULT false NOT NULL,
    switched_off boolean DEFAULT false NOT NULL,
    uses_fallback boolean DEFAULT false NOT NULL,
    switch_reason text,
    switched_at timestamp with time zone,
    CONSTRAINT operations_attempts_max_check CHECK (((attempts_max >= 1) AND (attempts_max <= 10))),
    CONSTRAINT operations_check CHECK (((NOT per_run) OR (credits_half = 0))),
    CONSTRAINT operations_cogs_max_micro_usd_check CHECK ((cogs_max_micro_usd > 0)),
    CONSTRAINT operations_credits_half_check CHECK ((credits_half >= 0))
);

CREATE VIEW private.cogs_drift WITH (security_invoker='true') AS
 SELECT c.operation,
    spent.jobs,
    spent.mean_micro_usd,
    c.target_micro_usd,
    c.max_micro_usd,
    round(((spent.mean_micro_usd)::numeric / (NULLIF(c.max_micro_usd, 0))::numeric), 3) AS share_of_max,
        CASE
            WHEN (spent.jobs < s.guard_jobs_min) THEN 'unknown'::text
            WHEN ((spent.mean_micro_usd)::numeric >= (s.guard_red * (c.max_micro_usd)::numeric)) THEN 'red'::text
            WHEN ((spent.mean_micro_usd)::numeric >= (s.guard_yellow * (c.max_micro_usd)::numeric)) THEN 'yellow'::text
            ELSE 'green'::text
        END AS level,
    o.switched_off,
    o.uses_fallback
   FROM ((((public.governor_settings s
     CROSS JOIN private.clock() now(moment))
     CROSS JOIN LATERAL private.operation_costs(now.moment) c(operation, credits_half, attempts_max, worst_micro_usd, max_micro_usd, target_micro_usd, unpriced))
     JOIN public.operations o ON ((o.code = c.operation)))
     CROSS JOIN LATERAL ( SELECT counted.jobs,
            (COALESCE(ceil((counted.cost_micro_usd / (NULLIF(counted.jobs, 0))::numeric)), (0)::numeric))::bigint AS mean_micro_usd
           FROM ( SELECT count(DISTINCT COALESCE((e.job_id)::text, e.provider_request_id)) AS jobs,
                    sum(e.cost_micro_usd) AS cost_micro_usd
                   FROM public.cost_events e
                  WHERE ((e.operation = c.operation) AND (e.created_at > GREATEST((now.moment - s.guard_window), o.switched_at)))) counted) spent);

CREATE TABLE private.environment (
    only_one boolean DEFAULT true NOT NULL,
    name text NOT NULL,
    marked_at timestamp with time zone NOT NULL,
    CONSTRAINT environment_name_check CHECK ((name = ANY (ARRAY['development'::text, 'staging'::text, 'production'::text]))),
    CONSTRAINT environment_only_one_check CHECK (only_one)
);

CREATE TABLE public.jobs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    run_id uuid,
    type text NOT NULL,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    operations text[] DEFAULT '{}'::text[] NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    priority integer DEFAULT 100 NOT NULL,
    scheduled_at timestamp with time zone DEFAULT now() NOT NULL,
    locked_by text,
    locked_at timestamp with time zone,
    lease_until timestamp with time zone,
    lease_token bigint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    max_attempts integer DEFAULT 3 NOT NULL,
    last_error text,
    error_kind text,
    cancel_requested_at timestamp with time zone,
    "position" bigint,
    message_id bigint,
    credits_half integer DEFAULT 0 NOT NULL,
    cogs_max_micro_usd bigint,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    snoozes integer DEFAULT 0 NOT NULL,
    CONSTRAINT jobs_check CHECK (((status = 'in_progress'::text) = (locked_by IS NOT NULL))),
    CONSTRAINT jobs_check1 CHECK ((((locked_by IS NULL) = (locked_at IS NULL)) AND ((locked_by IS NULL) = (lease_until IS NULL)))),
    CONSTRAINT jobs_check2 CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) = (completed_at IS NOT NULL))),
    CONSTRAINT jobs_check3 CHECK ((((attempts >= 0) AND (attempts <= max_attempts)) AND (attempts <= lease_token))),
    CONSTRAINT jobs_credits_half_check CHECK ((credits_half >= 0)),
    CONSTRAINT jobs_max_attempts_check CHECK ((max_attempts > 0)),
    CONSTRAINT jobs_priority_check CHECK (((priority >= 0) AND (priority <= 9999))),
    CONSTRAINT jobs_snoozes_check CHECK ((snoozes >= 0)),
    CONSTRAINT jobs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'in_progress'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_analyze_scale_factor='0.02', autovacuum_analyze_threshold='5000');

CREATE VIEW private.failures WITH (security_invoker='true') AS
 SELECT COALESCE(j.error_kind, 'unknown'::text) AS kind,
    count(*) AS jobs,
    count(*) FILTER (WHERE (j.status = 'failed'::text)) AS dead,
    max(j.updated_at) AS latest
   FROM (public.jobs j
     CROSS JOIN private.clock() now(moment))
  WHERE (((j.status = 'failed'::text) OR ((j.status = ANY (ARRAY['pending'::text, 'in_progress'::text])) AND (j.error_kind IS NOT NULL))) AND (j.updated_at > (now.moment - '24:00:00'::interval)))
  GROUP BY COALESCE(j.error_kind, 'unknown'::text);

CREATE UNLOGGED SEQUENCE private.full_scan_due
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;

CREATE UNLOGGED SEQUENCE private.full_scan_us
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;

CREATE UNLOGGED SEQUENCE private.heard
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;

CREATE SEQUENCE private.heard_again
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;

CREATE TABLE private.intended_calls (
    key text NOT NULL,
    job_id uuid NOT NULL,
    operation text NOT NULL,
    step text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    cost_micro_usd bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ends_by timestamp with time zone,
    CONSTRAINT intended_calls_cost_micro_usd_check CHECK ((cost_micro_usd >= 0)),
    CONSTRAINT intended_calls_key_check CHECK (((length(key) >= 1) AND (length(key) <= 300)))
);

CREATE TABLE private.kept_drafts (
    job_id uuid NOT NULL,
    step text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT kept_drafts_content_check CHECK ((octet_length(content) <= 50000000)),
    CONSTRAINT kept_drafts_media_type_check CHECK (((length(media_type) >= 1) AND (length(media_type) <= 60))),
    CONSTRAINT kept_drafts_step_check CHECK (((length(step) >= 1) AND (length(step) <= 40)))
);
ALTER TABLE ONLY private.kept_drafts ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE VIEW private.lease_holders WITH (security_invoker='true') AS
 SELECT split_part(j.locked_by, '#'::text, 1) AS worker,
    count(*) AS jobs,
    (now.moment - max(j.locked_at)) AS silent,
    (max(j.lease_until) - now.moment) AS free_in
   FROM (public.jobs j
     CROSS JOIN private.clock() now(moment))
  WHERE (j.status = 'in_progress'::text)
  GROUP BY (split_part(j.locked_by, '#'::text, 1)), now.moment;

CREATE SEQUENCE private.leases_opening
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;

CREATE VIEW private.ledger_drift AS
SELECT
    NULL::uuid AS user_id,
    NULL::bigint AS balance_half,
    NULL::bigint AS ledger_half;

CREATE TABLE public.stripe_events (
    id text NOT NULL,
    type text NOT NULL,
    api_version text,
    created_at timestamp with time zone NOT NULL,
    payload jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    processed_at timestamp with time zone,
    error text,
    parked_at timestamp with time zone,
    parked_reason text,
    tried_at timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    CONSTRAINT stripe_events_check CHECK (((parked_at IS NULL) = (parked_reason IS NULL))),
    CONSTRAINT stripe_events_id_check CHECK ((id ~~ 'evt\_%'::text))
);

CREATE VIEW private.open_stripe_events WITH (security_invoker='true') AS
 SELECT id,
    type,
    api_version,
    created_at,
    received_at,
    tries,
    tried_at,
    error,
    parked_at,
    parked_reason
   FROM public.stripe_events
  WHERE (processed_at IS NULL);

CREATE TABLE public.job_events (
    id bigint NOT NULL,
    job_id uuid NOT NULL,
    event text NOT NULL,
    lease_token bigint NOT NULL,
    attempt integer NOT NULL,
    worker text,
    detail text,
    at timestamp with time zone NOT NULL,
    CONSTRAINT job_events_event_check CHECK ((event = ANY (ARRAY['enqueued'::text, 'claimed'::text, 'renewed'::text, 'completed'::text, 'retried'::text, 'released'::text, 'snoozed'::text, 'reclaimed'::text, 'failed'::text, 'cancel_requested'::text, 'cancelled'::text])))
);

CREATE VIEW private.operator_troubles WITH (security_invoker='true') AS
 SELECT j.error_kind AS kind,
    split_part(j.last_error, ': '::text, 1) AS provider,
    count(*) AS jobs,
    (array_agg(j.last_error ORDER BY j.updated_at DESC, j.id))[1] AS reason,
    (now.moment - min(j.updated_at)) AS longest
   FROM (public.jobs j
     CROSS JOIN private.clock() now(moment))
  WHERE ((j.status = 'pending'::text) AND (j."position" IS NULL) AND (j.error_kind = ANY (ARRAY['account'::text, 'operator'::text, 'storage'::text])) AND (j.last_error ~ '^[a-z][a-z0-9_-]*: '::text) AND (( SELECT e.event
           FROM public.job_events e
          WHERE (e.job_id = j.id)
          ORDER BY e.id DESC
         LIMIT 1) = 'snoozed'::text))
  GROUP BY j.error_kind, (split_part(j.last_error, ': '::text, 1)), now.moment;

CREATE VIEW private.owed_drift AS
SELECT
    NULL::uuid AS user_id,
    NULL::bigint AS owed_half,
    NULL::bigint AS clawbacks_half;

CREATE TABLE private.pauses (
    what text NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    times integer DEFAULT 0 NOT NULL,
    CONSTRAINT pauses_times_check CHECK ((times >= 0)),
    CONSTRAINT pauses_what_check CHECK (((length(what) >= 1) AND (length(what) <= 60)))
);

CREATE UNLOGGED SEQUENCE private.queue_cursor
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;

CREATE VIEW private.queue_depth WITH (security_invoker='true') AS
 SELECT seen.state,
    count(*) AS jobs,
    max(seen.age) AS oldest
   FROM ((public.jobs j
     CROSS JOIN private.clock() now(moment))
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN (j.status <> 'pending'::text) THEN j.status
                    WHEN (j.scheduled_at > now.moment) THEN 'postponed'::text
                    ELSE 'waiting'::text
                END AS "case",
            (now.moment -
                CASE j.status
                    WHEN 'pending'::text THEN j.scheduled_at
                    WHEN 'in_progress'::text THEN j.locked_at
                    ELSE j.completed_at
                END) AS "?column?") seen(state, age))
  WHERE ((j.status = ANY (ARRAY['pending'::text, 'in_progress'::text])) OR (j.completed_at > (now.moment - '24:00:00'::interval)))
  GROUP BY seen.state;

CREATE UNLOGGED TABLE private.rates (
    bucket text NOT NULL,
    window_start timestamp with time zone NOT NULL,
    taken integer NOT NULL,
    CONSTRAINT rates_bucket_check CHECK (((length(bucket) >= 1) AND (length(bucket) <= 200)))
);

CREATE UNLOGGED SEQUENCE private.server_epoch
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;

CREATE SEQUENCE private.stripe_readings
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE private.studio_sessions (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    sealed bytea NOT NULL,
    access_until timestamp with time zone NOT NULL,
    refreshing_until timestamp with time zone,
    device text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT studio_sessions_device_check CHECK ((length(device) <= 200)),
    CONSTRAINT studio_sessions_sealed_check CHECK ((length(sealed) < 20000)),
    CONSTRAINT studio_sessions_token_hash_check CHECK ((length(token_hash) = 32))
);

CREATE TABLE private.trials (
    user_id uuid NOT NULL,
    address_hash bytea NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    CONSTRAINT trials_address_hash_check CHECK ((length(address_hash) = 32))
);

CREATE TABLE private.troubles_told (
    provider text NOT NULL,
    kind text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    CONSTRAINT troubles_told_kind_check CHECK (((length(kind) >= 1) AND (length(kind) <= 60))),
    CONSTRAINT troubles_told_provider_check CHECK (((length(provider) >= 1) AND (length(provider) <= 60)))
);

CREATE UNLOGGED SEQUENCE private.virtual_time
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;

CREATE TABLE private.virtual_times (
    user_id uuid NOT NULL,
    priority integer NOT NULL,
    again boolean NOT NULL,
    virtual_time bigint NOT NULL
);

CREATE TABLE private.worker_providers (
    worker text NOT NULL,
    providers text[] NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

CREATE TABLE public.admin_actions (
    id bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT admin_actions_reason_check CHECK ((length(TRIM(BOTH FROM reason)) >= 3))
);

ALTER TABLE public.admin_actions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.admin_actions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.admins (
    user_id uuid NOT NULL,
    appointed_by text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT admins_reason_check CHECK ((length(TRIM(BOTH FROM reason)) >= 3))
);

CREATE TABLE public.billing_customers (
    user_id uuid NOT NULL,
    stripe_customer_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT billing_customers_stripe_customer_id_check CHECK ((stripe_customer_id ~~ 'cus\_%'::text))
);

CREATE TABLE public.checkouts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    intent text NOT NULL,
    lookup_key text NOT NULL,
    status text DEFAULT 'opening'::text NOT NULL,
    stripe_session_id text,
    url text,
    created_at timestamp with time zone NOT NULL,
    returned_at timestamp with time zone,
    looked_at timestamp with time zone,
    CONSTRAINT checkouts_intent_check CHECK (((length(intent) >= 8) AND (length(intent) <= 100))),
    CONSTRAINT checkouts_status_check CHECK ((status = ANY (ARRAY['opening'::text, 'open'::text, 'processing'::text, 'expired'::text, 'failed'::text, 'complete'::text])))
);

ALTER TABLE public.cost_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.cost_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.credit_accounts (
    user_id uuid NOT NULL,
    balance_half bigint DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    owed_half bigint DEFAULT 0 NOT NULL,
    frozen_at timestamp with time zone,
    frozen_reason text,
    CONSTRAINT credit_accounts_balance_half_check CHECK ((balance_half >= 0)),
    CONSTRAINT credit_accounts_check CHECK (((frozen_at IS NULL) = (frozen_reason IS NULL))),
    CONSTRAINT credit_accounts_frozen_reason_check CHECK (((length(frozen_reason) >= 1) AND (length(frozen_reason) <= 300))),
    CONSTRAINT credit_accounts_owed_half_check CHECK ((owed_half >= 0))
);

CREATE TABLE public.credit_ledger (
    id bigint NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    amount_half bigint NOT NULL,
    reference text NOT NULL,
    run_id uuid,
    job_id uuid,
    reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT credit_ledger_check CHECK (
CASE
    WHEN (kind = ANY (ARRAY['burn'::text, 'clawback'::text])) THEN (amount_half < 0)
    WHEN (kind = 'adjustment'::text) THEN (amount_half <> 0)
    ELSE (amount_half > 0)
END),
    CONSTRAINT credit_ledger_check1 CHECK ((split_part(reference, ':'::text, 1) = kind)),
    CONSTRAINT credit_ledger_check2 CHECK (((kind <> 'refund'::text) OR (job_id IS NOT NULL))),
    CONSTRAINT credit_ledger_kind_check CHECK ((kind = ANY (ARRAY['grant'::text, 'topup'::text, 'burn'::text, 'refund'::text, 'adjustment'::text, 'clawback'::text, 'restore'::text]))),
    CONSTRAINT credit_ledger_reference_check CHECK (((length(reference) >= 3) AND (length(reference) <= 300)))
);

ALTER TABLE public.credit_ledger ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.credit_ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dead_jobs (
    job_id uuid NOT NULL,
    user_id uuid NOT NULL,
    error_kind text,
    last_error text,
    attempts integer NOT NULL,
    died_at timestamp with time zone NOT NULL,
    requeued_as uuid
);

CREATE TABLE public.exports (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    run_id uuid NOT NULL,
    kind text NOT NULL,
    content_hash bytea NOT NULL,
    page_count integer NOT NULL,
    job_id uuid NOT NULL,
    file text,
    bytes bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    wanted jsonb DEFAULT '{}'::jsonb NOT NULL,
    pages_done integer DEFAULT 0 NOT NULL,
    files jsonb DEFAULT '{}'::jsonb NOT NULL,
    report jsonb DEFAULT '{}'::jsonb NOT NULL,
    ready boolean,
    CONSTRAINT exports_bytes_check CHECK ((bytes > 0)),
    CONSTRAINT exports_check CHECK ((((file IS NULL) = (finished_at IS NULL)) AND ((file IS NULL) = (bytes IS NULL)))),
    CONSTRAINT exports_files_check CHECK ((jsonb_typeof(files) = 'object'::text)),
    CONSTRAINT exports_kind_check CHECK ((kind = ANY (ARRAY['zip'::text, 'book'::text, 'print'::text, 'shop'::text]))),
    CONSTRAINT exports_page_count_check CHECK ((page_count > 0)),
    CONSTRAINT exports_pages_done_check CHECK ((pages_done >= 0)),
    CONSTRAINT exports_report_check CHECK ((length((report)::text) <= 400000))
);

CREATE TABLE public.generations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    job_id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    width_px integer NOT NULL,
    height_px integer NOT NULL,
    dpi integer NOT NULL,
    bit_depth integer NOT NULL,
    files jsonb DEFAULT '{}'::jsonb NOT NULL,
    qc jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    edited_at timestamp with time zone,
    CONSTRAINT generations_bit_depth_check CHECK ((bit_depth = ANY (ARRAY[1, 8, 24]))),
    CONSTRAINT generations_dpi_check CHECK ((dpi > 0)),
    CONSTRAINT generations_height_px_check CHECK ((height_px > 0)),
    CONSTRAINT generations_width_px_check CHECK ((width_px > 0))
);

ALTER TABLE public.job_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.job_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.operation_steps (
    operation text NOT NULL,
    fallback boolean DEFAULT false NOT NULL,
    step text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    unit text NOT NULL,
    units integer NOT NULL,
    CONSTRAINT operation_steps_step_check CHECK ((step = ANY (ARRAY['brain'::text, 'raster'::text, 'upscale'::text, 'judge'::text]))),
    CONSTRAINT operation_steps_unit_check CHECK ((unit = ANY (ARRAY['image'::text, 'input_token'::text, 'cached_input_token'::text, 'cache_write_token'::text, 'output_token'::text, 'second'::text]))),
    CONSTRAINT operation_steps_units_check CHECK ((units > 0))
);

CREATE TABLE public.page_locks (
    run_id uuid NOT NULL,
    page integer NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT page_locks_page_check CHECK ((page > 0))
);

CREATE TABLE public.payments (
    payment_intent text NOT NULL,
    user_id uuid NOT NULL,
    source text NOT NULL,
    cents bigint NOT NULL,
    source_cents bigint NOT NULL,
    granted_half bigint NOT NULL,
    ledger_references text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT payments_cents_check CHECK ((cents > 0)),
    CONSTRAINT payments_check CHECK ((source_cents >= cents)),
    CONSTRAINT payments_granted_half_check CHECK ((granted_half >= 0)),
    CONSTRAINT payments_payment_intent_check CHECK (((length(payment_intent) >= 3) AND (length(payment_intent) <= 255)))
);

CREATE TABLE public.plan_operations (
    plan text NOT NULL,
    operation text NOT NULL
);

CREATE TABLE public.plans (
    code text NOT NULL,
    label text NOT NULL,
    price_micro_usd_month bigint NOT NULL,
    credits_half_month integer NOT NULL,
    priority integer DEFAULT 100 NOT NULL,
    pages_per_run_max integer NOT NULL,
    pages_per_day_max integer NOT NULL,
    on_sale boolean DEFAULT true NOT NULL,
    CONSTRAINT plans_credits_half_month_check CHECK ((credits_half_month > 0)),
    CONSTRAINT plans_pages_per_day_max_check CHECK ((pages_per_day_max > 0)),
    CONSTRAINT plans_pages_per_run_max_check CHECK ((pages_per_run_max > 0)),
    CONSTRAINT plans_price_micro_usd_month_check CHECK ((price_micro_usd_month > 0)),
    CONSTRAINT plans_priority_check CHECK (((priority >= 0) AND (priority <= 9999)))
);

CREATE TABLE public.prices (
    lookup_key text NOT NULL,
    kind text NOT NULL,
    plan text,
    label text NOT NULL,
    cents integer NOT NULL,
    credits_half integer NOT NULL,
    on_sale boolean DEFAULT true NOT NULL,
    CONSTRAINT prices_cents_check CHECK ((cents > 0)),
    CONSTRAINT prices_check CHECK (((kind = 'plan'::text) = (plan IS NOT NULL))),
    CONSTRAINT prices_credits_half_check CHECK ((credits_half > 0)),
    CONSTRAINT prices_kind_check CHECK ((kind = ANY (ARRAY['plan'::text, 'topup'::text]))),
    CONSTRAINT prices_lookup_key_check CHECK ((lookup_key ~ '^[a-z0-9_]{1,200}$'::text))
);

CREATE TABLE public.profiles (
    id uuid NOT NULL,
    display_name text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    deletion_requested_at timestamp with time zone,
    deletion_at timestamp with time zone,
    CONSTRAINT profiles_check CHECK (((deletion_requested_at IS NULL) = (deletion_at IS NULL))),
    CONSTRAINT profiles_display_name_check CHECK ((length(display_name) <= 80))
);

CREATE TABLE public.projects (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid DEFAULT auth.uid() NOT NULL,
    name text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT projects_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120)))
);

CREATE TABLE public.provider_prices (
    provider text NOT NULL,
    model text NOT NULL,
    unit text NOT NULL,
    effective_from timestamp with time zone NOT NULL,
    unit_micro_usd numeric(18,6) NOT NULL,
    source text NOT NULL,
    CONSTRAINT provider_prices_unit_check CHECK ((unit = ANY (ARRAY['image'::text, 'input_token'::text, 'cached_input_token'::text, 'cache_write_token'::text, 'output_token'::text, 'second'::text]))),
    CONSTRAINT provider_prices_unit_micro_usd_check CHECK ((unit_micro_usd >= (0)::numeric))
);

CREATE TABLE public.redraws (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    run_id uuid NOT NULL,
    key text NOT NULL,
    page_count integer NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT redraws_key_check CHECK (((length(key) >= 8) AND (length(key) <= 200))),
    CONSTRAINT redraws_page_count_check CHECK ((page_count > 0))
);

CREATE VIEW public.run_pages WITH (security_invoker='true') AS
 SELECT latest.run_id,
    latest.page,
    latest.user_id,
    latest.job_id,
    latest.title,
    latest.prompt,
    latest.status,
    latest.stopping,
    latest.credits_half,
    latest.error_kind,
    latest.since,
    drawn.job_id AS picture_job_id,
    drawn.files,
    (l.page IS NOT NULL) AS locked
   FROM ((( SELECT DISTINCT ON (j.run_id, ((j.payload ->> 'page'::text))::integer) j.run_id,
            ((j.payload ->> 'page'::text))::integer AS page,
            j.user_id,
            j.id AS job_id,
            (j.payload ->> 'title'::text) AS title,
            (j.payload ->> 'prompt'::text) AS prompt,
            j.status,
            ((j.cancel_requested_at IS NOT NULL) AND (j.completed_at IS NULL)) AS stopping,
            j.credits_half,
            j.error_kind,
            j.updated_at AS since
           FROM public.jobs j
          WHERE ((j.type = 'page'::text) AND (j.run_id IS NOT NULL))
          ORDER BY j.run_id, ((j.payload ->> 'page'::text))::integer, j.created_at DESC, j.completed_at DESC, j.id) latest
     LEFT JOIN ( SELECT DISTINCT ON (j.run_id, ((j.payload ->> 'page'::text))::integer) j.run_id,
            ((j.payload ->> 'page'::text))::integer AS page,
            j.id AS job_id,
            g.files
           FROM (public.jobs j
             JOIN public.generations g ON ((g.job_id = j.id)))
          WHERE ((j.type = 'page'::text) AND (j.status = 'completed'::text))
          ORDER BY j.run_id, ((j.payload ->> 'page'::text))::integer, j.created_at DESC, j.completed_at DESC, j.id) drawn ON (((drawn.run_id = latest.run_id) AND (drawn.page = latest.page))))
     LEFT JOIN public.page_locks l ON (((l.run_id = latest.run_id) AND (l.page = latest.page))));

CREATE TABLE public.runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    project_id uuid,
    plan text NOT NULL,
    manifest jsonb NOT NULL,
    page_count integer NOT NULL,
    credits_half integer NOT NULL,
    cogs_worst_micro_usd bigint NOT NULL,
    priced_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT runs_credits_half_check CHECK ((credits_half > 0)),
    CONSTRAINT runs_page_count_check CHECK ((page_count > 0))
);

CREATE TABLE public.stripe_prices (
    stripe_price_id text NOT NULL,
    lookup_key text NOT NULL,
    credits_half integer NOT NULL,
    learned_at timestamp with time zone NOT NULL,
    CONSTRAINT stripe_prices_credits_half_check CHECK ((credits_half > 0)),
    CONSTRAINT stripe_prices_stripe_price_id_check CHECK (((length(stripe_price_id) >= 3) AND (length(stripe_price_id) <= 255)))
);

CREATE TABLE public.subscriptions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    plan text NOT NULL,
    status text NOT NULL,
    stripe_customer_id text,
    stripe_subscription_id text,
    stripe_event_created_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ends_at timestamp with time zone,
    stripe_reading bigint,
    stripe_status text,
    started_at timestamp with time zone,
    renews_at timestamp with time zone,
    cancels_at timestamp with time zone,
    superseded_at timestamp with time zone,
    CONSTRAINT subscriptions_status_check CHECK ((status = ANY (ARRAY['incomplete'::text, 'incomplete_expired'::text, 'trialing'::text, 'active'::text, 'past_due'::text, 'canceled'::text, 'unpaid'::text, 'paused'::text])))
);

ALTER TABLE ONLY private.environment
    ADD CONSTRAINT environment_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY private.intended_calls
    ADD CONSTRAINT intended_calls_pkey PRIMARY KEY (key);

ALTER TABLE ONLY private.kept_drafts
    ADD CONSTRAINT kept_drafts_pkey PRIMARY KEY (job_id, step);

ALTER TABLE ONLY private.pauses
    ADD CONSTRAINT pauses_pkey PRIMARY KEY (what);

ALTER TABLE ONLY private.rates
    ADD CONSTRAINT rates_pkey PRIMARY KEY (bucket, window_start);

ALTER TABLE ONLY private.studio_sessions
    ADD CONSTRAINT studio_sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY private.trials
    ADD CONSTRAINT trials_address_hash_key UNIQUE (address_hash);

ALTER TABLE ONLY private.trials
    ADD CONSTRAINT trials_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY private.troubles_told
    ADD CONSTRAINT troubles_told_pkey PRIMARY KEY (provider, kind);

ALTER TABLE ONLY private.virtual_times
    ADD CONSTRAINT virtual_times_pkey PRIMARY KEY (user_id, priority, again);

ALTER TABLE ONLY private.worker_providers
    ADD CONSTRAINT worker_providers_pkey PRIMARY KEY (worker);

ALTER TABLE ONLY public.admin_actions
    ADD CONSTRAINT admin_actions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.admins
    ADD CONSTRAINT admins_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.billing_customers
    ADD CONSTRAINT billing_customers_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.billing_customers
    ADD CONSTRAINT billing_customers_stripe_customer_id_key UNIQUE (stripe_customer_id);

ALTER TABLE ONLY public.checkouts
    ADD CONSTRAINT checkouts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.checkouts
    ADD CONSTRAINT checkouts_stripe_session_id_key UNIQUE (stripe_session_id);

ALTER TABLE ONLY public.clawbacks
    ADD CONSTRAINT clawbacks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cost_events
    ADD CONSTRAINT cost_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cost_events
    ADD CONSTRAINT cost_events_provider_provider_request_id_kind_key UNIQUE (provider, provider_request_id, kind);

ALTER TABLE ONLY public.credit_accounts
    ADD CONSTRAINT credit_accounts_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_reference_key UNIQUE (reference);

ALTER TABLE ONLY public.dead_jobs
    ADD CONSTRAINT dead_jobs_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY public.dead_jobs
    ADD CONSTRAINT dead_jobs_requeued_as_key UNIQUE (requeued_as);

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (id);

ALTER TABLE public.drafts
    ADD CONSTRAINT drafts_print_bounded CHECK ((private.print_fault((request -> 'print'::text)) IS NULL)) NOT VALID;

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_user_id_key_key UNIQUE (user_id, key);

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_run_id_kind_content_hash_key UNIQUE (run_id, kind, content_hash);

ALTER TABLE ONLY public.generations
    ADD CONSTRAINT generations_job_id_key UNIQUE (job_id);

ALTER TABLE ONLY public.generations
    ADD CONSTRAINT generations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.governor_settings
    ADD CONSTRAINT governor_settings_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key);

ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.operation_steps
    ADD CONSTRAINT operation_steps_pkey PRIMARY KEY (operation, fallback, step, unit);

ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.page_locks
    ADD CONSTRAINT page_locks_pkey PRIMARY KEY (run_id, page);

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (payment_intent);

ALTER TABLE ONLY public.plan_operations
    ADD CONSTRAINT plan_operations_pkey PRIMARY KEY (plan, operation);

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.prices
    ADD CONSTRAINT prices_pkey PRIMARY KEY (lookup_key);

ALTER TABLE ONLY public.profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);

ALTER TABLE public.projects
    ADD CONSTRAINT projects_settings_bounded CHECK (((jsonb_typeof(settings) = 'object'::text) AND (length((settings)::text) <= 20000))) NOT VALID;

ALTER TABLE ONLY public.provider_prices
    ADD CONSTRAINT provider_prices_pkey PRIMARY KEY (provider, model, unit, effective_from);

ALTER TABLE ONLY public.redraws
    ADD CONSTRAINT redraws_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.redraws
    ADD CONSTRAINT redraws_user_id_key_key UNIQUE (user_id, key);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stripe_events
    ADD CONSTRAINT stripe_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stripe_prices
    ADD CONSTRAINT stripe_prices_pkey PRIMARY KEY (stripe_price_id);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_stripe_subscription_id_key UNIQUE (stripe_subscription_id);

CREATE INDEX intended_calls_job ON private.intended_calls USING btree (job_id);

CREATE INDEX rates_start ON private.rates USING btree (window_start);

CREATE INDEX studio_sessions_seen ON private.studio_sessions USING btree (seen_at);

CREATE INDEX studio_sessions_user ON private.studio_sessions USING btree (user_id);

CREATE INDEX trials_begun ON private.trials USING btree (begun_at);

CREATE INDEX checkouts_lookup_key ON public.checkouts USING btree (lookup_key);

CREATE UNIQUE INDEX checkouts_one_of_an_intent ON public.checkouts USING btree (user_id, intent, lookup_key) WHERE (status <> ALL (ARRAY['expired'::text, 'failed'::text]));

CREATE INDEX checkouts_user ON public.checkouts USING btree (user_id, created_at DESC);

CREATE INDEX clawbacks_payment ON public.clawbacks USING btree (payment_intent);

CREATE INDEX clawbacks_user ON public.clawbacks USING btree (user_id);

CREATE INDEX cost_events_job ON public.cost_events USING btree (job_id);

CREATE INDEX cost_events_operation ON public.cost_events USING btree (operation, created_at);

CREATE INDEX cost_events_user ON public.cost_events USING btree (user_id);

CREATE INDEX credit_ledger_user ON public.credit_ledger USING btree (user_id, created_at DESC);

CREATE INDEX dead_jobs_user ON public.dead_jobs USING btree (user_id);

CREATE INDEX drafts_project ON public.drafts USING btree (project_id);

CREATE INDEX drafts_run ON public.drafts USING btree (run_id);

CREATE INDEX drafts_user ON public.drafts USING btree (user_id, created_at DESC);

CREATE INDEX exports_job ON public.exports USING btree (job_id);

CREATE INDEX exports_user ON public.exports USING btree (user_id, created_at DESC);

CREATE INDEX generations_user ON public.generations USING btree (user_id, created_at DESC);

CREATE INDEX idempotency_keys_run ON public.idempotency_keys USING btree (run_id);

CREATE INDEX job_events_job ON public.job_events USING btree (job_id);

CREATE INDEX jobs_due ON public.jobs USING btree (scheduled_at) WHERE ((status = 'pending'::text) AND ("position" IS NULL));

CREATE INDEX jobs_ended ON public.jobs USING btree (completed_at) WHERE (completed_at IS NOT NULL);

CREATE INDEX jobs_leases ON public.jobs USING btree (lease_until) WHERE (status = 'in_progress'::text);

CREATE INDEX jobs_locked_by ON public.jobs USING btree (locked_by);

CREATE INDEX jobs_position ON public.jobs USING btree ("position") WHERE ((status = 'pending'::text) AND ("position" IS NOT NULL));

CREATE INDEX jobs_position_of_user ON public.jobs USING btree (user_id, "position") WHERE ((status = 'pending'::text) AND ("position" IS NOT NULL));

CREATE INDEX jobs_run ON public.jobs USING btree (run_id);

CREATE INDEX jobs_sent ON public.jobs USING btree (message_id) WHERE ((status = 'pending'::text) AND (message_id IS NOT NULL));

CREATE INDEX jobs_status ON public.jobs USING btree (status, scheduled_at, priority);

CREATE INDEX jobs_user ON public.jobs USING btree (user_id, created_at DESC);

CREATE INDEX page_locks_user ON public.page_locks USING btree (user_id);

CREATE INDEX payments_user ON public.payments USING btree (user_id, created_at DESC);

CREATE INDEX plan_operations_operation ON public.plan_operations USING btree (operation);

CREATE INDEX prices_plan ON public.prices USING btree (plan);

CREATE INDEX projects_user ON public.projects USING btree (user_id, created_at DESC);

CREATE INDEX redraws_run ON public.redraws USING btree (run_id);

CREATE INDEX redraws_user ON public.redraws USING btree (user_id, created_at DESC);

CREATE INDEX runs_plan ON public.runs USING btree (plan);

CREATE INDEX runs_project ON public.runs USING btree (project_id);

CREATE INDEX runs_user ON public.runs USING btree (user_id, created_at DESC);

CREATE INDEX stripe_events_open ON public.stripe_events USING btree (received_at) WHERE (processed_at IS NULL);

CREATE INDEX stripe_prices_lookup_key ON public.stripe_prices USING btree (lookup_key);

CREATE INDEX subscriptions_customer ON public.subscriptions USING btree (stripe_customer_id);

CREATE UNIQUE INDEX subscriptions_one_in_force ON public.subscriptions USING btree (user_id) WHERE (status = ANY (ARRAY['trialing'::text, 'active'::text]));

CREATE INDEX subscriptions_plan ON public.subscriptions USING btree (plan);

CREATE INDEX subscriptions_user ON public.subscriptions USING btree (user_id);

CREATE OR REPLACE VIEW private.ledger_drift WITH (security_invoker='true') AS
 SELECT a.user_id,
    a.balance_half,
    (COALESCE(sum(l.amount_half), (0)::numeric))::bigint AS ledger_half
   FROM (public.credit_accounts a
     LEFT JOIN public.credit_ledger l ON ((l.user_id = a.user_id)))
  GROUP BY a.user_id
 HAVING ((a.balance_half)::numeric <> COALESCE(sum(l.amount_half), (0)::numeric));

CREATE OR REPLACE VIEW private.owed_drift WITH (security_invoker='true') AS
 SELECT a.user_id,
    a.owed_half,
    (COALESCE(sum((private.wanted_half(k.*) - k.taken_half)), (0)::numeric))::bigint AS clawbacks_half
   FROM (public.credit_accounts a
     LEFT JOIN public.clawbacks k ON ((k.user_id = a.user_id)))
  GROUP BY a.user_id
 HAVING ((a.owed_half)::numeric <> COALESCE(sum((private.wanted_half(k.*) - k.taken_half)), (0)::numeric));

CREATE TRIGGER bounded BEFORE INSERT ON public.projects FOR EACH ROW EXECUTE FUNCTION private.require_room_for_project();

CREATE TRIGGER bounded BEFORE INSERT ON public.runs FOR EACH ROW EXECUTE FUNCTION private.require_order();

CREATE TRIGGER move_balances AFTER INSERT ON public.credit_ledger REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.move_balances();

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.admin_actions FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.cost_events FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.credit_ledger FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.job_events FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();

CREATE TRIGGER tell_changed_jobs AFTER UPDATE ON public.jobs REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION private.tell_changed_jobs();

ALTER TABLE ONLY private.intended_calls
    ADD CONSTRAINT intended_calls_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.kept_drafts
    ADD CONSTRAINT kept_drafts_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.studio_sessions
    ADD CONSTRAINT studio_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.trials
    ADD CONSTRAINT trials_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY private.virtual_times
    ADD CONSTRAINT virtual_times_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.admins
    ADD CONSTRAINT admins_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.billing_customers
    ADD CONSTRAINT billing_customers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.checkouts
    ADD CONSTRAINT checkouts_lookup_key_fkey FOREIGN KEY (lookup_key) REFERENCES public.prices(lookup_key);

ALTER TABLE ONLY public.checkouts
    ADD CONSTRAINT checkouts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.clawbacks
    ADD CONSTRAINT clawbacks_payment_intent_fkey FOREIGN KEY (payment_intent) REFERENCES public.payments(payment_intent);

ALTER TABLE ONLY public.clawbacks
    ADD CONSTRAINT clawbacks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.cost_events
    ADD CONSTRAINT cost_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.cost_events
    ADD CONSTRAINT cost_events_operation_fkey FOREIGN KEY (operation) REFERENCES public.operations(code);

ALTER TABLE ONLY public.cost_events
    ADD CONSTRAINT cost_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.credit_accounts
    ADD CONSTRAINT credit_accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.dead_jobs
    ADD CONSTRAINT dead_jobs_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.dead_jobs
    ADD CONSTRAINT dead_jobs_requeued_as_fkey FOREIGN KEY (requeued_as) REFERENCES public.jobs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.dead_jobs
    ADD CONSTRAINT dead_jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.generations
    ADD CONSTRAINT generations_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.generations
    ADD CONSTRAINT generations_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.operation_steps
    ADD CONSTRAINT operation_steps_operation_fkey FOREIGN KEY (operation) REFERENCES public.operations(code);

ALTER TABLE ONLY public.page_locks
    ADD CONSTRAINT page_locks_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.page_locks
    ADD CONSTRAINT page_locks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.plan_operations
    ADD CONSTRAINT plan_operations_operation_fkey FOREIGN KEY (operation) REFERENCES public.operations(code);

ALTER TABLE ONLY public.plan_operations
    ADD CONSTRAINT plan_operations_plan_fkey FOREIGN KEY (plan) REFERENCES public.plans(code);

ALTER TABLE ONLY public.prices
    ADD CONSTRAINT prices_plan_fkey FOREIGN KEY (plan) REFERENCES public.plans(code);

ALTER TABLE ONLY public.profiles
    ADD CONSTRAINT profiles_id_fkey FOREIGN KEY (id) REFERENCES auth.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.redraws
    ADD CONSTRAINT redraws_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.redraws
    ADD CONSTRAINT redraws_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_plan_fkey FOREIGN KEY (plan) REFERENCES public.plans(code);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.stripe_prices
    ADD CONSTRAINT stripe_prices_lookup_key_fkey FOREIGN KEY (lookup_key) REFERENCES public.prices(lookup_key);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_plan_fkey FOREIGN KEY (plan) REFERENCES public.plans(code);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE POLICY "Intended calls can be read by admins" ON private.intended_calls FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Kept drafts can be read by admins" ON private.kept_drafts FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Pauses can be read by admins" ON private.pauses FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Rates can be read by nobody" ON private.rates FOR SELECT TO myjoe_admin USING (false);

CREATE POLICY "Sessions can be read by nobody" ON private.studio_sessions FOR SELECT TO myjoe_admin USING (false);

CREATE POLICY "The environment can be read by admins" ON private.environment FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Trials can be read by admins" ON private.trials FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Troubles can be read by admins" ON private.troubles_told FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Virtual times can be read by admins" ON private.virtual_times FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Workers' providers can be read by admins" ON private.worker_providers FOR SELECT TO myjoe_admin USING (true);

ALTER TABLE private.environment ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.intended_calls ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.kept_drafts ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.pauses ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.rates ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.studio_sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.trials ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.troubles_told ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.virtual_times ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.worker_providers ENABLE ROW LEVEL SECURITY;

CREATE POLICY "Admin actions can be read by admins" ON public.admin_actions FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Admins can be read by admins" ON public.admins FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Balances can be read by admins" ON public.credit_accounts FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Balances can be read by their owners" ON public.credit_accounts FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Checkouts can be read by admins" ON public.checkouts FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Checkouts can be read by their buyers" ON public.checkouts FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Clawbacks can be read by admins" ON public.clawbacks FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Clawbacks can be read by whom they concern" ON public.clawbacks FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Costs can be read by admins" ON public.cost_events FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Customers can be read by admins" ON public.billing_customers FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Customers can be read by themselves" ON public.billing_customers FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Dead jobs can be read by admins" ON public.dead_jobs FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Drafts can be read by admins" ON public.drafts FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Drafts can be read by their owners" ON public.drafts FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Events can be read by admins" ON public.job_events FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Exports can be read by admins" ON public.exports FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Exports can be read by their owners" ON public.exports FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Generations can be read by admins" ON public.generations FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Generations can be read by their owners" ON public.generations FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Jobs can be read by admins" ON public.jobs FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Jobs can be read by their owners" ON public.jobs FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Keys can be read by admins" ON public.idempotency_keys FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Ledger rows can be read by admins" ON public.credit_ledger FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Ledger rows can be read by their owners" ON public.credit_ledger FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Locks can be read by admins" ON public.page_locks FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Locks can be read by their owners" ON public.page_locks FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Operations can be read by admins" ON public.operations FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Operations can be read by everybody signed in" ON public.operations FOR SELECT TO authenticated USING (true);

CREATE POLICY "Payments can be read by admins" ON public.payments FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Payments can be read by who paid" ON public.payments FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Plans can be read by admins" ON public.plans FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Plans can be read by everybody" ON public.plans FOR SELECT TO anon, authenticated USING (true);

CREATE POLICY "Prices can be read by admins" ON public.provider_prices FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Profiles can be edited by their owners" ON public.profiles FOR UPDATE TO authenticated USING ((( SELECT auth.uid() AS uid) = id)) WITH CHECK ((( SELECT auth.uid() AS uid) = id));

CREATE POLICY "Profiles can be read by admins" ON public.profiles FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Profiles can be read by their owners" ON public.profiles FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = id));

CREATE POLICY "Projects can be deleted by their owners" ON public.projects FOR DELETE TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Projects can be edited by their owners" ON public.projects FOR UPDATE TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id)) WITH CHECK ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Projects can be made by their owners" ON public.projects FOR INSERT TO authenticated WITH CHECK ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Projects can be read by admins" ON public.projects FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Projects can be read by their owners" ON public.projects FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Redraws can be read by admins" ON public.redraws FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Runs can be read by admins" ON public.runs FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Runs can be read by their owners" ON public.runs FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "Settings can be read by admins" ON public.governor_settings FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Steps can be read by admins" ON public.operation_steps FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Stripe events can be read by admins" ON public.stripe_events FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Stripe's prices can be read by admins" ON public.stripe_prices FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Subscriptions can be read by admins" ON public.subscriptions FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "Subscriptions can be read by their owners" ON public.subscriptions FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) = user_id));

CREATE POLICY "What a plan may use can be read by admins" ON public.plan_operations FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "What a plan may use can be read by everybody" ON public.plan_operations FOR SELECT TO anon, authenticated USING (true);

CREATE POLICY "What is sold can be read by admins" ON public.prices FOR SELECT TO myjoe_admin USING (true);

CREATE POLICY "What is sold can be read by everybody" ON public.prices FOR SELECT TO anon, authenticated USING (true);

ALTER TABLE public.admin_actions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.admins ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.billing_customers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.checkouts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.clawbacks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.cost_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.credit_accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.credit_ledger ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.dead_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.drafts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.exports ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.generations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.governor_settings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.job_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.operation_steps ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.operations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.page_locks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.plan_operations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.plans ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.prices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.projects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.provider_prices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.redraws ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.stripe_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.stripe_prices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subscriptions ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA private TO service_role;
GRANT USAGE ON SCHEMA private TO myjoe_admin;

GRANT ALL ON SCHEMA public TO postgres;
GRANT USAGE ON SCHEMA public TO anon;
GRANT USAGE ON SCHEMA public TO authenticated;
GRANT USAGE ON SCHEMA public TO service_role;

REVOKE ALL ON FUNCTION private.add_credits(to_user uuid, credit_kind text, half_credits bigint, credit_reference text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.add_credits(to_user uuid, credit_kind text, half_credits bigint, credit_reference text, why text) TO service_role;

REVOKE ALL ON FUNCTION private.address_hash(email text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.admin_adjust_credits(of_user uuid, half_credits bigint, reason text, request text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_adjust_credits(of_user uuid, half_credits bigint, reason text, request text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_appoint(email_address text, appointed boolean, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_appoint(email_address text, appointed boolean, reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_find_users(part text, count_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_find_users(part text, count_max integer) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_forgive(of_user uuid, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_forgive(of_user uuid, reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_learn_price(stripe_price text, of_lookup_key text, half_credits integer, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_learn_price(stripe_price text, of_lookup_key text, half_credits integer, reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_look(at_user uuid, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_look(at_user uuid, reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_look_v2(at_user uuid, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_look_v2(at_user uuid, reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_note_fetch(reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_note_fetch(reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_release_worker(of_worker text, reason text, OUT jobs bigint, OUT silent_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_release_worker(of_worker text, reason text, OUT jobs bigint, OUT silent_seconds double precision) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_requeue(dead_job uuid, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_requeue(dead_job uuid, reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_switch(of_operation text, off boolean, fallback boolean, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_switch(of_operation text, off boolean, fallback boolean, reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_take_up_event(event text, reason text, only_close boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_take_up_event(event text, reason text, only_close boolean) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_unfreeze(of_user uuid, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_unfreeze(of_user uuid, reason text) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.admin_users(part text, count_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.admin_users(part text, count_max integer) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.backoff(attempt integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.begin_checkout(of_user uuid, with_intent text, of_lookup_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.begin_checkout(of_user uuid, with_intent text, of_lookup_key text) TO service_role;

REVOKE ALL ON FUNCTION private.begin_draft(of_user uuid, form_key text, wanted jsonb, in_project uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.begin_draft(of_user uuid, form_key text, wanted jsonb, in_project uuid) TO service_role;

REVOKE ALL ON FUNCTION private.begin_pause(of_what text, of_kind text, words text, after_seconds double precision, OUT began boolean, OUT seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION private.begin_pause(of_what text, of_kind text, words text, after_seconds double precision, OUT began boolean, OUT seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION private.begin_stripe_reading() FROM PUBLIC;
GRANT ALL ON FUNCTION private.begin_stripe_reading() TO service_role;

REVOKE ALL ON FUNCTION private.begin_trial(of_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.begin_trial(of_user uuid) TO service_role;

REVOKE ALL ON FUNCTION private.begin_trouble(of_provider text, of_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.begin_trouble(of_provider text, of_kind text) TO service_role;

REVOKE ALL ON FUNCTION private.bindings_per_day_max() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.book_payment(of_user uuid, of_source text, paid jsonb, bought jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.book_payment(of_user uuid, of_source text, paid jsonb, bought jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.cancel_deletion(of_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.cancel_deletion(of_user uuid) TO service_role;

REVOKE ALL ON FUNCTION private.cancel_jobs(of_user uuid, in_run uuid, only_job uuid, OUT cancelled integer, OUT requested integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.cancel_jobs(of_user uuid, in_run uuid, only_job uuid, OUT cancelled integer, OUT requested integer) TO service_role;

REVOKE ALL ON FUNCTION private.cancel_requested(job_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION private.cancel_requested(job_ids uuid[]) TO service_role;

REVOKE ALL ON FUNCTION private.checkout_age_max() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.checkout_patience() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.checkout_refusal(code text, message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claim_jobs(worker text, jobs_max integer, lease_seconds double precision, per_user_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.claim_jobs(worker text, jobs_max integer, lease_seconds double precision, per_user_max integer) TO service_role;

REVOKE ALL ON FUNCTION private.claim_messages(worker text, jobs_max integer, lease_seconds double precision, per_user_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.claim_messages(worker text, jobs_max integer, lease_seconds double precision, per_user_max integer) TO service_role;

REVOKE ALL ON FUNCTION private.claim_once(claim text, by_messages boolean, jobs_max integer, lease_seconds double precision, per_user_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.claim_once(claim text, by_messages boolean, jobs_max integer, lease_seconds double precision, per_user_max integer) TO service_role;

REVOKE ALL ON FUNCTION private.clock() FROM PUBLIC;
GRANT ALL ON FUNCTION private.clock() TO service_role;
GRANT ALL ON FUNCTION private.clock() TO myjoe_admin;

REVOKE ALL ON FUNCTION private.complete_jobs(job_ids uuid[], tokens bigint[], results jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION private.complete_jobs(job_ids uuid[], tokens bigint[], results jsonb[]) TO service_role;

REVOKE ALL ON FUNCTION private.confirm_claims(job_ids uuid[], tokens bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION private.confirm_claims(job_ids uuid[], tokens bigint[]) TO service_role;

REVOKE ALL ON FUNCTION private.confirm_jobs(job_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION private.confirm_jobs(job_ids uuid[]) TO service_role;

REVOKE ALL ON FUNCTION private.confirm_run(run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.confirm_run(run uuid) TO service_role;

REVOKE ALL ON FUNCTION private.count_intended(job_ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.credits(half bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.current_epoch() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.customer_of(of_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.customer_of(of_user uuid) TO service_role;

REVOKE ALL ON FUNCTION private.day(moment timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.decide_pages(of_user uuid, manifest jsonb, planned boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.decide_run(of_user uuid, in_project uuid, manifest jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.deletion_grace() FROM PUBLIC;

GRANT SELECT ON TABLE public.drafts TO service_role;
GRANT SELECT ON TABLE public.drafts TO myjoe_admin;

GRANT SELECT(id) ON TABLE public.drafts TO authenticated;

GRANT SELECT(user_id) ON TABLE public.drafts TO authenticated;

GRANT SELECT(project_id) ON TABLE public.drafts TO authenticated;

GRANT SELECT(request) ON TABLE public.drafts TO authenticated;

GRANT SELECT(state) ON TABLE public.drafts TO authenticated;

GRANT SELECT(planning_until) ON TABLE public.drafts TO authenticated;

GRANT SELECT(failure) ON TABLE public.drafts TO authenticated;

GRANT SELECT(title) ON TABLE public.drafts TO authenticated;

GRANT SELECT(style) ON TABLE public.drafts TO authenticated;

GRANT SELECT(pages) ON TABLE public.drafts TO authenticated;

GRANT SELECT(revision) ON TABLE public.drafts TO authenticated;

GRANT SELECT(run_id) ON TABLE public.drafts TO authenticated;

GRANT SELECT(created_at) ON TABLE public.drafts TO authenticated;

GRANT SELECT(updated_at) ON TABLE public.drafts TO authenticated;

REVOKE ALL ON FUNCTION private.draft_manifest(d public.drafts) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.drafts_per_day_max() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.drop_drafts(of_job uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.drop_drafts(of_job uuid) TO service_role;

REVOKE ALL ON FUNCTION private.edit_draft(of_user uuid, draft uuid, at_revision integer, new_title text, new_style text, new_pages jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.edit_draft(of_user uuid, draft uuid, at_revision integer, new_title text, new_style text, new_pages jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.end_jobs(job_ids uuid[], end_status text, error text, kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_pause(of_what text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.end_pause(of_what text) TO service_role;

REVOKE ALL ON FUNCTION private.end_sessions(of_user uuid, only_hash bytea, but_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION private.end_sessions(of_user uuid, only_hash bytea, but_hash bytea) TO service_role;

REVOKE ALL ON FUNCTION private.end_trouble(of_provider text, of_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.end_trouble(of_provider text, of_kind text) TO service_role;

REVOKE ALL ON FUNCTION private.end_troubles_of_nobody() FROM PUBLIC;
GRANT ALL ON FUNCTION private.end_troubles_of_nobody() TO service_role;

REVOKE ALL ON FUNCTION private.end_unknown_subscription(stripe_subscription text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.end_unknown_subscription(stripe_subscription text) TO service_role;

REVOKE ALL ON FUNCTION private.end_waiting(of_job uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enqueue_due(jobs_max integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enqueue_jobs(for_user uuid, in_run uuid, job_type text, jobs jsonb, at_priority integer, not_before timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enter_session(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION private.enter_session(hash bytea) TO service_role;

REVOKE ALL ON FUNCTION private.environment() FROM PUBLIC;
GRANT ALL ON FUNCTION private.environment() TO service_role;

REVOKE ALL ON FUNCTION private.erase_user(of_user uuid, job_id uuid, token bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION private.erase_user(of_user uuid, job_id uuid, token bigint) TO service_role;

REVOKE ALL ON FUNCTION private.export_account(of_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.export_account(of_user uuid) TO service_role;

REVOKE ALL ON FUNCTION private.export_account_v1(of_user uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.export_of(of_job uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fail_draft(draft uuid, token bigint, sentence text, for_good boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION private.fail_draft(draft uuid, token bigint, sentence text, for_good boolean) TO service_role;

REVOKE ALL ON FUNCTION private.fail_job(job_id uuid, token bigint, error text, kind text, for_good boolean, retry_after_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION private.fail_job(job_id uuid, token bigint, error text, kind text, for_good boolean, retry_after_seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION private.files_of_user(of_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.files_of_user(of_user uuid) TO service_role;

REVOKE ALL ON FUNCTION private.finish_binding(of_job uuid, token bigint, stored jsonb, told jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.finish_binding(of_job uuid, token bigint, stored jsonb, told jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.finish_draft(draft uuid, token bigint, plan jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.finish_draft(draft uuid, token bigint, plan jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.finish_export(of_job uuid, token bigint, bound_file text, bound_bytes bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION private.finish_export(of_job uuid, token bigint, bound_file text, bound_bytes bigint) TO service_role;

REVOKE ALL ON FUNCTION private.finish_stripe_event(event_id text, failure text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.finish_stripe_event(event_id text, failure text) TO service_role;

REVOKE ALL ON FUNCTION private.freeze_by_debt() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.freeze_by_dispute() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.guard_costs() FROM PUBLIC;
GRANT ALL ON FUNCTION private.guard_costs() TO service_role;

REVOKE ALL ON FUNCTION private.hear(lease_seconds double precision) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.heartbeat_jobs(job_ids uuid[], tokens bigint[], lease_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION private.heartbeat_jobs(job_ids uuid[], tokens bigint[], lease_seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION private.honour_leases() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.intend_call(call jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.intend_call(call jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.is_payment(intent text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_payment(intent text) TO service_role;

REVOKE ALL ON FUNCTION private.is_user(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_user(id uuid) TO service_role;

REVOKE ALL ON FUNCTION private.keep_draft(of_job uuid, of_step text, of_type text, picture bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION private.keep_draft(of_job uuid, of_step text, of_type text, picture bytea) TO service_role;

REVOKE ALL ON FUNCTION private.keep_planning(draft uuid, token bigint, lease_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION private.keep_planning(draft uuid, token bigint, lease_seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION private.keep_stripe_event(event_id text, event_type text, event_api_version text, made_at timestamp with time zone, content jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.keep_stripe_event(event_id text, event_type text, event_api_version text, made_at timestamp with time zone, content jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.kept_draft(of_job uuid, of_step text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.kept_draft(of_job uuid, of_step text) TO service_role;

REVOKE ALL ON FUNCTION private.known_price(stripe_price text, of_lookup_key text, in_cents bigint, in_currency text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.known_price(stripe_price text, of_lookup_key text, in_cents bigint, in_currency text) TO service_role;

REVOKE ALL ON FUNCTION private.link_customer(of_user uuid, stripe_customer text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.link_customer(of_user uuid, stripe_customer text) TO service_role;

REVOKE ALL ON FUNCTION private.lock_draft(of_user uuid, draft uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lock_page(of_user uuid, in_run uuid, of_page integer, locked boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION private.lock_page(of_user uuid, in_run uuid, of_page integer, locked boolean) TO service_role;

REVOKE ALL ON FUNCTION private.machine_us() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.make_project(of_user uuid, project_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.make_project(of_user uuid, project_name text) TO service_role;

REVOKE ALL ON FUNCTION private.manifest_pages(manifest jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.mark_edited(of_user uuid, in_run uuid, of_page integer, edited boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION private.mark_edited(of_user uuid, in_run uuid, of_page integer, edited boolean) TO service_role;

REVOKE ALL ON FUNCTION private.mark_environment(environment_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.mark_environment(environment_name text) TO service_role;

REVOKE ALL ON FUNCTION private.move_balances() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.name_user(of_user uuid, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.name_user(of_user uuid, name text) TO service_role;

REVOKE ALL ON FUNCTION private.next_due() FROM PUBLIC;
GRANT ALL ON FUNCTION private.next_due() TO service_role;

REVOKE ALL ON FUNCTION private.note_action(action text, subject text, reason text, detail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_binding(of_job uuid, token bigint, done integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.note_binding(of_job uuid, token bigint, done integer) TO service_role;

REVOKE ALL ON FUNCTION private.open_checkout(checkout uuid, session text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.open_checkout(checkout uuid, session text, address text) TO service_role;

REVOKE ALL ON FUNCTION private.open_messages() FROM PUBLIC;
GRANT ALL ON FUNCTION private.open_messages() TO service_role;

REVOKE ALL ON FUNCTION private.open_requests(of_job uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.open_requests(of_job uuid) TO service_role;

REVOKE ALL ON FUNCTION private.open_session(token_hash bytea, of_user uuid, sealed bytea, access_until timestamp with time zone, device text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.open_session(token_hash bytea, of_user uuid, sealed bytea, access_until timestamp with time zone, device text) TO service_role;

REVOKE ALL ON FUNCTION private.opened_us() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.operation_costs(at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION private.operation_costs(at timestamp with time zone) TO service_role;
GRANT ALL ON FUNCTION private.operation_costs(at timestamp with time zone) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.order_fault(manifest jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.order_fields() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.page_fault(page jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.pages_ordered(of_user uuid, after timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.park_stripe_event(event_id text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.park_stripe_event(event_id text, why text) TO service_role;

REVOKE ALL ON FUNCTION private.pause_floor(times integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.pause_of_others(seconds double precision, times integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.paused() FROM PUBLIC;
GRANT ALL ON FUNCTION private.paused() TO service_role;

REVOKE ALL ON FUNCTION private.pick_jobs(jobs_max integer, per_user_max integer, from_position bigint, OUT ids uuid[], OUT next_position bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.plan_draft(of_user uuid, draft uuid, lease_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION private.plan_draft(of_user uuid, draft uuid, lease_seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION private.position_of(priority integer, virtual_time bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.postpone_job(job uuid, event text, until timestamp with time zone, attempts_back integer, error text, kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.print_fault(wanted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.print_order(manifest jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.priority_of("position" bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.project_for(of_user uuid, wanted uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.put_checkout(checkout uuid, session text, to_status text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.put_checkout(checkout uuid, session text, to_status text) TO service_role;

REVOKE ALL ON FUNCTION private.put_clawback(clawback text, of_kind text, intent text, in_cents bigint, to_status text, holds boolean, reading bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION private.put_clawback(clawback text, of_kind text, intent text, in_cents bigint, to_status text, holds boolean, reading bigint) TO service_role;

REVOKE ALL ON FUNCTION private.put_subscription(of_user uuid, stripe_subscription text, stripe_customer text, to_plan text, to_status text, event_made_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION private.put_subscription(of_user uuid, stripe_subscription text, stripe_customer text, to_plan text, to_status text, event_made_at timestamp with time zone) TO service_role;

REVOKE ALL ON FUNCTION private.put_subscription_v2(of_user uuid, stripe_subscription text, stripe_customer text, to_plan text, to_status text, started timestamp with time zone, renews timestamp with time zone, cancels timestamp with time zone, reading bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION private.put_subscription_v2(of_user uuid, stripe_subscription text, stripe_customer text, to_plan text, to_status text, started timestamp with time zone, renews timestamp with time zone, cancels timestamp with time zone, reading bigint) TO service_role;

REVOKE ALL ON FUNCTION private.quote_draft(of_user uuid, draft uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.quote_draft(of_user uuid, draft uuid) TO service_role;

REVOKE ALL ON FUNCTION private.quote_redraw(of_user uuid, in_run uuid, wanted integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION private.quote_redraw(of_user uuid, in_run uuid, wanted integer[]) TO service_role;

REVOKE ALL ON FUNCTION private.quote_run(of_user uuid, in_project uuid, manifest jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.quote_run(of_user uuid, in_project uuid, manifest jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.reclaim_jobs(jobs_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.reclaim_jobs(jobs_max integer) TO service_role;

REVOKE ALL ON FUNCTION private.record_costs(costs jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.record_costs(costs jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.redraw_manifest(of_user uuid, in_run uuid, wanted integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.redraw_pages(of_user uuid, in_run uuid, idempotency_key text, wanted integer[], agreed_half bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION private.redraw_pages(of_user uuid, in_run uuid, idempotency_key text, wanted integer[], agreed_half bigint) TO service_role;

REVOKE ALL ON FUNCTION private.refusal(code text, message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refusal(code text, message text, detail jsonb, opens_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse_account(of_user uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse_draft(d public.drafts) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse_redraw() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse_trial(of_user uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.release_claim(claim text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.release_claim(claim text) TO service_role;

REVOKE ALL ON FUNCTION private.release_jobs(job_ids uuid[], tokens bigint[], after_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION private.release_jobs(job_ids uuid[], tokens bigint[], after_seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION private.remove_project(of_user uuid, project uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.remove_project(of_user uuid, project uuid) TO service_role;

REVOKE ALL ON FUNCTION private.rename_project(of_user uuid, project uuid, project_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.rename_project(of_user uuid, project uuid, project_name text) TO service_role;

REVOKE ALL ON FUNCTION private.renew_session(hash bytea, new_sealed bytea, new_access_until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION private.renew_session(hash bytea, new_sealed bytea, new_access_until timestamp with time zone) TO service_role;

GRANT SELECT ON TABLE public.idempotency_keys TO service_role;
GRANT SELECT ON TABLE public.idempotency_keys TO myjoe_admin;

REVOKE ALL ON FUNCTION private.replay(kept public.idempotency_keys, same boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.replay_run(of_user uuid, idempotency_key text, book jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.replay_run(of_user uuid, idempotency_key text, book jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.request_binding(of_user uuid, in_run uuid, of_kind text, wanted jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.request_binding(of_user uuid, in_run uuid, of_kind text, wanted jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.request_deletion(of_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.request_deletion(of_user uuid) TO service_role;

REVOKE ALL ON FUNCTION private.request_export(of_user uuid, in_run uuid, of_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.request_export(of_user uuid, in_run uuid, of_kind text) TO service_role;

REVOKE ALL ON FUNCTION private.require_order() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_room_for_project() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.revenue_per_half_micro_usd() FROM PUBLIC;
GRANT ALL ON FUNCTION private.revenue_per_half_micro_usd() TO service_role;
GRANT ALL ON FUNCTION private.revenue_per_half_micro_usd() TO myjoe_admin;

REVOKE ALL ON FUNCTION private.routes() FROM PUBLIC;
GRANT ALL ON FUNCTION private.routes() TO service_role;

REVOKE ALL ON FUNCTION private.see_checkout(of_user uuid, session text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.see_checkout(of_user uuid, session text) TO service_role;

REVOKE ALL ON FUNCTION private.send_jobs(jobs_max integer, per_user_max integer, from_position bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.session_age_max() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.session_idle_max() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.session_tokens(hash bytea, refresh_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION private.session_tokens(hash bytea, refresh_seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION private.settle_clawbacks(of_user uuid, freezes boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.snooze_job(job_id uuid, token bigint, after_seconds double precision, reason text, kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.snooze_job(job_id uuid, token bigint, after_seconds double precision, reason text, kind text) TO service_role;

REVOKE ALL ON FUNCTION private.snooze_limit(kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.standing(of_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.standing(of_user uuid) TO service_role;
GRANT ALL ON FUNCTION private.standing(of_user uuid) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.stripe_event_patience(tries integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.submit_draft(of_user uuid, draft uuid, at_revision integer, agreed_half bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION private.submit_draft(of_user uuid, draft uuid, at_revision integer, agreed_half bigint) TO service_role;

REVOKE ALL ON FUNCTION private.submit_run(of_user uuid, in_project uuid, idempotency_key text, manifest jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.submit_run(of_user uuid, in_project uuid, idempotency_key text, manifest jsonb) TO service_role;

REVOKE ALL ON FUNCTION private.subscriptions_at_stripe(of_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.subscriptions_at_stripe(of_user uuid) TO service_role;

REVOKE ALL ON FUNCTION private.take_open_events(at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.take_open_events(at_most integer) TO service_role;

REVOKE ALL ON FUNCTION private.take_rate(of_bucket text, at_most integer, window_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.take_rate(of_bucket text, at_most integer, window_seconds integer) TO service_role;

REVOKE ALL ON FUNCTION private.take_virtual_times(of_user uuid, at_priority integer, getting_in_again boolean, count bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell_changed_jobs() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell_providers(of_worker text, its_providers text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION private.tell_providers(of_worker text, its_providers text[]) TO service_role;

REVOKE ALL ON FUNCTION private.trial_credits_half() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.trial_length() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.trials_per_day_max() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.unit_prices() FROM PUBLIC;
GRANT ALL ON FUNCTION private.unit_prices() TO service_role;

REVOKE ALL ON FUNCTION private.user_of_customer(stripe_customer text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.user_of_customer(stripe_customer text) TO service_role;

REVOKE ALL ON FUNCTION private.virtual_time_of("position" bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.virtual_time_served(at_priority integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.wake_workers() FROM PUBLIC;

GRANT SELECT ON TABLE public.clawbacks TO authenticated;
GRANT SELECT ON TABLE public.clawbacks TO service_role;
GRANT SELECT ON TABLE public.clawbacks TO myjoe_admin;

REVOKE ALL ON FUNCTION private.wanted_half(c public.clawbacks) FROM PUBLIC;
GRANT ALL ON FUNCTION private.wanted_half(c public.clawbacks) TO service_role;
GRANT ALL ON FUNCTION private.wanted_half(c public.clawbacks) TO myjoe_admin;

REVOKE ALL ON FUNCTION private.welcome_user() FROM PUBLIC;

GRANT SELECT ON TABLE public.cost_events TO service_role;
GRANT SELECT ON TABLE public.cost_events TO myjoe_admin;

GRANT SELECT ON TABLE public.governor_settings TO service_role;
GRANT SELECT ON TABLE public.governor_settings TO myjoe_admin;

GRANT SELECT ON TABLE public.operations TO service_role;
GRANT SELECT ON TABLE public.operations TO myjoe_admin;

GRANT SELECT(code) ON TABLE public.operations TO authenticated;

GRANT SELECT(label) ON TABLE public.operations TO authenticated;

GRANT SELECT(credits_half) ON TABLE public.operations TO authenticated;

GRANT SELECT(switched_off) ON TABLE public.operations TO authenticated;

GRANT SELECT ON TABLE private.cogs_drift TO service_role;
GRANT SELECT ON TABLE private.cogs_drift TO myjoe_admin;

GRANT SELECT ON TABLE private.environment TO service_role;
GRANT SELECT ON TABLE private.environment TO myjoe_admin;

GRANT SELECT ON TABLE public.jobs TO service_role;
GRANT SELECT ON TABLE public.jobs TO myjoe_admin;

GRANT SELECT(id) ON TABLE public.jobs TO authenticated;

GRANT SELECT(user_id) ON TABLE public.jobs TO authenticated;

GRANT SELECT(run_id) ON TABLE public.jobs TO authenticated;

GRANT SELECT(type) ON TABLE public.jobs TO authenticated;

GRANT SELECT(payload) ON TABLE public.jobs TO authenticated;

GRANT SELECT(operations) ON TABLE public.jobs TO authenticated;

GRANT SELECT(status) ON TABLE public.jobs TO authenticated;

GRANT SELECT(priority) ON TABLE public.jobs TO authenticated;

GRANT SELECT(scheduled_at) ON TABLE public.jobs TO authenticated;

GRANT SELECT(attempts) ON TABLE public.jobs TO authenticated;

GRANT SELECT(max_attempts) ON TABLE public.jobs TO authenticated;

GRANT SELECT(error_kind) ON TABLE public.jobs TO authenticated;

GRANT SELECT(cancel_requested_at) ON TABLE public.jobs TO authenticated;

GRANT SELECT(credits_half) ON TABLE public.jobs TO authenticated;

GRANT SELECT(started_at) ON TABLE public.jobs TO authenticated;

GRANT SELECT(completed_at) ON TABLE public.jobs TO authenticated;

GRANT SELECT(created_at) ON TABLE public.jobs TO authenticated;

GRANT SELECT(updated_at) ON TABLE public.jobs TO authenticated;

GRANT SELECT ON TABLE private.failures TO service_role;
GRANT SELECT ON TABLE private.failures TO myjoe_admin;

GRANT SELECT ON TABLE private.intended_calls TO service_role;
GRANT SELECT ON TABLE private.intended_calls TO myjoe_admin;

GRANT SELECT ON TABLE private.kept_drafts TO service_role;
GRANT SELECT ON TABLE private.kept_drafts TO myjoe_admin;

GRANT SELECT ON TABLE private.lease_holders TO service_role;
GRANT SELECT ON TABLE private.lease_holders TO myjoe_admin;

GRANT SELECT ON TABLE private.ledger_drift TO service_role;
GRANT SELECT ON TABLE private.ledger_drift TO myjoe_admin;

GRANT SELECT ON TABLE public.stripe_events TO service_role;
GRANT SELECT ON TABLE public.stripe_events TO myjoe_admin;

GRANT SELECT ON TABLE private.open_stripe_events TO service_role;
GRANT SELECT ON TABLE private.open_stripe_events TO myjoe_admin;

GRANT SELECT ON TABLE public.job_events TO service_role;
GRANT SELECT ON TABLE public.job_events TO myjoe_admin;

GRANT SELECT ON TABLE private.operator_troubles TO service_role;
GRANT SELECT ON TABLE private.operator_troubles TO myjoe_admin;

GRANT SELECT ON TABLE private.owed_drift TO service_role;
GRANT SELECT ON TABLE private.owed_drift TO myjoe_admin;

GRANT SELECT ON TABLE private.pauses TO service_role;
GRANT SELECT ON TABLE private.pauses TO myjoe_admin;

GRANT SELECT ON TABLE private.queue_depth TO service_role;
GRANT SELECT ON TABLE private.queue_depth TO myjoe_admin;

GRANT SELECT ON TABLE private.trials TO service_role;
GRANT SELECT ON TABLE private.trials TO myjoe_admin;

GRANT SELECT ON TABLE private.troubles_told TO service_role;
GRANT SELECT ON TABLE private.troubles_told TO myjoe_admin;

GRANT SELECT ON TABLE private.virtual_times TO service_role;
GRANT SELECT ON TABLE private.virtual_times TO myjoe_admin;

GRANT SELECT ON TABLE private.worker_providers TO service_role;
GRANT SELECT ON TABLE private.worker_providers TO myjoe_admin;

GRANT SELECT ON TABLE public.admin_actions TO service_role;
GRANT SELECT ON TABLE public.admin_actions TO myjoe_admin;

GRANT SELECT ON TABLE public.admins TO service_role;
GRANT SELECT ON TABLE public.admins TO myjoe_admin;

GRANT SELECT ON TABLE public.billing_customers TO authenticated;
GRANT SELECT ON TABLE public.billing_customers TO service_role;
GRANT SELECT ON TABLE public.billing_customers TO myjoe_admin;

GRANT SELECT ON TABLE public.checkouts TO authenticated;
GRANT SELECT ON TABLE public.checkouts TO service_role;
GRANT SELECT ON TABLE public.checkouts TO myjoe_admin;

GRANT SELECT ON TABLE public.credit_accounts TO authenticated;
GRANT SELECT ON TABLE public.credit_accounts TO service_role;
GRANT SELECT ON TABLE public.credit_accounts TO myjoe_admin;

GRANT SELECT ON TABLE public.credit_ledger TO authenticated;
GRANT SELECT ON TABLE public.credit_ledger TO service_role;
GRANT SELECT ON TABLE public.credit_ledger TO myjoe_admin;

GRANT SELECT ON TABLE public.dead_jobs TO service_role;
GRANT SELECT ON TABLE public.dead_jobs TO myjoe_admin;

GRANT SELECT ON TABLE public.exports TO authenticated;
GRANT SELECT ON TABLE public.exports TO service_role;
GRANT SELECT ON TABLE public.exports TO myjoe_admin;

GRANT SELECT ON TABLE public.generations TO authenticated;
GRANT SELECT ON TABLE public.generations TO service_role;
GRANT SELECT ON TABLE public.generations TO myjoe_admin;

GRANT SELECT ON TABLE public.operation_steps TO service_role;
GRANT SELECT ON TABLE public.operation_steps TO myjoe_admin;

GRANT SELECT ON TABLE public.page_locks TO authenticated;
GRANT SELECT ON TABLE public.page_locks TO service_role;
GRANT SELECT ON TABLE public.page_locks TO myjoe_admin;

GRANT SELECT ON TABLE public.payments TO authenticated;
GRANT SELECT ON TABLE public.payments TO service_role;
GRANT SELECT ON TABLE public.payments TO myjoe_admin;

GRANT SELECT ON TABLE public.plan_operations TO anon;
GRANT SELECT ON TABLE public.plan_operations TO authenticated;
GRANT SELECT ON TABLE public.plan_operations TO service_role;
GRANT SELECT ON TABLE public.plan_operations TO myjoe_admin;

GRANT SELECT ON TABLE public.plans TO anon;
GRANT SELECT ON TABLE public.plans TO authenticated;
GRANT SELECT ON TABLE public.plans TO service_role;
GRANT SELECT ON TABLE public.plans TO myjoe_admin;

GRANT SELECT ON TABLE public.prices TO anon;
GRANT SELECT ON TABLE public.prices TO authenticated;
GRANT SELECT ON TABLE public.prices TO service_role;
GRANT SELECT ON TABLE public.prices TO myjoe_admin;

GRANT SELECT ON TABLE public.profiles TO authenticated;
GRANT SELECT ON TABLE public.profiles TO service_role;
GRANT SELECT ON TABLE public.profiles TO myjoe_admin;

GRANT UPDATE(display_name) ON TABLE public.profiles TO authenticated;

GRANT SELECT,DELETE ON TABLE public.projects TO authenticated;
GRANT SELECT ON TABLE public.projects TO service_role;
GRANT SELECT ON TABLE public.projects TO myjoe_admin;

GRANT INSERT(name),UPDATE(name) ON TABLE public.projects TO authenticated;

GRANT INSERT(settings),UPDATE(settings) ON TABLE public.projects TO authenticated;

GRANT SELECT ON TABLE public.provider_prices TO service_role;
GRANT SELECT ON TABLE public.provider_prices TO myjoe_admin;

GRANT SELECT ON TABLE public.redraws TO service_role;
GRANT SELECT ON TABLE public.redraws TO myjoe_admin;

GRANT SELECT ON TABLE public.run_pages TO authenticated;
GRANT SELECT ON TABLE public.run_pages TO service_role;
GRANT SELECT ON TABLE public.run_pages TO myjoe_admin;

GRANT SELECT ON TABLE public.runs TO service_role;
GRANT SELECT ON TABLE public.runs TO myjoe_admin;

GRANT SELECT(id) ON TABLE public.runs TO authenticated;

GRANT SELECT(user_id) ON TABLE public.runs TO authenticated;

GRANT SELECT(project_id) ON TABLE public.runs TO authenticated;

GRANT SELECT(plan) ON TABLE public.runs TO authenticated;

GRANT SELECT(manifest) ON TABLE public.runs TO authenticated;

GRANT SELECT(page_count) ON TABLE public.runs TO authenticated;

GRANT SELECT(credits_half) ON TABLE public.runs TO authenticated;

GRANT SELECT(created_at) ON TABLE public.runs TO authenticated;

GRANT SELECT ON TABLE public.stripe_prices TO service_role;
GRANT SELECT ON TABLE public.stripe_prices TO myjoe_admin;

GRANT SELECT ON TABLE public.subscriptions TO authenticated;
GRANT SELECT ON TABLE public.subscriptions TO service_role;
GRANT SELECT ON TABLE public.subscriptions TO myjoe_admin;
