-- The same queue by pgmq: a claim reads messages {"job_id"} instead of scanning the queue order.
-- The job's row stays the truth: its lease, its token and its end. A message only says whose turn
-- it is, and one that is lost, doubled or stale does no harm. So workers of both kinds may run at
-- once, and changing over means starting the others.
--
-- Used of pgmq is what its version 1.5.1 has (create, list_queues, send_batch, read, delete,
-- archive), with results by column name. These functions find pgmq when they are called, and exist
-- whether or not it is installed.

-- Make the queue, once.
create function private.open_messages() returns void language plpgsql security definer set search_path = '' as $$
begin
  if to_regnamespace('pgmq') is null then
    raise feature_not_supported using message = 'the extension pgmq is not installed in this database';
  end if;
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: open messages', 0));
  if not exists (select from pgmq.list_queues() q where q.queue_name = 'myjoe_jobs') then
    perform pgmq.create('myjoe_jobs');
    -- pgmq leaves this to whoever makes a queue. It does not bind us, the tables' owner.
    execute 'alter table pgmq.q_myjoe_jobs enable row level security';
    execute 'alter table pgmq.a_myjoe_jobs enable row level security';
  end if;
end $$;
grant execute on function private.open_messages() to service_role;

-- Send messages for up to so many of the next jobs that have none; with a cap, for jobs that it
-- allows. Returns how many. Only claim_messages calls this, and its planner settings hold here.
create function private.send_jobs(jobs_max integer, per_user_max integer, from_position bigint) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  ids uuid[];
  next_position bigint;
  messages bigint[];
begin
  if per_user_max is null then
    ids := array(select j.id from public.jobs j
                 where j.status = 'pending' and j.position is not null and j.position >= from_position and j.message_id is null
                 order by j.position limit jobs_max for update skip locked);
  else
    select array(select j.id from public.jobs j where j.id = any (p.ids) and j.message_id is null order by j.position), p.next_position
    into ids, next_position from private.pick_jobs(jobs_max, per_user_max, from_position) p;
  end if;
  if cardinality(ids) = 0 then
    return 0;
  end if;
  messages := array(select pgmq.send_batch('myjoe_jobs', array(select jsonb_build_object('job_id', u.id) from unnest(ids) as u (id))));
  update public.jobs j set message_id = sent.message from unnest(ids, messages) as sent (id, message) where j.id = sent.id;
  perform pg_catalog.setval('private.queue_cursor', coalesce(next_position, (
    select max(j.position) from public.jobs j where j.id = any (ids))));
  return cardinality(ids);
end $$;

-- Claim by messages, as claim_jobs does by the queue order. Only a few messages are sent ahead, so
-- that a user who comes next waits behind a dozen jobs at most. With a cap, only what is claimed at
-- once is sent, since who is at the cap changes.
create function private.claim_messages(worker text, jobs_max integer default 1, lease_seconds double precision default 300,
                                       per_user_max integer default null)
returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
               max_attempts integer, cogs_max_micro_usd bigint, lease_until timestamptz, "position" bigint)
