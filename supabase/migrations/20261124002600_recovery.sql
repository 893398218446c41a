-- Taking over from workers that died. Most died of something else than the job (a deploy, a machine's end, a cut line), so the first lease
-- that a job loses puts it back in line at once, and a person waits no longer than the lease. A job that loses a second one may be what
-- kills its workers, and waits as if it had failed once; at its last attempt it is dead.
create or replace function private.reclaim_jobs(jobs_max integer default 100) returns integer
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  job public.jobs;
  reclaimed integer := 0;
begin
  for job in
    select * from public.jobs where status = 'in_progress' and lease_until <= private.clock()
    order by lease_until limit jobs_max for update skip locked
  loop
    reclaimed := reclaimed + 1;
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
  return reclaimed;
end $$;

-- Seconds until the next postponed job may be tried or the next lease runs out, whoever's; less than 0 if that has passed, null if there is
-- neither. An idle worker sleeps until then, if that is sooner than its next look: so what a dead worker held is taken over when its time
-- is over, and not half a minute later.
create function private.next_due() returns double precision language sql stable security definer set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
  select extract(epoch from least(
    (select scheduled_at from public.jobs where status = 'pending' and place is null order by scheduled_at limit 1),
    (select lease_until from public.jobs where status = 'in_progress' order by lease_until limit 1)
  ) - private.clock())::double precision
$$;
grant execute on function private.next_due() to service_role;
