-- Claims that do not wait for the disk. A pickup waits for it twice, for the job and for its claim, and the second need not be: if the
-- server crashes before a claim is written, the job is where it was, and its worker is told so by its next word. That word follows at once
-- (confirm_claims, beside the job's beginning), and waits; so does whatever comes after, a cost that is booked or a result, and each takes
-- to the disk what was before it. What a caller does in the transaction of a claim does not wait either: a claim is a statement of its own.
--
-- One thing must not happen: that a claim which a crash has wiped out and the next one of the same job get the same token, or two workers
-- hold the same lease. So tokens start anew, far ahead, in each life of the server. Its number is an unlogged sequence, which ends with
-- just those lives that may end before something was written: a crash, a standby that takes over, a copy put in its place. A stop in
-- good order ends none. The number of the next is the time in µs, which grows faster than tokens do.
create unlogged sequence private.life minvalue 0 start 0;
select pg_catalog.setval('private.life', 1);

-- The number of the server's present life; a new one if it has none.
create function private.this_life() returns bigint language plpgsql volatile set search_path = '' as $$
begin
  -- Null when the sequence was wiped. Two who see that at once may take two numbers: both are new.
  return coalesce(pg_catalog.pg_sequence_last_value('private.life'::regclass),
                  pg_catalog.setval('private.life', private.machine_us()));
end $$;

-- As before (caps.sql), with a token of this life and a commit that does not wait.
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
  moment timestamptz := private.clock();
  head bigint := (select last_value from private.line_head);
  life bigint := private.this_life();
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

-- And messages.sql's, likewise.
create or replace function private.claim_messages(worker text, jobs_max integer default 1, lease_seconds double precision default 300,
                                       per_user_max integer default null)
returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
               max_attempts integer, cogs_max_micro_usd bigint, lease_until timestamptz, place bigint)
