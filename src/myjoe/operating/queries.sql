-- What an operator asks and does by hand. It runs as myjoe_admin, who may read everything and
-- change things by functions alone. Ids may be given by their first characters, as the tables show
-- them.

-- name: jobs
select j.id, case when j.status <> 'pending' then replace(j.status, '_', ' ')
                  when j.scheduled_at > private.clock() then 'postponed' else 'waiting' end as state,
       j.run_id, j.user_id, j.payload ->> 'page' as page, coalesce(j.payload ->> 'title', '') as title, j.operations,
       j.attempts, j.max_attempts, split_part(j.locked_by, '#', 1) as worker, j.error_kind, j.last_error, j.created_at,
       j.started_at, j.completed_at,
       -- Who holds it: for how long nothing was heard of them, and when the lease ends.
       extract(epoch from private.clock() - j.locked_at)::double precision as silent_seconds,
       extract(epoch from j.lease_until - private.clock())::double precision as free_seconds,
       -- Why it waits: its time, or how many of its user's run, and who of those that run them has
       -- been silent for longest.
       case when j.status = 'pending' then extract(epoch from j.scheduled_at - private.clock())::double precision end as due_seconds,
       case when j.status = 'pending' then busy.jobs end as user_running,
       case when j.status = 'pending' then busy.silent_seconds end as user_silent_seconds,
       case when j.status = 'pending' then busy.free_seconds end as user_free_seconds,
       case when j.status = 'pending' then busy.worker end as user_worker,
       extract(epoch from private.clock() - j.updated_at)::double precision as seconds_ago,
       coalesce((select sum(c.cost_micro_usd) from public.cost_events c where c.job_id = j.id), 0)::bigint as cost_micro_usd
from public.jobs j
left join lateral (
  select count(*) as jobs, extract(epoch from private.clock() - min(b.locked_at))::double precision as silent_seconds,
         (array_agg(extract(epoch from b.lease_until - private.clock())::double precision order by b.locked_at, b.id))[1] as free_seconds,
         (array_agg(split_part(b.locked_by, '#', 1) order by b.locked_at, b.id))[1] as worker
  from public.jobs b where b.user_id = j.user_id and b.status = 'in_progress' and b.lease_until > private.clock()
) as busy on j.status = 'pending'
where (%(state)s::text is null or %(state)s = case when j.status <> 'pending' then replace(j.status, '_', ' ')
                                                   when j.scheduled_at > private.clock() then 'postponed' else 'waiting' end)
  and (%(user)s::text is null or j.user_id::text like %(user)s || '%%')
order by j.updated_at desc, j.id limit %(count)s

-- name: run
select r.id, r.user_id, r.project_id, r.plan, coalesce(r.manifest ->> 'title', '') as title, r.page_count, r.credits_half,
       r.cogs_worst_micro_usd, r.created_at,
       coalesce((select sum(c.cost_micro_usd) from public.cost_events c join public.jobs j on j.id = c.job_id
                 where j.run_id = r.id), 0)::bigint
         as cost_micro_usd,
       coalesce((select sum(l.amount_half) from public.credit_ledger l where l.run_id = r.id and l.kind = 'refund'), 0)::bigint
         as refunded_half
from public.runs r where r.id = %(id)s

-- name: pages
select j.id, case when j.status <> 'pending' then replace(j.status, '_', ' ')
                  when j.scheduled_at > private.clock() then 'postponed' else 'waiting' end as state,
       (j.payload ->> 'page')::integer as page, coalesce(j.payload ->> 'title', '') as title, j.operations, j.attempts, j.max_attempts,
       split_part(j.locked_by, '#', 1) as worker, j.error_kind, j.last_error,
       extract(epoch from j.completed_at - j.started_at)::double precision as seconds,
       g.provider, g.model, coalesce(g.files, '{}') as files,
       coalesce((select sum(c.cost_micro_usd) from public.cost_events c where c.job_id = j.id), 0)::bigint as cost_micro_usd
