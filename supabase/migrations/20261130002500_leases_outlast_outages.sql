-- Leases outlast an outage of the server. Nobody can renew a lease, or hand in what is done, while
-- the server is away. So leases that ran out meanwhile are not taken back at once: who holds them
-- has half their time to come back and say so, counted from the server's opening.

-- For which opening of the server leases were made longer: its moment, in µs since 1970.
create sequence private.leases_opening minvalue 0 start 0;

-- Since when the server answers, in µs since 1970. A crash, or a standby that takes over, begins an
-- epoch with the first claim after it. A server that was stopped in good order answers from its
-- start.
create function private.opened_us() returns bigint language sql volatile set search_path = '' as $$
  select greatest((extract(epoch from pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint, private.current_epoch())
$$;
select pg_catalog.setval('private.leases_opening', private.opened_us());

-- Once for each opening of the server: make leases longer that have run out, or are about to. A
-- lease whose half is shorter than the server has been open needs it no more: its holder had the
-- time. Whoever is dead keeps a job for half a lease more, and no longer.
create function private.honour_leases() returns void
language plpgsql volatile set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
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

-- As before, but that leases outlast an outage.
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
