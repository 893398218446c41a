-- A cap on how many jobs of one user run at once. In line, jobs of a user who is at the cap are passed over, and a claim must not pay for
-- each of ninety thousand of them: it looks at a stretch of the line, and beyond that asks user by user.

-- Where each user's next job is.
create index jobs_line_of_user on public.jobs (user_id, place) where status = 'pending' and place is not null;

-- Choose and lock up to so many jobs at or after a place, none of a user who would then have more than the cap. The caller holds the lock
-- under which all capped claims take turns, or two would both take a user's last slot. `next_place` is where the next claim should look
-- first: no farther than the first job passed over, so that users keep the order of their own jobs, unless a whole stretch was. Called by
-- claims alone, whose settings for the planner hold here, too.
create function private.pick_jobs(jobs_max integer, per_user_max integer, from_place bigint, out ids uuid[], out next_place bigint)
language plpgsql volatile set search_path = '' as $$
declare
  -- Longer keeps the order of a user's jobs over more that were passed over; shorter costs less: 64 take about 40 µs.
  stretch constant integer := 64;
  -- So many users are asked where a stretch was full of others' jobs. More finds the very next in more crowded lines; each takes 10 µs.
  users_max constant integer := 500;
  running uuid[];  -- the user of each running job, and of each that is chosen here
  chosen uuid[] := '{}';
  seen integer := 0;
  last_seen bigint;
  asked uuid := '00000000-0000-0000-0000-000000000000';  -- before all users
  slots integer;
  beyond_ids uuid[] := '{}';
  beyond_places bigint[] := '{}';
  waiting record;
begin
  running := array(select j.user_id from public.jobs j where j.status = 'in_progress' and j.lease_until > private.clock());
  for waiting in
    select j.id, j.user_id, j.place from public.jobs j
    where j.status = 'pending' and j.place is not null and j.place >= from_place order by j.place limit stretch
  loop
    seen := seen + 1;
    last_seen := waiting.place;
    if coalesce(cardinality(array_positions(running, waiting.user_id)), 0) < per_user_max then
      chosen := chosen || waiting.id;
      running := running || waiting.user_id;
      exit when cardinality(chosen) = jobs_max;
    else
      next_place := coalesce(next_place, waiting.place);
    end if;
  end loop;
  if cardinality(chosen) < jobs_max and seen = stretch then
    for number in 1 .. users_max loop
      select j.user_id into asked from public.jobs j
      where j.status = 'pending' and j.place is not null and j.user_id > asked order by j.user_id, j.place limit 1;
      exit when not found;
      slots := per_user_max - coalesce(cardinality(array_positions(running, asked)), 0);
      continue when slots <= 0;
      for waiting in
        select j.id, j.place from public.jobs j
        where j.status = 'pending' and j.place is not null and j.user_id = asked and j.place > last_seen order by j.place limit slots
      loop
        beyond_ids := beyond_ids || waiting.id;
        beyond_places := beyond_places || waiting.place;
      end loop;
    end loop;
    if cardinality(beyond_ids) > 0 then
      next_place := null;
      chosen := chosen || array(select u.id from unnest(beyond_ids, beyond_places) as u (id, place)
                                order by u.place limit jobs_max - cardinality(chosen));
    end if;
  end if;
  ids := array(select j.id from public.jobs j where j.id = any (chosen) and j.status = 'pending' and j.place is not null
               for update skip locked);
end $$;

drop function private.claim_jobs(text, integer, double precision);

-- Claim up to so many jobs, the most urgent first and users in turn, and with a cap none of a user who has so many running. Also does the
-- housekeeping that is due: there is no leader.
create function private.claim_jobs(worker text, jobs_max integer default 1, lease_seconds double precision default 300,
                                   per_user_max integer default null)
returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
               max_attempts integer, cogs_max_micro_usd bigint, lease_until timestamptz, place bigint)
language plpgsql security definer set search_path = ''
-- The walks below have one good plan each, along its index; a plan made while the table was empty would be another. What is switched off
-- looks very dear to the planner where it is used after all, and what is dear is compiled: a tenth of a second for nothing.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  moment timestamptz := private.clock();
  head bigint := (select last_value from private.line_head);
  began_us bigint := private.machine_us();
  full_walk boolean := began_us >= (select last_value from private.line_walk_due);
  found_any boolean := false;
  last_place bigint;
  picked uuid[];
  next_place bigint;
begin
  if worker is null or jobs_max < 1 or lease_seconds <= 0 or per_user_max < 1 then
    raise invalid_parameter_value using message = 'a claim needs a worker, at least one job and a lease, and a cap, if any, of one or more';
  end if;
  if per_user_max is not null then
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: capped claims', 0));
  end if;
  loop
    if full_walk then
      if exists (select from public.jobs j where j.status = 'in_progress' and j.lease_until <= moment) then
        perform private.reclaim_jobs();
      end if;
      if exists (select from public.jobs j where j.status = 'pending' and j.place is null and j.scheduled_at <= moment) then
        perform private.line_up(100);
      end if;
      head := 0;
    end if;
    if per_user_max is not null then
      select p.ids, p.next_place into picked, next_place from private.pick_jobs(jobs_max, per_user_max, head) p;
    end if;
    for id, lease_token, type, payload, operations, user_id, run_id, attempts, max_attempts, cogs_max_micro_usd, lease_until, place in
      with taken as (
        update public.jobs j set status = 'in_progress', locked_by = worker, locked_at = moment,
          lease_until = moment + make_interval(secs => lease_seconds), attempts = j.attempts + 1, lease_token = j.lease_token + 1,
          started_at = coalesce(j.started_at, moment), updated_at = moment
        where j.id = any (case when per_user_max is null then array(
          select l.id from public.jobs l where l.status = 'pending' and l.place is not null and l.place >= head
          order by l.place limit jobs_max for update skip locked
        ) else picked end)
        returning j.*
      ), logged as (
        insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
        select t.id, 'claimed', t.lease_token, t.attempts, worker, moment from taken t
      )
      select t.id, t.lease_token, t.type, t.payload, t.operations, t.user_id, t.run_id, t.attempts, t.max_attempts, t.cogs_max_micro_usd,
             t.lease_until, t.place from taken t
    loop
      found_any := true;
      last_place := greatest(last_place, place);
      return next;
    end loop;
    if full_walk then
      -- Nineteen times as long as this took until the next: a twentieth of the time, cheap or dear as it may be.
      perform pg_catalog.setval('private.line_walk_due', private.machine_us() + 19 * greatest(private.machine_us() - began_us, 0));
    end if;
    exit when found_any or full_walk;
    full_walk := true;
  end loop;
  if found_any then
    perform pg_catalog.setval('private.line_head', least(last_place, next_place));
    if last_place & 281474976710655 > (select last_value from private.line_turn) then
      perform pg_catalog.setval('private.line_turn', last_place & 281474976710655);
    end if;
  end if;
end $$;
grant execute on function private.claim_jobs(text, integer, double precision, integer) to service_role;