language plpgsql security definer set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  -- Messages beyond what is asked for. More are sent at once, which is cheaper, and may keep a more urgent job waiting.
  ahead constant integer := 12;
  moment timestamptz := private.clock();
  life bigint := private.this_life();
  began_us bigint := private.machine_us();
  full_walk boolean := began_us >= (select last_value from private.line_walk_due);
  room integer := jobs_max;  -- for so many more jobs
  healed boolean := false;
  waiting integer;
  last_place bigint;
  running uuid[];
  told record;
  read_ids bigint[];     -- messages that were read,
  read_jobs uuid[];      -- and whose they are
  spent bigint[];        -- those that have done their service
  strange bigint[];      -- those that are not ours
  mine uuid[];           -- jobs to lease
  back uuid[];           -- jobs that a cap sends back to the line
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
    end if;
    waiting := (select count(*) from (
      select from public.jobs j where j.status = 'pending' and j.message_id is not null limit room) as few);
    if waiting < room then
      perform private.send_jobs(room - waiting + case when per_user_max is null then ahead else 0 end, per_user_max,
                                case when full_walk then 0 else (select last_value from private.line_head) end);
    end if;

    -- Until this commits nobody else sees what is read here; a message that is left, because somebody else holds its job just now, is seen
    -- again a second later.
    select array_agg(m.msg_id) filter (where m.job_id is not null), array_agg(m.job_id) filter (where m.job_id is not null),
           coalesce(array_agg(m.msg_id) filter (where m.job_id is null), '{}')
    into read_ids, read_jobs, strange
    from (select r.msg_id, case when r.message ->> 'job_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                then (r.message ->> 'job_id')::uuid end as job_id
          from pgmq.read('myjoe_jobs', 1, room) r order by r.msg_id) as m;
    mine := array(select j.id from public.jobs j where j.id = any (read_jobs) and j.status = 'pending' and j.place is not null
                  for update skip locked);
    spent := array(select m.message from unnest(read_ids, read_jobs) as m (message, job)
                   where m.job = any (mine) or not exists (
                     select from public.jobs j where j.id = m.job and j.status = 'pending' and j.place is not null));
    if per_user_max is not null then
      running := array(select j.user_id from public.jobs j where j.status = 'in_progress' and j.lease_until > moment);
      back := '{}';
      for told in select j.id, j.user_id from public.jobs j where j.id = any (mine) order by j.place loop
        if coalesce(cardinality(array_positions(running, told.user_id)), 0) < per_user_max then
          running := running || told.user_id;
        else
          back := back || told.id;
        end if;
      end loop;
      mine := array(select u.id from unnest(mine) as u (id) where u.id <> all (back));
      if cardinality(back) > 0 then
        update public.jobs j set message_id = null where j.id = any (back);
        perform pg_catalog.setval('private.line_head', least((select last_value from private.line_head),
                                                             (select min(j.place) from public.jobs j where j.id = any (back))));
      end if;
    end if;
    for id, lease_token, type, payload, operations, user_id, run_id, attempts, max_attempts, cogs_max_micro_usd, lease_until, place in
      with taken as (
        update public.jobs j set status = 'in_progress', locked_by = worker, locked_at = moment,
          lease_until = moment + make_interval(secs => lease_seconds), attempts = j.attempts + 1,
          lease_token = greatest(j.lease_token + 1, life), started_at = coalesce(j.started_at, moment), updated_at = moment,
          message_id = null
        where j.id = any (mine)
        returning j.*
      ), logged as (
        insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
        select t.id, 'claimed', t.lease_token, t.attempts, worker, moment from taken t
      )
      select t.id, t.lease_token, t.type, t.payload, t.operations, t.user_id, t.run_id, t.attempts, t.max_attempts, t.cogs_max_micro_usd,
             t.lease_until, t.place from taken t
    loop
      room := room - 1;
      last_place := greatest(last_place, place);
      return next;
    end loop;
    -- A job whose message is spent has none, whatever has become of it.
    update public.jobs j set message_id = null
    where j.id = any (array(select m.job from unnest(read_ids, read_jobs) as m (message, job) where m.message = any (spent)))
      and j.message_id is not null;
    if cardinality(spent) > 0 then
      perform pgmq.delete('myjoe_jobs', spent);
    end if;
    if cardinality(strange) > 0 then
      perform pgmq.archive('myjoe_jobs', strange);
    end if;

    if full_walk then
      perform pg_catalog.setval('private.line_walk_due', private.machine_us() + 19 * greatest(private.machine_us() - began_us, 0));
    end if;
    exit when room = 0;
    if cardinality(spent) + cardinality(strange) = 0 then
      exit when healed or room < jobs_max and not full_walk;
      -- If jobs are marked as sent all the same, their messages are gone (somebody emptied the queue), or are just being read by another
      -- claim, which a second message does not harm.
      exit when full_walk and not exists (select from public.jobs j where j.status = 'pending' and j.message_id is not null);
      if full_walk then
        update public.jobs j set message_id = null where j.id = any (array(
          select l.id from public.jobs l where l.status = 'pending' and l.message_id is not null limit 1000 for update skip locked));
        healed := true;
      end if;
      full_walk := true;
    end if;
  end loop;
  if last_place & 281474976710655 > (select last_value from private.line_turn) then
    perform pg_catalog.setval('private.line_turn', last_place & 281474976710655);
  end if;
end $$;

-- Take claims to the disk. Answers which of them still are, and whether their users want them stopped; what is missing was wiped out, or is
-- somebody else's by now.
create function private.confirm_claims(job_ids uuid[], tokens bigint[]) returns table (id uuid, cancel boolean)
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  -- A record in the log that says nothing: without one, this transaction's end would not wait for those before it.
  perform pg_catalog.pg_logical_emit_message(true, 'myjoe', ''::text);
  return query
    select j.id, j.cancel_requested_at is not null from public.jobs j
    join unnest(job_ids, tokens) as held (id, token) on j.id = held.id and j.lease_token = held.token
    where j.lease_until is not null;
end $$;
grant execute on function private.confirm_claims(uuid[], bigint[]) to service_role;
