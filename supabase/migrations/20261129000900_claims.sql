-- Claims: a worker takes jobs for a lease and renews it. At least once, and fenced.
--
-- Each claim gives a job a new lease token. Every later write of the worker carries it, and a write
-- with another token changes nothing. Each function is one statement to its caller and leaves
-- nothing in the session, so all of them work through a transaction pooler.
--
-- "In progress" is written as "has a lease", and "not ended" as "has no end". The checks of the
-- table make them equivalent. The planner, which sees no running job in its statistics, would
-- otherwise scan the index on status instead of the primary key.
--
-- A claim does not wait for the disk. If the server crashes before the claim is written, the job is
-- where it was, and the worker's next statement tells it so. That statement (confirm_claims, while
-- the job begins) waits for the disk, as do all later ones. Whatever else a caller does in a
-- claim's transaction does not wait either, so a claim is a statement of its own.
--
-- After a crash, a wiped-out claim and the next one of that job must not get the same token, or two
-- workers would hold the same lease. So tokens start anew, far ahead, in each epoch of the server.
-- An unlogged sequence holds the epoch's number. A crash, a standby that takes over and a restored
-- copy end the epoch, for each may lose what was not yet written. A clean stop does not. The next
-- number is the time in µs, which grows faster than tokens do.
create unlogged sequence private.server_epoch minvalue 0 start 0;
select pg_catalog.setval('private.server_epoch', 1);

-- The number of the server's present epoch; a new one if it has none.
create function private.current_epoch() returns bigint language plpgsql volatile set search_path = '' as $$
begin
  -- Null if the sequence was wiped. Two callers who see that at once may take two numbers: both are
  -- new.
  return coalesce(pg_catalog.pg_sequence_last_value('private.server_epoch'::regclass),
                  pg_catalog.setval('private.server_epoch', private.machine_us()));
end $$;

-- Choose and lock up to so many jobs at or after a position, none of a user who would then have
-- more than the cap. A claim must not pay for each of ninety thousand jobs of a user at the cap: it
-- looks at a stretch of the queue, and beyond that asks user by user.
--
-- `next_position` is where the next claim should look first. It is no farther than the first job
-- that was passed over, so that users keep the order of their own jobs, unless a whole stretch was
-- passed over. The caller holds the lock under which capped claims take turns: without it, two of
-- them would both take a user's last slot. Only claims call this, and their planner settings hold
-- here.
create function private.pick_jobs(jobs_max integer, per_user_max integer, from_position bigint, out ids uuid[], out next_position bigint)
language plpgsql volatile set search_path = '' as $$
declare
  -- Jobs to look at. Longer keeps the order of a user's jobs over more that were passed over;
  -- shorter costs less. 64 were measured to take about 40 µs.
  stretch constant integer := 64;
  -- Users to ask if the whole stretch was of users at the cap. More find the very next job in more
  -- crowded queues; each was measured to take 10 µs.
  users_max constant integer := 500;
  running uuid[];  -- the user of each running job, and of each that is chosen here
  chosen uuid[] := '{}';
  seen integer := 0;
  last_seen bigint;
  asked uuid := '00000000-0000-0000-0000-000000000000';  -- before all users
  slots integer;
  beyond_ids uuid[] := '{}';
  beyond_positions bigint[] := '{}';
  waiting record;
begin
  running := array(select j.user_id from public.jobs j where j.status = 'in_progress' and j.lease_until > private.clock());
  for waiting in
    select j.id, j.user_id, j.position from public.jobs j
    where j.status = 'pending' and j.position is not null and j.position >= from_position order by j.position limit stretch
  loop
    seen := seen + 1;
    last_seen := waiting.position;
    if coalesce(cardinality(array_positions(running, waiting.user_id)), 0) < per_user_max then
      chosen := chosen || waiting.id;
      running := running || waiting.user_id;
      exit when cardinality(chosen) = jobs_max;
    else
      next_position := coalesce(next_position, waiting.position);
    end if;
  end loop;
  if cardinality(chosen) < jobs_max and seen = stretch then
    for number in 1 .. users_max loop
      select j.user_id into asked from public.jobs j
      where j.status = 'pending' and j.position is not null and j.user_id > asked order by j.user_id, j.position limit 1;
      exit when not found;
      slots := per_user_max - coalesce(cardinality(array_positions(running, asked)), 0);
      continue when slots <= 0;
      for waiting in
        select j.id, j.position from public.jobs j
        where j.status = 'pending' and j.position is not null and j.user_id = asked and j.position > last_seen
        order by j.position limit slots
      loop
        beyond_ids := beyond_ids || waiting.id;
        beyond_positions := beyond_positions || waiting.position;
      end loop;
    end loop;
    if cardinality(beyond_ids) > 0 then
      next_position := null;
      chosen := chosen || array(select u.id from unnest(beyond_ids, beyond_positions) as u (id, position)
                                order by u.position limit jobs_max - cardinality(chosen));
    end if;
  end if;
  ids := array(select j.id from public.jobs j where j.id = any (chosen) and j.status = 'pending' and j.position is not null
               for update skip locked);
