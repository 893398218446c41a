-- What the pages about money read, in their visitor's name.

-- name: billing
-- A plan that is in force, or one that waits for money; the ledger from an entry on; what is sold.
select
  (select to_jsonb(s) from (
     select p.label, s.status, s.renews_at, s.cancels_at, s.ends_at, s.stripe_subscription_id is not null as paid, r.cents
     from public.subscriptions s join public.plans p on p.code = s.plan
     left join public.prices r on r.plan = s.plan and r.on_sale
     where s.user_id = (select auth.uid()) and s.status in ('trialing', 'active', 'past_due', 'unpaid', 'paused')
     order by s.status in ('trialing', 'active') desc, s.created_at desc limit 1) as s) as subscription,
  (select coalesce(jsonb_agg(to_jsonb(e) order by e.id desc), '[]') from (
     select l.id, l.kind, l.amount_half, l.reference, l.reason, l.run_id, l.created_at, r.page_count
     from public.credit_ledger l left join public.runs r on r.id = l.run_id
     where l.user_id = (select auth.uid())
       and l.id < coalesce(substring(%(before)s::text from '^[0-9]{1,18}$')::bigint, 9223372036854775807)
     order by l.id desc limit 51) as e) as entries,
  (select coalesce(jsonb_agg(to_jsonb(p) order by p.cents), '[]') from public.prices p
   where p.on_sale and p.kind = 'topup') as topups,
  exists (select from public.billing_customers where user_id = (select auth.uid())) as customer,
  exists (select from public.clawbacks where user_id = (select auth.uid()) and in_force) as clawed_back

-- name: pricing
-- Plans with what they may do, and top-ups.
select
  (select coalesce(jsonb_agg(to_jsonb(p) order by p.cents), '[]') from (
     select r.lookup_key, r.label, r.cents, r.credits_half, r.plan, l.pages_per_run_max, l.pages_per_day_max,
            (select coalesce(jsonb_agg(o.label order by o.credits_half), '[]') from public.plan_operations po
             join public.operations o on o.code = po.operation where po.plan = r.plan) as operations
     from public.prices r join public.plans l on l.code = r.plan where r.on_sale and l.on_sale) as p) as plans,
  (select coalesce(jsonb_agg(to_jsonb(p) order by p.cents), '[]') from public.prices p
   where p.on_sale and p.kind = 'topup') as topups

-- name: done
-- The checkout that a buyer comes back from.
select c.status, p.kind, p.label, p.credits_half
from public.checkouts c join public.prices p on p.lookup_key = c.lookup_key
where c.user_id = (select auth.uid()) and c.stripe_session_id = %(session_id)s
