-- What the governor refuses, and how it says so: in words for the person who ordered. Whatever is
-- about our costs stands in `detail`, for operators, and in no sentence.
--
-- Codes beside those of the first governor: account_frozen, deletion_pending. A refusal that ends
-- by itself has `opens_at`.

create function private.refusal(code text, message text, detail jsonb, opens_at timestamptz default null) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_strip_nulls(jsonb_build_object('accepted', false, 'code', code, 'message', message, 'detail', detail, 'opens_at', opens_at))
$$;

-- A day as a person writes it: 3 December 2026.
create function private.day(moment timestamptz) returns text language sql stable set search_path = '' as
$$ select trim(to_char(moment at time zone 'UTC', 'FMDD FMMonth YYYY')) $$;

-- So many pages were ordered by a user after a moment, and each time how many.
create function private.pages_ordered(of_user uuid, after timestamptz) returns table (pages integer, at timestamptz)
language sql stable set search_path = '' as
$$ select r.page_count, r.created_at from public.runs r where r.user_id = of_user and r.created_at > after $$;

-- Whether a user may order at all: null, or a refusal.
create function private.refuse_account(of_user uuid) returns jsonb language plpgsql stable set search_path = '' as $$
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

-- The decision about pages, wherever they go; nothing is written. `planned` says that the brain
-- plans them, which costs us once a run.
create function private.decide_pages(of_user uuid, manifest jsonb, planned boolean) returns jsonb
-- PostgreSQL takes the largest manifest for the usual one. With its compiler it would compile for
-- 50 ms what runs for 1 ms.
language plpgsql stable set search_path = '' set jit = off as $$
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

-- The decision about a run.
create or replace function private.decide_run(of_user uuid, in_project uuid, manifest jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if not exists (select from public.credit_accounts where user_id = of_user) then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  if not exists (select from public.projects p where p.id = in_project and p.user_id = of_user) then
    raise invalid_parameter_value using message = format('user %s has no project %s', of_user, in_project);
  end if;
  return private.decide_pages(of_user, manifest, true);
end $$;