end $$;

-- Claim up to so many jobs, the most urgent first and users in turn, and with a cap none of a user
-- who has so many running. Every claim also does the housekeeping that is due: there is no leader.
--
-- A full scan that found nothing at all makes the next one needless until a short scan finds a job:
-- what a short scan misses lies beside what it finds. So the first job after a pause, for which
-- somebody waits, is found by the short scan, and the claim after it does the full one.
create function private.claim_jobs(worker text, jobs_max integer default 1, lease_seconds double precision default 300,
                                   per_user_max integer default null)
returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
               max_attempts integer, cogs_max_micro_usd bigint, lease_until timestamptz, "position" bigint)
language plpgsql security definer set search_path = ''
-- Each scan below has one good plan, along its index. A plan made while the table was empty would
-- be another. A plan node that is switched off looks very dear to the planner where it is used
-- after all, and dear plans are compiled: a tenth of a second for nothing.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  -- The pause between full scans, in µs, while they find nothing. Longer spares the claim that
  -- comes right then a full scan; shorter finds sooner what goes wrong while claims by messages,
  -- which do not know of the pause, empty the queue. A guess.
  pause_us constant bigint := 10000000;
  moment timestamptz := private.clock();
  scan_from bigint := coalesce(pg_catalog.pg_sequence_last_value('private.queue_cursor'::regclass), 0);
  epoch bigint := coalesce(pg_catalog.pg_sequence_last_value('private.server_epoch'::regclass), private.current_epoch());
  began_us bigint := private.machine_us();
  scan_due bigint := coalesce(pg_catalog.pg_sequence_last_value('private.full_scan_due'::regclass), 0);
  scan_us bigint;
  full_scan boolean := began_us >= scan_due;
  found_any boolean := false;
  last_position bigint;
  picked uuid[];
  next_position bigint;
begin
  if worker is null or jobs_max < 1 or lease_seconds <= 0 or per_user_max < 1 then
    raise invalid_parameter_value using message = 'a claim needs a worker, at least one job and a lease, and a cap, if any, of one or more';
  end if;
  perform pg_catalog.set_config('synchronous_commit', 'off', true);
  if per_user_max is not null then
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: capped claims', 0));
  end if;
  loop
    if full_scan then
      if exists (select from public.jobs j where j.status = 'in_progress' and j.lease_until <= moment) then
        perform private.reclaim_jobs();
      end if;
      if exists (select from public.jobs j where j.status = 'pending' and j.position is null and j.scheduled_at <= moment) then
        perform private.enqueue_due(100);
      end if;
      scan_from := 0;
    end if;
    if per_user_max is not null then
      select p.ids, p.next_position into picked, next_position from private.pick_jobs(jobs_max, per_user_max, scan_from) p;
    end if;
    for id, lease_token, type, payload, operations, user_id, run_id, attempts, max_attempts, cogs_max_micro_usd, lease_until, position in
      with taken as (
        update public.jobs j set status = 'in_progress', locked_by = worker, locked_at = moment,
          lease_until = moment + make_interval(secs => lease_seconds), attempts = j.attempts + 1,
          lease_token = greatest(j.lease_token + 1, epoch), started_at = coalesce(j.started_at, moment), updated_at = moment
        where j.id = any (case when per_user_max is null then array(
          select l.id from public.jobs l where l.status = 'pending' and l.position is not null and l.position >= scan_from
          order by l.position limit jobs_max for update skip locked
        ) else picked end)
        returning j.*
      ), logged as (
        insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
        select t.id, 'claimed', t.lease_token, t.attempts, worker, moment from taken t
      )
      select t.id, t.lease_token, t.type, t.payload, t.operations, t.user_id, t.run_id, t.attempts, t.max_attempts, t.cogs_max_micro_usd,
             t.lease_until, t.position from taken t
    loop
      found_any := true;
      last_position := greatest(last_position, position);
      return next;
    end loop;
    if full_scan then
      scan_us := greatest(private.machine_us() - began_us, 0);
      perform pg_catalog.setval('private.full_scan_us', scan_us);
      -- The next comes after nineteen times as long as this took: full scans take a twentieth of
      -- the time, whatever they cost.
      perform pg_catalog.setval('private.full_scan_due', began_us + greatest(20 * scan_us, case when found_any then 0 else pause_us end));
    end if;
    exit when found_any or full_scan;
    full_scan := true;
  end loop;
  if found_any then
    perform pg_catalog.setval('private.queue_cursor', least(last_position, next_position));
    if private.virtual_time_of(last_position) > coalesce(pg_catalog.pg_sequence_last_value('private.virtual_time'::regclass), 0) then
      perform pg_catalog.setval('private.virtual_time', private.virtual_time_of(last_position));
    end if;
    if not full_scan then  -- the pause is over
      scan_us := coalesce(pg_catalog.pg_sequence_last_value('private.full_scan_us'::regclass), 0);
      if scan_due > began_us + 20 * scan_us then
        perform pg_catalog.setval('private.full_scan_due', began_us + 20 * scan_us);
      end if;
    end if;
  end if;
