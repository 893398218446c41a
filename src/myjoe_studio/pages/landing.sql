-- What the first page shows: read as whoever comes, signed in or not.

-- name: plans
-- The plans on sale, cheapest first. Prices are in cents.
select p.code, p.label, p.price_micro_usd_month / 10000 as price_cents, p.credits_half_month as credits_half, p.pages_per_run_max,
  (select coalesce(jsonb_agg(o.operation order by o.operation), '[]') from public.plan_operations o where o.plan = p.code) as operations
from public.plans p where p.on_sale order by p.price_micro_usd_month
