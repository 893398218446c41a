-- What the dashboard shows.

-- name: figures
-- All that the dashboard shows, as one JSON object. Ended jobs are those of the last 24 hours.
select jsonb_build_object(
  'queue', (
    select coalesce(jsonb_object_agg(state, jsonb_build_object('jobs', jobs, 'oldest_seconds', round(extract(epoch from oldest)))), '{}')
    from private.queue_depth
  ),
  -- Ended jobs by the hour in which they ended, 0 the one that is longest ago.
  'hours', (
    select jsonb_agg(jsonb_build_object('completed', coalesce(completed, 0), 'failed', coalesce(failed, 0)) order by hour)
    from generate_series(0, 23) as hour
    left join (
      select 23 - floor(extract(epoch from now.moment - completed_at) / 3600)::integer as hour,
             count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed
      from public.jobs
      where status in ('completed', 'failed') and completed_at > now.moment - interval '24 hours' and completed_at <= now.moment
      group by 1
    ) as ended using (hour)
  ),
  'failures', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'kind', kind, 'jobs', jobs, 'dead', dead, 'seconds', round(extract(epoch from now.moment - latest))
    ) order by jobs desc, kind), '[]')
    from private.failures
  ),
  'costs', (select coalesce(jsonb_agg(to_jsonb(d) order by operation), '[]') from private.cogs_drift d),
  'spent_micro_usd', (
    -- Operation by operation, as the index goes.
    select coalesce(sum(c.cost_micro_usd), 0)
    from public.operations o join public.cost_events c on c.operation = o.code and c.created_at > now.moment - interval '24 hours'
  ),
  'workers', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'worker', worker, 'jobs', jobs, 'silent_seconds', round(extract(epoch from silent)),
      'free_seconds', round(extract(epoch from free_in))
    ) order by worker), '[]')
    from (select * from private.lease_holders order by worker limit 50) as holders
  ),
  -- Users of whom as many jobs run as may, while others of theirs wait.
  'users_at_limit', (
    select count(*) from (
      select user_id from public.jobs where status = 'in_progress' and lease_until > now.moment
      group by 1 having count(*) >= %(per_user_max)s
    ) as busy
    where exists (select from public.jobs w where w.user_id = busy.user_id and w.status = 'pending' and w.position is not null)
  ),
  'needs_operator', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'provider', provider, 'kind', kind, 'pages', jobs, 'reason', reason, 'seconds', round(extract(epoch from longest))
    ) order by provider, kind), '[]')
    from private.operator_troubles
  ),
  -- The oldest transaction that we may see and that keeps vacuum from clearing up behind the queue.
  'snapshot_seconds', (
    select coalesce(round(max(extract(epoch from clock_timestamp() - xact_start))), 0)
    from pg_stat_activity where backend_xmin is not null and datname = current_database()
  )
) from private.clock() as now (moment)

-- name: operator_troubles
-- What pages wait for an operator for, when a worker starts.
select provider, kind, reason, jobs from private.operator_troubles

-- name: begin_trouble
-- Whether nobody has told of this trouble yet.
select private.begin_trouble(%(provider)s, %(kind)s)

-- name: end_trouble
-- For how long it stood; null where somebody has told that it is over.
select private.end_trouble(%(provider)s, %(kind)s)

-- name: end_troubles_of_nobody
-- Troubles of which no page tells any more, and which nobody has said to be over.
select provider, kind, seconds from private.end_troubles_of_nobody()
