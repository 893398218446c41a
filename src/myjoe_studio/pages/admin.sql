-- What the admin pages read, as myjoe_admin.

-- name: overview
select
  (select coalesce(jsonb_agg(to_jsonb(q) order by q.state), '[]') from (
     select state, jobs, extract(epoch from oldest) as oldest_seconds from private.queue_depth) as q) as queue,
  (select coalesce(jsonb_agg(to_jsonb(f) order by f.dead desc, f.jobs desc), '[]') from private.failures f) as failures,
  (select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('label', o.label, 'switch_reason', o.switch_reason)
                             order by c.operation), '[]')
   from private.cogs_drift c join public.operations o on o.code = c.operation) as costs,
  (select count(*) from private.ledger_drift) + (select count(*) from private.owed_drift) as ledger_drift,
  (select coalesce(jsonb_agg(to_jsonb(e) order by e.received_at), '[]') from (
     select o.id, o.type, coalesce(o.parked_reason, o.error) as error, o.parked_at is not null as parked, o.received_at
     from private.open_stripe_events o order by o.received_at limit 20) as e) as events,
  (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from (
     select d.job_id, d.user_id, d.error_kind, d.last_error, d.died_at, j.payload ->> 'title' as title
     from public.dead_jobs d join public.jobs j on j.id = d.job_id
     where d.requeued_as is null order by d.died_at desc limit 20) as d) as dead,
  (select jsonb_build_object(
     'users', (select count(*) from public.profiles),
     'runs', count(*), 'pages', coalesce(sum(page_count), 0), 'credits_half', coalesce(sum(credits_half), 0))
   from public.runs where created_at > private.clock() - interval '24 hours') as day

-- name: record
select a.id, a.actor, a.action, a.subject, a.reason, a.detail, a.at from public.admin_actions a
where (%(before)s::bigint is null or a.id < %(before)s::bigint)
order by a.id desc limit 50

-- name: users
select u.user_id, u.email, u.created_at from private.admin_find_users(coalesce(%(part)s, ''), 20) as u