language plpgsql security definer set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  -- Messages to send beyond what is asked for. More are cheaper, since they are sent at once; fewer
  -- keep a more urgent job waiting for a shorter time.
  ahead constant integer := 12;
  moment timestamptz := private.clock();
  epoch bigint := private.current_epoch();
  began_us bigint := private.machine_us();
  full_scan boolean := began_us >= (select last_value from private.full_scan_due);
  room integer := jobs_max;  -- how many more jobs to claim
  healed boolean := false;
  waiting integer;
  last_position bigint;
  running uuid[];
  told record;
  read_ids bigint[];     -- messages that were read,
  read_jobs uuid[];      -- and whose they are
  spent bigint[];        -- those that are used up
  strange bigint[];      -- those that are not ours
  mine uuid[];           -- jobs to lease
  back uuid[];           -- jobs that a cap sends back to the queue
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
    end if;
    waiting := (select count(*) from (
      select from public.jobs j where j.status = 'pending' and j.message_id is not null limit room) as few);
    if waiting < room then
      perform private.send_jobs(room - waiting + case when per_user_max is null then ahead else 0 end, per_user_max,
                                case when full_scan then 0 else (select last_value from private.queue_cursor) end);
    end if;

    -- Until this commits, nobody else sees what is read here. A message is left if somebody else
    -- holds its job just now, and is seen again a second later.
    select array_agg(m.msg_id) filter (where m.job_id is not null), array_agg(m.job_id) filter (where m.job_id is not null),
           coalesce(array_agg(m.msg_id) filter (where m.job_id is null), '{}')
    into read_ids, read_jobs, strange
    from (select r.msg_id, case when r.message ->> 'job_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                then (r.message ->> 'job_id')::uuid end as job_id
          from pgmq.read('myjoe_jobs', 1, room) r order by r.msg_id) as m;
    mine := array(select j.id from public.jobs j where j.id = any (read_jobs) and j.status = 'pending' and j.position is not null
                  for update skip locked);
    spent := array(select m.message from unnest(read_ids, read_jobs) as m (message, job)
                   where m.job = any (mine) or not exists (
                     select from public.jobs j where j.id = m.job and j.status = 'pending' and j.position is not null));
    if per_user_max is not null then
      running := array(select j.user_id from public.jobs j where j.status = 'in_progress' and j.lease_until > moment);
      back := '{}';
      for told in select j.id, j.user_id from public.jobs j where j.id = any (mine) order by j.position loop
        if coalesce(cardinality(array_positions(running, told.user_id)), 0) < per_user_max then
          running := running || told.user_id;
        else
          back := back || told.id;
        end if;
      end loop;
      mine := array(select u.id from unnest(mine) as u (id) where u.id <> all (back));
      if cardinality(back) > 0 then
        update public.jobs j set message_id = null where j.id = any (back);
        perform pg_catalog.setval('private.queue_cursor', least((select last_value from private.queue_cursor),
                                                             (select min(j.position) from public.jobs j where j.id = any (back))));
      end if;
    end if;
    for id, lease_token, type, payload, operations, user_id, run_id, attempts, max_attempts, cogs_max_micro_usd, lease_until, position in
      with taken as (
        update public.jobs j set status = 'in_progress', locked_by = worker, locked_at = moment,
          lease_until = moment + make_interval(secs => lease_seconds), attempts = j.attempts + 1,
          lease_token = greatest(j.lease_token + 1, epoch), started_at = coalesce(j.started_at, moment), updated_at = moment,
          message_id = null
        where j.id = any (mine)
        returning j.*
      ), logged as (
        insert into public.job_events (job_id, event, lease_token, attempt, worker, at)
        select t.id, 'claimed', t.lease_token, t.attempts, worker, moment from taken t
      )
      select t.id, t.lease_token, t.type, t.payload, t.operations, t.user_id, t.run_id, t.attempts, t.max_attempts, t.cogs_max_micro_usd,
             t.lease_until, t.position from taken t
    loop
      room := room - 1;
      last_position := greatest(last_position, position);
      return next;
    end loop;
    -- A job whose message is used up has none, whatever has become of the job.
    update public.jobs j set message_id = null
    where j.id = any (array(select m.job from unnest(read_ids, read_jobs) as m (message, job) where m.message = any (spent)))
      and j.message_id is not null;
    if cardinality(spent) > 0 then
      perform pgmq.delete('myjoe_jobs', spent);
    end if;
    if cardinality(strange) > 0 then
      perform pgmq.archive('myjoe_jobs', strange);
    end if;

    if full_scan then
      perform pg_catalog.setval('private.full_scan_due', private.machine_us() + 19 * greatest(private.machine_us() - began_us, 0));
    end if;
    exit when room = 0;
    if cardinality(spent) + cardinality(strange) = 0 then
      exit when healed or room < jobs_max and not full_scan;
      -- If jobs are marked as sent all the same, their messages are gone, since somebody emptied
      -- the queue, or another claim is just reading them; a second message does not harm that.
      exit when full_scan and not exists (select from public.jobs j where j.status = 'pending' and j.message_id is not null);
      if full_scan then
        update public.jobs j set message_id = null where j.id = any (array(
          select l.id from public.jobs l where l.status = 'pending' and l.message_id is not null limit 1000 for update skip locked));
        healed := true;
      end if;
      full_scan := true;
    end if;
  end loop;
  if private.virtual_time_of(last_position) > (select last_value from private.virtual_time) then
    perform pg_catalog.setval('private.virtual_time', private.virtual_time_of(last_position));
  end if;
end $$;
grant execute on function private.claim_messages(text, integer, double precision, integer) to service_role;
