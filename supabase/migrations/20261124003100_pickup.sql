-- What an idle pickup pays for. After 40 ms of nothing a server's caches are cold, and there each small query of these functions costs 15
-- to 30 µs, ten times what a plain expression does. So what can be an expression is one, and the most usual case comes first. Medians of
-- 200, old and new in turn on one server: adding a job 618 and 562 µs, claiming it 643 and 590.

-- Reserve a user's next turns; the first of them. The head moves back if they come before it. As before (line.sql), without a call where
-- the line is being served at this priority, which is nearly always.
create or replace function private.take_turns(of_user uuid, at_priority integer, getting_in_again boolean, count bigint) returns bigint
language plpgsql volatile set search_path = '' as $$
declare
  head bigint := coalesce(pg_catalog.pg_sequence_last_value('private.line_head'::regclass), 0);
  now_serving bigint := case when head > 0 and head >> 48 = at_priority then head & 281474976710655 else private.serving(at_priority) end;
  last_turn bigint;
  place bigint;
begin
  insert into private.turns as t (user_id, priority, again, turn)
  values (of_user, at_priority, getting_in_again, now_serving + count)
  on conflict (user_id, priority, again) do update set turn = greatest(t.turn, now_serving) + count
  returning turn into last_turn;
  place := (at_priority::bigint << 48) + last_turn - count;
  if place < coalesce(pg_catalog.pg_sequence_last_value('private.line_head'::regclass), 0) then
    perform pg_catalog.setval('private.line_head', place);
  end if;
  return last_turn - count + 1;
end $$;

-- As before (queue.sql), and tells the user's browsers and wakes the workers by itself: it is the only way in, and knows what a trigger has
-- to look up.
create or replace function private.enqueue_jobs(for_user uuid, in_run uuid, job_type text, jobs jsonb, at_priority integer default 100,
                                     not_before timestamptz default null)
returns uuid[] language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  job_count integer := jsonb_array_length(jobs);
  first_place bigint;
  ids uuid[];
begin
  if job_count = 0 then
    return '{}';
  end if;
  if not_before is null or not_before <= moment then
    first_place := (at_priority::bigint << 48) + private.take_turns(for_user, at_priority, false, job_count);
  end if;
  with added as (
    insert into public.jobs (user_id, run_id, type, payload, operations, credits_half, cogs_max_micro_usd, max_attempts, priority,
                             scheduled_at, place, created_at, updated_at)
    select for_user, in_run, job_type, coalesce(job -> 'payload', '{}'),
           array(select jsonb_array_elements_text(coalesce(job -> 'operations', '[]'))),
           coalesce((job ->> 'credits_half')::integer, 0), (job ->> 'cogs_max_micro_usd')::bigint,
           coalesce((job ->> 'max_attempts')::integer, 3), at_priority, coalesce(not_before, moment), first_place + position - 1,
           moment, moment
    from jsonb_array_elements(jobs) with ordinality as given (job, position)
    returning id
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, at) select id, 'enqueued', 0, 0, moment from added
  )
  select array_agg(id) into ids from added;
  perform realtime.send(jsonb_build_object('run_id', in_run, 'status', 'pending', 'job_ids', ids), 'jobs', 'user:' || for_user, true);
  perform private.wake_workers();
  return ids;
end $$;
drop trigger tell_new_jobs on public.jobs;
drop function private.tell_new_jobs();
drop trigger wake_on_insert on public.jobs;
drop function private.wake_on_insert();

-- Adding jobs need not wait for the disk either, if who adds them asks for the disk before they tell anybody that it is done:
--   select private.enqueue_jobs(…), set_config('synchronous_commit', 'off', true)    and then    select private.confirm_jobs(ids)
-- and likewise submit_run and confirm_run. In the time that the disk takes a worker has the job. It may not do anything with it before it
-- has confirmed its claim, and the claim stands after the job in the log: with the one the other is on the disk. What a crash wipes out was
-- neither answered nor begun, and the confirmation, which may then be the next life's, says that it is missing: it is to be added again.

