-- What an operator looks up at the command line: users by their address or the beginning of their
-- id, with what they have and what runs for them.

-- Users whose address holds this text or whose id begins with it, the latest first; all of them
-- where it is null.
create function private.admin_users(part text default null, count_max integer default 20)
returns table (user_id uuid, email text, created_at timestamptz, plan text, balance_half bigint, owed_half bigint, frozen_reason text,
               runs bigint, unfinished bigint, dead bigint)
language sql stable security definer set search_path = '' as $$
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
grant execute on function private.admin_users(text, integer) to myjoe_admin;
