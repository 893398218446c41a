-- The queue's order: jobs get their position in it, users are served in turn, and a claim costs the
-- same however many jobs wait.
--
-- The order is self-clocked fair queueing (Golestani 1994). A job takes a virtual time, a
-- whole number, when it enters the queue: one more than its user's last one, but at least one more
-- than the one being served. Serving by (priority, virtual time) goes round the users, and a claim
-- is a scan of one index: fairness costs it nothing. A user with 90,000 waiting jobs holds 90,000
-- virtual times far into the future, and whoever comes next holds the very next one.
--
-- A claim starts where the last one ended, so it does not step over what was served before. While
-- somebody holds an old snapshot (a dump, a forgotten transaction), vacuum can remove no dead row,
-- and scans from the front would slow down with every claim.
--
-- The few numbers that this needs are sequences, which are read and written in place. A row that is
-- updated with each claim would itself be bloat. They are hints, and no rollback undoes them. The
-- full scan, from the front, finds what they miss (a job committed late, a claim rolled back). It
-- runs when the short scan finds nothing, and otherwise for a twentieth of the time. Hints need no
-- log: a claim that finds nothing commits without waiting for the disk, and a crash sets them to 0.

-- A position is priority × 2^48 + virtual time: one number, by which one index orders the queue.
-- These three compose it and take it apart. They pin no search_path, unlike all other functions,
-- since PostgreSQL does not inline a function that does, and a claim calls them often. It does not
-- matter to them: a body that begins with `return` is bound to its operators when it is created.
create function private.position_of(priority integer, virtual_time bigint) returns bigint language sql immutable parallel safe
return (priority::bigint << 48) + virtual_time;
create function private.priority_of("position" bigint) returns integer language sql immutable parallel safe
return ("position" >> 48)::integer;
create function private.virtual_time_of("position" bigint) returns bigint language sql immutable parallel safe
return "position" & ((1::bigint << 48) - 1);

-- The position last served. It moves back when a job gets a position before it.
create unlogged sequence private.queue_cursor minvalue 0 start 0;
-- The queue's own virtual time, the highest ever served: an empty queue begins again there.
create unlogged sequence private.virtual_time minvalue 0 start 0;
-- The time before which no full scan is made, in µs since 1970.
create unlogged sequence private.full_scan_due minvalue 0 start 0;
-- How long the last full scan took, in µs.
create unlogged sequence private.full_scan_us minvalue 0 start 0;

-- The last virtual time of each user at each priority. Jobs that enter again, after a retry or a
-- lost lease, are a stream of their own; otherwise they would wait behind all that their user has
-- added since.
create table private.virtual_times (
  user_id uuid not null references public.profiles (id) on delete cascade,
  priority integer not null,
  again boolean not null,
  virtual_time bigint not null,
  primary key (user_id, priority, again)
);
alter table private.virtual_times enable row level security;
grant select on private.virtual_times to service_role, myjoe_admin;
create policy "Virtual times can be read by admins" on private.virtual_times for select to myjoe_admin using (true);

-- The virtual time now being served at a priority. If less urgent jobs are being served, no job
-- waits at this priority, and it begins at the highest virtual time ever served. If more urgent
-- jobs are being served, its first waiting job tells. After a crash, the highest virtual time ever
-- given out stands in: from 0, users served before would wait until the others have caught up.
create function private.virtual_time_served(at_priority integer) returns bigint language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  cursor_at bigint := (select last_value from private.queue_cursor);
  latest bigint := (select last_value from private.virtual_time);
  first bigint;
begin
  if latest = 0 then
    latest := coalesce((select max(t.virtual_time) from private.virtual_times t), 0);
    perform pg_catalog.setval('private.virtual_time', latest);
  end if;
  if private.priority_of(cursor_at) = at_priority then
    return private.virtual_time_of(cursor_at);
  end if;
  if private.priority_of(cursor_at) < at_priority then
    select position into first from public.jobs
    where status = 'pending' and position is not null
      and position >= private.position_of(at_priority, 0) and position < private.position_of(at_priority + 1, 0)
    order by position limit 1;
    if first is not null then
      return private.virtual_time_of(first) - 1;
    end if;
  end if;
  return latest;
end $$;

-- Reserve a user's next virtual times, and return the first of them. The cursor moves back if they
-- come before it. Nearly always this priority is being served, and the cursor tells it. That
-- case comes first: after a pause, calling virtual_time_served costs more than all the rest.
create function private.take_virtual_times(of_user uuid, at_priority integer, getting_in_again boolean, count bigint) returns bigint
language plpgsql volatile set search_path = '' as $$
declare
  cursor_at bigint := coalesce(pg_catalog.pg_sequence_last_value('private.queue_cursor'::regclass), 0);
  serving bigint := case when cursor_at > 0 and private.priority_of(cursor_at) = at_priority then private.virtual_time_of(cursor_at)
                         else private.virtual_time_served(at_priority) end;
  last_time bigint;
  position bigint;