end $$;
grant execute on function private.claim_jobs(text, integer, double precision, integer) to service_role;

-- Claim under a name, so that the same claim may be asked for twice. If the connection breaks after
-- the server has committed, the worker asks again and gets the same jobs. Without this, they would
-- wait for the end of a lease of which nobody knows, and that would count as an attempt.
create function private.claim_once(claim text, by_messages boolean, jobs_max integer, lease_seconds double precision, per_user_max integer)
returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
               max_attempts integer, cogs_max_micro_usd bigint)
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  -- The first one may still be running, with nobody left to read its answer.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: ' || claim, 0));
  return query
    select j.id, j.lease_token, j.type, j.payload, j.operations, j.user_id, j.run_id, j.attempts, j.max_attempts, j.cogs_max_micro_usd
    from public.jobs j where j.locked_by = claim and j.status = 'in_progress';
  if found then
    return;
  elsif by_messages then
    return query
      select c.id, c.lease_token, c.type, c.payload, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd
      from private.claim_messages(claim, jobs_max, lease_seconds, per_user_max) c;
  else
    return query
      select c.id, c.lease_token, c.type, c.payload, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd
      from private.claim_jobs(claim, jobs_max, lease_seconds, per_user_max) c;
  end if;
end $$;
grant execute on function private.claim_once(text, boolean, integer, double precision, integer) to service_role;

-- Take claims to the disk. Returns those that still hold, and whether their users want them
-- stopped. A claim that is missing was wiped out, or the job is somebody else's by now.
create function private.confirm_claims(job_ids uuid[], tokens bigint[]) returns table (id uuid, cancel boolean)
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  -- An empty log record. Without one, this commit would not wait for the commits before it.
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return query
    select j.id, j.cancel_requested_at is not null from public.jobs j
    join unnest(job_ids, tokens) as held (id, token) on j.id = held.id and j.lease_token = held.token
    where j.lease_until is not null;
end $$;
grant execute on function private.confirm_claims(uuid[], bigint[]) to service_role;

-- Renew leases. A job that is missing from the answer is not the worker's any more; `cancel` says
-- that its user wants it stopped.
create function private.heartbeat_jobs(job_ids uuid[], tokens bigint[], lease_seconds double precision default 300)
returns table (id uuid, lease_until timestamptz, cancel boolean)
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  return query
    with renewed as (
      update public.jobs j set locked_at = private.clock(), lease_until = private.clock() + make_interval(secs => lease_seconds),
        updated_at = private.clock()
      from (select * from unnest(job_ids, tokens) as u (id, token) order by u.id) as held
      where j.id = held.id and j.lease_token = held.token and j.lease_until is not null
      returning j.*
    ), logged as (
      insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
      select r.id, 'renewed', r.lease_token, r.attempts, r.locked_by, r.locked_at from renewed r
    )
    select r.id, r.lease_until, r.cancel_requested_at is not null from renewed r;
end $$;
grant execute on function private.heartbeat_jobs(uuid[], bigint[], double precision) to service_role;

-- Seconds until the next postponed job may be tried or the next lease runs out, whoever holds it.
-- Negative if that time has passed, null if there is neither. An idle worker sleeps until then, if
-- that is sooner than its next poll: what a dead worker held is taken over as soon as its lease
-- ends.
create function private.next_due() returns double precision language sql stable security definer set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
  select extract(epoch from least(
    (select scheduled_at from public.jobs where status = 'pending' and position is null order by scheduled_at limit 1),
    (select lease_until from public.jobs where status = 'in_progress' order by lease_until limit 1)
  ) - private.clock())::double precision
$$;
grant execute on function private.next_due() to service_role;
