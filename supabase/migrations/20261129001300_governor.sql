-- The governor decides whether a run may be made, and makes it. Everything it decides by is in the
-- database. The caller brings a user, a project, a key and a manifest, and is not believed
-- otherwise.
--
-- A manifest is {"pages": [{"operations": ["raster", …], …}, …]}; what else a page holds is for the
-- worker. Every run uses each operation that is marked per_run once. An answer is
--   {"accepted": true, "run_id", "page_count", "credits_half", "balance_half" (after),
--    "cogs_worst_micro_usd", "priced_at"}, or
--   {"accepted": false, "code", "message"}, with code one of switched_off, plan_forbids,
--    limit_reached, cogs_ceiling, margin_floor, insufficient_credits, idempotency_conflict.
-- A caller's mistake (no such user, project or operation, or no manifest) is not a refusal: it
-- raises invalid_parameter_value.

create function private.refusal(code text, message text) returns jsonb language sql immutable set search_path = '' as
$$ select jsonb_build_object('accepted', false, 'code', code, 'message', message) $$;

-- Half credits as people write them: 3 is 1.5.
create function private.credits(half bigint) returns text language sql immutable set search_path = '' as
$$ select trim(trailing '.' from trim(trailing '0' from (half / 2.0)::numeric(20, 1)::text)) $$;

-- The pages of a manifest, checked: the page's number, the page itself and its operations.
create function private.manifest_pages(manifest jsonb) returns table (page_number bigint, page jsonb, operations text[])
language plpgsql stable rows 50 set search_path = '' as $$
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

-- The decision alone; nothing is written.
create function private.decide_run(of_user uuid, in_project uuid, manifest jsonb) returns jsonb
-- PostgreSQL takes the largest manifest for the usual one. With its compiler it would compile for
-- 50 ms what runs for 1 ms.
language plpgsql stable set search_path = '' set jit = off as $$
declare
  moment timestamptz := private.clock();
  balance bigint;
  plan public.plans;
  settings public.governor_settings;
  pages integer;
  pages_today integer;
  credits bigint;
  worst bigint;
  earned numeric;
  o record;
begin
  select balance_half into balance from public.credit_accounts where user_id = of_user;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  if not exists (select from public.projects p where p.id = in_project and p.user_id = of_user) then
    raise invalid_parameter_value using message = format('user %s has no project %s', of_user, in_project);
  end if;
  select p.* into plan from public.subscriptions s join public.plans p on p.code = s.plan
  where s.user_id = of_user and s.status in ('trialing', 'active');
  if not found then
    return private.refusal('plan_forbids', 'There is no plan in force. Choose one, or settle the open invoice.');
  end if;
  select * into strict settings from public.governor_settings;

  pages := (select count(*) from private.manifest_pages(manifest));
  for o in
    select c.*, op.label, op.switched_off, op.per_run, use.count,
           exists (select from public.plan_operations po where po.plan = plan.code and po.operation = c.operation) as in_plan
    from private.operation_costs(moment) c
    join public.operations op on op.code = c.operation
    join lateral (
      select case when op.per_run then 1
                  else (select count(*) from private.manifest_pages(manifest) m where c.operation = any (m.operations)) end
    ) as use (count) on use.count > 0
    order by c.operation
  loop
    if not o.per_run and not o.in_plan then
      return private.refusal('plan_forbids', format('%s is not part of the plan %s.', o.label, plan.label));
    end if;
    if o.switched_off then
      return private.refusal('switched_off', format('%s is switched off at the moment. Please try again later.', o.label));
    end if;
    if o.unpriced is not null or o.worst_micro_usd is null then
      return private.refusal('cogs_ceiling', format('%s has no price: %s.', o.label, coalesce(o.unpriced, 'it has no steps')));
    end if;
    if o.worst_micro_usd > o.max_micro_usd then
      return private.refusal('cogs_ceiling', format('%s could cost %s micro-USD, and may cost %s.', o.label, o.worst_micro_usd,
                                                    o.max_micro_usd));
    end if;
    credits := coalesce(credits, 0) + o.count * o.credits_half;
    worst := coalesce(worst, 0) + o.count * o.worst_micro_usd;
  end loop;

  if pages > plan.pages_per_run_max then
    return private.refusal('limit_reached', format('A run on the plan %s has %s pages at most; this has %s.', plan.label,
                                                   plan.pages_per_run_max, pages));
  end if;
  select coalesce(sum(page_count), 0) into pages_today
  from public.runs r where r.user_id = of_user and r.created_at > moment - interval '24 hours';
  if pages_today + pages > plan.pages_per_day_max then
    return private.refusal('limit_reached', format('The plan %s allows %s pages in 24 hours; %s are used, and this has %s.',
                                                   plan.label, plan.pages_per_day_max, pages_today, pages));
  end if;
  earned := private.revenue_per_half_micro_usd() * credits;
  if worst > earned * (1 - settings.margin_floor) then
    return private.refusal('margin_floor', format('The run could cost %s micro-USD of the %s it earns: less than %s %% would remain.',
                                                  worst, floor(earned), round(settings.margin_floor * 100)));
  end if;
  if balance < credits then
    return private.refusal('insufficient_credits', format('The run needs %s credits; %s are there.', private.credits(credits),
                                                          private.credits(balance)));
  end if;
  return jsonb_build_object('accepted', true, 'page_count', pages, 'credits_half', credits, 'balance_half', balance - credits,
                            'cogs_worst_micro_usd', worst, 'priced_at', moment, 'plan', plan.code);
end $$;

-- What submit_run would answer now, but for the run's id. Nothing is written.
create function private.quote_run(of_user uuid, in_project uuid, manifest jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$ select private.decide_run(of_user, in_project, manifest) $$;
grant execute on function private.quote_run(uuid, uuid, jsonb) to service_role;

-- The rule of replays: a key that was used gives the first answer again to the same content, and a
-- refusal to any other.
create function private.replay(kept public.idempotency_keys, same boolean) returns jsonb
language sql immutable set search_path = '' as $$
  select case when same then kept.answer else private.refusal('idempotency_conflict',
                'This key was used for another run. Use a new key for a new run.') end
$$;

-- Make the run: burn its credits and enqueue its jobs, all or nothing. Replays answer by the rule
-- above. A refusal is not kept, so that the same intent may be tried again once its reason is gone.
create function private.submit_run(of_user uuid, in_project uuid, idempotency_key text, manifest jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
grant execute on function private.submit_run(uuid, uuid, text, jsonb) to service_role;

-- Take a submitted run to the disk, and say whether it exists. See confirm_jobs.
create function private.confirm_run(run uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return exists (select from public.runs r where r.id = run);
end $$;
grant execute on function private.confirm_run(uuid) to service_role;

-- The answer to a key that was used before, by the rule of replays, for a caller whose manifests
-- differ from plan to plan: what was asked for is the manifest's book. Null where the key is new.
-- The answer is on the disk, as after confirm_run.
create function private.replay_run(of_user uuid, idempotency_key text, book jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.idempotency_keys;
begin
  select * into kept from public.idempotency_keys where user_id = of_user and key = idempotency_key;
  if not found or not private.confirm_run(kept.run_id) then
    return null;
  end if;
  return private.replay(kept, (select r.manifest -> 'book' from public.runs r where r.id = kept.run_id) is not distinct from book);
end $$;
grant execute on function private.replay_run(uuid, text, jsonb) to service_role;