begin
  insert into private.virtual_times as t (user_id, priority, again, virtual_time)
  values (of_user, at_priority, getting_in_again, serving + count)
  on conflict (user_id, priority, again) do update set virtual_time = greatest(t.virtual_time, serving) + count
  returning virtual_time into last_time;
  position := private.position_of(at_priority, last_time - count);
  if position < coalesce(pg_catalog.pg_sequence_last_value('private.queue_cursor'::regclass), 0) then
    perform pg_catalog.setval('private.queue_cursor', position);
  end if;
  return last_time - count + 1;
end $$;

-- Wake the workers, unless others are doing so. Each NOTIFY holds a lock of the whole server from
-- the start of its commit to the end, including the flush, so commits that notify run one after the
-- other. At most three transactions notify at a time, and a fourth leaves it to them. A worker that
-- was woken looks once more after a moment, because the fourth may commit a little later than they.
create function private.wake_workers() returns void language plpgsql volatile set search_path = '' as $$
begin
  for slot in 1 .. 3 loop
    -- The lock ends with the transaction.
    if pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('myjoe: wake workers'), slot) then
      perform pg_catalog.pg_notify('myjoe_jobs', '');
      return;
    end if;
  end loop;
end $$;

-- Enqueue postponed jobs whose time has come: they get their positions.
create function private.enqueue_due(jobs_max integer) returns void language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  due uuid[];
  share record;
  first_position bigint;
begin
  due := array(select id from public.jobs where status = 'pending' and position is null and scheduled_at <= private.clock()
               order by scheduled_at limit jobs_max for update skip locked);
  for share in
    select user_id, priority, array_agg(id order by created_at, id) as ids from public.jobs where id = any (due)
    group by user_id, priority order by user_id, priority
  loop
    first_position := private.position_of(
      share.priority, private.take_virtual_times(share.user_id, share.priority, true, cardinality(share.ids)));
    update public.jobs j set position = first_position + numbered.number - 1
    from unnest(share.ids) with ordinality as numbered (id, number) where j.id = numbered.id;
  end loop;
end $$;

-- Add jobs: [{"payload", "operations", "credits_half", "cogs_max_micro_usd", "max_attempts"}, …].
-- Returns their ids in that order, tells the user's browsers and wakes the workers. It is the only
-- way into the queue. The caller deals with credits: the governor burns them in the same
-- transaction.
create function private.enqueue_jobs(for_user uuid, in_run uuid, job_type text, jobs jsonb, at_priority integer default 100,
                                     not_before timestamptz default null)
returns uuid[] language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  job_count integer := jsonb_array_length(jobs);
  first_position bigint;
  ids uuid[];
begin
  if job_count = 0 then
    return '{}';
  end if;
  if not_before is null or not_before <= moment then
    first_position := private.position_of(at_priority, private.take_virtual_times(for_user, at_priority, false, job_count));
  end if;
  with added as (
    insert into public.jobs (user_id, run_id, type, payload, operations, credits_half, cogs_max_micro_usd, max_attempts, priority,
                             scheduled_at, position, created_at, updated_at)
    select for_user, in_run, job_type, coalesce(job -> 'payload', '{}'),
           array(select jsonb_array_elements_text(coalesce(job -> 'operations', '[]'))),
           coalesce((job ->> 'credits_half')::integer, 0), (job ->> 'cogs_max_micro_usd')::bigint,
           coalesce((job ->> 'max_attempts')::integer, 3), at_priority, coalesce(not_before, moment), first_position + number - 1,
           moment, moment
    from jsonb_array_elements(jobs) with ordinality as given (job, number)
    returning id
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, at) select id, 'enqueued', 0, 0, moment from added
  )
  select array_agg(id) into ids from added;
  perform realtime.send(jsonb_build_object('run_id', in_run, 'status', 'pending', 'job_ids', ids), 'jobs', 'user:' || for_user, true);
  perform private.wake_workers();
  return ids;
end $$;

-- Take added jobs to the disk, and return those that exist. A job that is missing was wiped out by
-- a crash and has to be added again.
--
-- Whoever adds jobs need not wait for the disk, if they confirm before they tell anybody:
--   select private.enqueue_jobs(…), set_config('synchronous_commit', 'off', true)
--   select private.confirm_jobs(ids)
-- and likewise submit_run and confirm_run. A worker may claim the job in the meantime. It does
-- nothing with it before its claim is confirmed, and the claim stands after the job in the log: if
-- one is on the disk, so is the other. What a crash wipes out was neither answered nor begun.
create function private.confirm_jobs(job_ids uuid[]) returns setof uuid
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
begin
  -- As in confirm_claims: an empty log record, whose commit waits for all before it.
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return query select j.id from public.jobs j where j.id = any (job_ids);
end $$;
grant execute on function private.confirm_jobs(uuid[]) to service_role;