from public.jobs j left join public.generations g on g.job_id = j.id
where j.run_id = %(id)s order by page, j.id

-- name: dead
select d.job_id as id, d.user_id, j.run_id, (j.payload ->> 'page')::integer as page, coalesce(j.payload ->> 'title', '') as title,
       d.error_kind, d.last_error, d.attempts, d.died_at, d.requeued_as,
       extract(epoch from private.clock() - d.died_at)::double precision as seconds_ago
from public.dead_jobs d join public.jobs j on j.id = d.job_id
where %(all)s or d.requeued_as is null
order by d.died_at desc, d.job_id limit %(count)s

-- name: find_runs
select r.id, r.user_id, null::uuid as job_id from public.runs r where r.id::text like %(prefix)s || '%%' limit 2

-- name: find_jobs
select j.run_id as id, j.user_id, j.id as job_id from public.jobs j where j.id::text like %(prefix)s || '%%' limit 2

-- name: requeue
select private.admin_requeue(%(job)s, %(reason)s)

-- name: cancel
select cancelled, requested from private.cancel_jobs(%(user)s, %(run)s, %(job)s)

-- name: account
select a.balance_half,
       coalesce(sum(l.amount_half) filter (where l.kind in ('grant', 'topup', 'adjustment')), 0)::bigint as given_half,
       coalesce(-sum(l.amount_half) filter (where l.kind = 'burn'), 0)::bigint as burned_half,
       coalesce(sum(l.amount_half) filter (where l.kind = 'refund'), 0)::bigint as refunded_half,
       coalesce(sum(l.amount_half), 0)::bigint as ledger_half
from public.credit_accounts a left join public.credit_ledger l on l.user_id = a.user_id
where a.user_id = %(user)s group by a.balance_half

-- name: release_worker
-- Gives back what a dead worker holds.
select jobs, silent_seconds from private.admin_release_worker(%(worker)s, %(reason)s)

-- name: holders
-- Who holds jobs.
select worker from private.lease_holders order by worker

-- name: dead_of
-- Dead jobs that were not tried again, the oldest first.
select d.job_id as id from public.dead_jobs d join public.jobs j on j.id = d.job_id
where d.requeued_as is null and (%(run)s::uuid is null or j.run_id = %(run)s) and (%(kind)s::text is null or d.error_kind = %(kind)s)
  and (%(user)s::text is null or starts_with(d.user_id::text, %(user)s))
order by d.died_at, d.job_id limit 10000

-- name: users
select * from private.admin_users(%(part)s, %(count)s)

-- name: ledger
select l.created_at, l.kind, l.amount_half, l.run_id, l.reference, l.reason
from public.credit_ledger l where l.user_id = %(user)s order by l.id desc limit %(count)s

-- name: adjust
select private.admin_adjust_credits(%(user)s, %(half)s, %(reason)s, %(request)s) as booked

-- name: operations
select o.code as operation, o.switched_off, o.uses_fallback, o.switch_reason,
       extract(epoch from private.clock() - o.switched_at)::double precision as seconds_ago,
       (select string_agg(distinct s.provider, ', ' order by s.provider) from public.operation_steps s
        where s.operation = o.code and s.fallback = o.uses_fallback) as providers,
       exists (select from public.operation_steps s where s.operation = o.code and s.fallback) as has_fallback
from public.operations o order by o.code

-- name: switch
select private.admin_switch(%(operation)s, %(off)s, %(fallback)s, %(reason)s)

-- name: bound
-- What was bound of a run, file by file.
select e.kind, coalesce(f.value ->> 'key', e.file) as file, coalesce((f.value ->> 'bytes')::bigint, e.bytes) as bytes
from public.exports e left join lateral jsonb_each(e.files) as f on true
where e.run_id = %(id)s and e.file is not null order by e.finished_at, e.id, f.key

-- name: pictures
-- The newest picture of each page of a run.
select p.page, coalesce(p.title, '') as title, p.files from public.run_pages p where p.run_id = %(id)s and p.files is not null
order by p.page