-- Take added jobs to the disk. Answers which of them are there; what is missing was wiped out by a crash.
create function private.confirm_jobs(job_ids uuid[]) returns setof uuid
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
begin
  -- As in confirm_claims: a record that says nothing, whose commit waits for all before it.
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return query select j.id from public.jobs j where j.id = any (job_ids);
end $$;
grant execute on function private.confirm_jobs(uuid[]) to service_role;

-- The same for a run: whether it is there.
create function private.confirm_run(run uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return exists (select from public.runs r where r.id = run);
end $$;
grant execute on function private.confirm_run(uuid) to service_role;

-- How long the last full walk took, in µs. A hint, as the line's other numbers are.
create unlogged sequence private.line_walk_us minvalue 0 start 0;

-- As before (lives.sql), but with no full walk while the line is at rest. One that has found nothing at all makes the next one needless
-- until something is found: what a short walk can miss is missed beside what it finds. So the first job after a pause, which somebody
-- waits for, is found by the short walk, and the full one is done by the claim after it, which finds nothing.
create or replace function private.claim_jobs(worker text, jobs_max integer default 1, lease_seconds double precision default 300,
                                   per_user_max integer default null)
returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
               max_attempts integer, cogs_max_micro_usd bigint, lease_until timestamptz, place bigint)
language plpgsql security definer set search_path = ''
-- The walks below have one good plan each, along its index; a plan made while the table was empty would be another. What is switched off
-- looks very dear to the planner where it is used after all, and what is dear is compiled: a tenth of a second for nothing.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  -- Full walks are so far apart, in µs, while they find nothing. Longer spares the claim that comes right then 80 µs; shorter finds sooner
  -- what goes wrong while claims by messages, which do not know of the rest, empty the line.
  rest_us constant bigint := 10000000;
  moment timestamptz := private.clock();
  head bigint := coalesce(pg_catalog.pg_sequence_last_value('private.line_head'::regclass), 0);
  life bigint := coalesce(pg_catalog.pg_sequence_last_value('private.life'::regclass), private.this_life());
  began_us bigint := private.machine_us();
  walk_due bigint := coalesce(pg_catalog.pg_sequence_last_value('private.line_walk_due'::regclass), 0);
  walk_us bigint;
  full_walk boolean := began_us >= walk_due;
  found_any boolean := false;
  last_place bigint;
  picked uuid[];
  next_place bigint;
begin
  if worker is null or jobs_max < 1 or lease_seconds <= 0 or per_user_max < 1 then
    raise invalid_parameter_value using message = 'a claim needs a worker, at least one job and a lease, and a cap, if any, of one or more';
  end if;
  perform pg_catalog.set_config('synchronous_commit', 'off', true);
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
          lease_until = moment + make_interval(secs => lease_seconds), attempts = j.attempts + 1,
          lease_token = greatest(j.lease_token + 1, life), started_at = coalesce(j.started_at, moment), updated_at = moment
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
      walk_us := greatest(private.machine_us() - began_us, 0);
      perform pg_catalog.setval('private.line_walk_us', walk_us);
      -- Nineteen times as long as this took until the next: a twentieth of the time, cheap or dear as it may be.
      perform pg_catalog.setval('private.line_walk_due', began_us + greatest(20 * walk_us, case when found_any then 0 else rest_us end));
    end if;
    exit when found_any or full_walk;
    full_walk := true;
  end loop;
  if found_any then
    perform pg_catalog.setval('private.line_head', least(last_place, next_place));
    if last_place & 281474976710655 > coalesce(pg_catalog.pg_sequence_last_value('private.line_turn'::regclass), 0) then
      perform pg_catalog.setval('private.line_turn', last_place & 281474976710655);
    end if;
    if not full_walk then  -- the rest is over
      walk_us := coalesce(pg_catalog.pg_sequence_last_value('private.line_walk_us'::regclass), 0);
      if walk_due > began_us + 20 * walk_us then
        perform pg_catalog.setval('private.line_walk_due', began_us + 20 * walk_us);
      end if;
    end if;
  end if;
end $$;
