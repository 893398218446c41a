-- What an operator sees at night: for whom or what pages wait that only a person can mend, who
-- holds which jobs and since when nothing was heard of them, and how what a dead worker holds is
-- given back by hand.

-- Pages that wait for an operator, by whose trouble it is. Workers put such a page off with a
-- reason that begins with the provider, or `storage`, or `myjoe` for what is set up wrong here, and
-- a colon.
create view private.operator_troubles with (security_invoker = true) as
  select j.error_kind as kind, split_part(j.last_error, ': ', 1) as provider, count(*) as jobs,
         (array_agg(j.last_error order by j.updated_at desc, j.id))[1] as reason, now.moment - min(j.updated_at) as longest
  from public.jobs j
  cross join private.clock() as now (moment)
  where j.status = 'pending' and j.position is null and j.error_kind in ('account', 'operator', 'storage')
    and j.last_error ~ '^[a-z][a-z0-9_-]*: '
    and (select e.event from public.job_events e where e.job_id = j.id order by e.id desc limit 1) = 'snoozed'
  group by 1, 2, now.moment;

-- Who holds jobs: how many, for how long nothing was heard of them, and when the last of their
-- leases ends. A claim's own name, behind the worker's, is left out.
create view private.lease_holders with (security_invoker = true) as
  select split_part(j.locked_by, '#', 1) as worker, count(*) as jobs, now.moment - max(j.locked_at) as silent,
         max(j.lease_until) - now.moment as free_in
  from public.jobs j
  cross join private.clock() as now (moment)
  where j.status = 'in_progress'
  group by 1, now.moment;
grant select on private.operator_troubles, private.lease_holders to service_role, myjoe_admin;

-- As before, and each worker whose leases were taken back is told of in a notice, to whoever took
-- them: the session that claims logs it. A notice costs nothing where nothing happened, passes
-- every pooler, and is told once.
create or replace function private.reclaim_jobs(jobs_max integer default 100) returns integer
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  job public.jobs;
  reclaimed integer := 0;
  -- Of each job: who held it, and for how many seconds nothing was heard of them.
  holders text[] := '{}';
  silences double precision[] := '{}';
  one record;
begin
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

-- Give back by hand what a worker holds, which an operator knows to be dead: its jobs wait again at
-- once, untried. Returns how many there were, and for how long nothing was heard of it. A worker
-- that lives all the same loses them, as with any lease, and nothing of what it does is accepted.
create function private.admin_release_worker(of_worker text, reason text, out jobs bigint, out silent_seconds double precision)
language plpgsql security definer set search_path = '' as $$
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
grant execute on function private.admin_release_worker(text, text) to myjoe_admin;
