-- Nothing was tried, and nothing is the job's fault: a provider is busy, an account is empty. The job waits and the attempt does not count;
-- but its user does not wait for ever.

alter table public.job_events drop constraint job_events_event_check;
alter table public.job_events add constraint job_events_event_check
  check (event in ('enqueued', 'claimed', 'renewed', 'completed', 'retried', 'released', 'snoozed', 'reclaimed', 'failed',
                   'cancel_requested', 'cancelled'));

-- How long after its first claim a job may be put off. Longer outlasts longer outages; shorter gives credits back sooner. A guess: a night
-- in which nobody looks after an account that has run dry.
alter table public.governor_settings add column snooze_max interval not null default '12 hours' check (snooze_max > '0');

-- Put a job off. Answers 'snoozed', 'failed' where it would come back too late, 'cancelled' or 'lost'.
create function private.snooze_job(job_id uuid, token bigint, after_seconds double precision, reason text, kind text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  job public.jobs;
  until timestamptz := private.clock() + make_interval(secs => greatest(after_seconds, 0));
begin
  select * into job from public.jobs where id = job_id and lease_token = token and lease_until is not null for update;
  if not found then
    return 'lost';
  end if;
  if job.cancel_requested_at is not null then
    perform private.end_jobs(array[job.id], 'cancelled', reason, 'cancelled');
    return 'cancelled';
  end if;
  if until > job.started_at + (select snooze_max from public.governor_settings) then
    perform private.end_jobs(array[job.id], 'failed', reason, kind);
    return 'failed';
  end if;
  perform private.postpone_job(job.id, 'snoozed', until, 1, reason, kind);
  return 'snoozed';
end $$;
grant execute on function private.snooze_job(uuid, bigint, double precision, text, text) to service_role;
