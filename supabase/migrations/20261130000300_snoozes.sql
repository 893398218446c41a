-- How long a job is put off. What others ask for has a floor, which grows with each time in a row,
-- and a ceiling: whoever says 0 again and again is not asked again and again.

-- How often in a row the job was put off since an attempt at it counted.
alter table public.jobs add column snoozes integer not null default 0 check (snoozes >= 0);

-- The shortest pause after so many pauses in a row: 1 s, doubled each time up to 64.
create function private.pause_floor(times integer) returns double precision language sql immutable set search_path = '' as
$$ select (2 ^ least(greatest(times, 0), 6))::double precision $$;

-- A pause that others ask for, in seconds, from the floor to an hour. What is no number is none.
create function private.pause_of_others(seconds double precision, times integer) returns interval
language sql immutable set search_path = '' as $$
  select make_interval(secs => least(greatest(case when seconds = 'NaN' then 0 else coalesce(seconds, 0) end, private.pause_floor(times)),
                                     3600))
$$;

-- How long after its first claim a job may be put off, by why. An operator's troubles (a key, an
-- account, a setting, the storage) kill no page: it waits until somebody has mended them, or until
-- its user cancels it. An order that no worker knows is dead after a day: by then a newer worker
-- would have come.
create function private.snooze_limit(kind text) returns interval language sql stable set search_path = '' as $$
  select case when kind in ('operator', 'account', 'storage') then null
              when kind = 'version' then interval '24 hours'
              else (select snooze_max from public.governor_settings) end
$$;

create or replace function private.postpone_job(job uuid, event text, until timestamptz, attempts_back integer, error text, kind text)
returns void language sql volatile set search_path = '' as $$
  with back as (
    update public.jobs set status = 'pending', position = null, scheduled_at = until, attempts = attempts - attempts_back,
      snoozes = case event when 'snoozed' then snoozes + 1 when 'released' then snoozes else 0 end,
      last_error = coalesce(error, last_error), error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, updated_at = private.clock()
    where id = job
    returning id, lease_token, attempts
  )
  insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
  select id, event, lease_token, attempts, error, private.clock() from back
$$;

create or replace function private.snooze_job(job_id uuid, token bigint, after_seconds double precision, reason text, kind text)
returns text language plpgsql security definer set search_path = '' as $$
declare
  job public.jobs;
  until timestamptz;
begin
  select * into job from public.jobs where id = job_id and lease_token = token and lease_until is not null for update;
  if not found then
    return 'lost';
  end if;
  if job.cancel_requested_at is not null then
    perform private.end_jobs(array[job.id], 'cancelled', reason, 'cancelled');
    return 'cancelled';
  end if;
  until := private.clock() + private.pause_of_others(after_seconds, job.snoozes);
  if until > job.started_at + private.snooze_limit(kind) then
    perform private.end_jobs(array[job.id], 'failed', reason, kind);
    return 'failed';
  end if;
  perform private.postpone_job(job.id, 'snoozed', until, 1, reason, kind);
  return 'snoozed';
end $$;

-- As before, but that no pause is longer than an hour, or none that is a number.
create or replace function private.fail_job(job_id uuid, token bigint, error text, kind text, for_good boolean default false,
                                            retry_after_seconds double precision default null)
returns text language plpgsql security definer set search_path = '' as $$
declare
  job public.jobs;
begin
  select * into job from public.jobs where id = job_id and lease_token = token and lease_until is not null for update;
  if not found then
    return 'lost';
  end if;
  if job.cancel_requested_at is not null then
    perform private.end_jobs(array[job.id], 'cancelled', error, 'cancelled');
    return 'cancelled';
  end if;
  if for_good or job.attempts >= job.max_attempts
     or (select sum(cost_micro_usd) from public.cost_events c where c.job_id = job.id) >= job.cogs_max_micro_usd then
    perform private.end_jobs(array[job.id], 'failed', error, kind);
    return 'failed';
  end if;
  -- A negative wait counts as none, and what is no number as not said. `greatest` alone would make
  -- none of a null, too. There is no floor: attempts are counted, and few.
  perform private.postpone_job(job.id, 'retried', private.clock() + case
    when retry_after_seconds is null or retry_after_seconds = 'NaN' then private.backoff(job.attempts)
    else make_interval(secs => least(greatest(retry_after_seconds, 0), 3600)) end, 0, error, kind);
  return 'retried';
end $$;
