-- The line: in which order waiting jobs are served, so that no user starves another and a claim costs the same however many wait.
--
-- Self-clocked fair queueing (Golestani 1994). Each job takes a turn, a whole number, when it gets in line: one more than the user's
-- last turn, but at least one more than the turn being served. Serving by (priority, turn) then goes round the users, and a claim is a
-- walk along one index: fairness costs it nothing. A user with 90,000 jobs in line holds 90,000 turns far into the future; whoever comes
-- next holds the very next one.
--
-- Turns only grow, so a claim can start where the last one ended instead of stepping over what was served before: with an old snapshot
-- held somewhere (a dump, a forgotten transaction) nothing dead can be cleaned away, and the plain walk from the front falls to a tenth
-- of its rate after 18,000 jobs. Four numbers are kept for this in sequences, because those are read and written in place: a row that is
-- updated with every claim would itself be the bloat. They are hints that no rollback undoes; the full walk, from the front, makes good
-- what they miss (a job committed late, a claim rolled back), whenever the short walk finds nothing, and otherwise for a twentieth of the
-- time. As hints they need no log: a claim that finds nothing commits without waiting for the disk, and a crash sets them to 0.

create unlogged sequence private.line_head minvalue 0 start 0;        -- place last served; moved back when somebody gets in line before it
create unlogged sequence private.line_turn minvalue 0 start 0;        -- highest turn ever served: where an empty line begins again
create unlogged sequence private.line_walk_due minvalue 0 start 0;    -- no full walk before this time, in µs since 1970
create unlogged sequence private.line_notified minvalue 0 start 0;    -- last notification, in µs since 1970

-- The last turn of each user in each line. Jobs that get in line again, after a retry or a lost lease, are a stream of their own, or
-- they would wait behind all that their user has added since.
create table private.turns (
  user_id uuid not null references public.profiles (id) on delete cascade,
  priority integer not null,
  again boolean not null,
  turn bigint not null,
  primary key (user_id, priority, again)
);
alter table private.turns enable row level security;
grant select on private.turns to service_role, myjoe_admin;
create policy "Turns can be read by admins" on private.turns for select to myjoe_admin using (true);

-- µs since 1970 by the machine's clock: for pauses between walks and notifications, never for a decision about a job.
create function private.machine_us() returns bigint language sql volatile set search_path = '' as
$$ select (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::bigint $$;

-- The turn now being served at a priority. Where the line has moved on to less urgent jobs, this one is empty and begins at the highest
-- turn ever; where it is held up by more urgent ones, its first job tells. After a crash the highest turn ever given out stands for it:
-- from 0, whoever was served before would wait until the others have caught up.
create function private.serving(at_priority integer) returns bigint language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  head bigint := (select last_value from private.line_head);
  turn bigint := (select last_value from private.line_turn);
  first bigint;
begin
  if turn = 0 then
    turn := coalesce((select max(t.turn) from private.turns t), 0);
    perform pg_catalog.setval('private.line_turn', turn);
  end if;
  if head >> 48 = at_priority then
    return head & 281474976710655;  -- 2^48 - 1: the turn
  end if;
  if head >> 48 < at_priority then
    select place into first from public.jobs
    where status = 'pending' and place is not null and place >= at_priority::bigint << 48 and place < (at_priority + 1)::bigint << 48
    order by place limit 1;
    if first is not null then
      return (first & 281474976710655) - 1;
    end if;
  end if;
  return turn;
end $$;

-- Reserve a user's next turns; the first of them. The head moves back if they come before it.
create function private.take_turns(of_user uuid, at_priority integer, getting_in_again boolean, count bigint) returns bigint
language plpgsql volatile set search_path = '' as $$
declare
  now_serving bigint := private.serving(at_priority);
  last_turn bigint;
  place bigint;
begin
  insert into private.turns as t (user_id, priority, again, turn)
  values (of_user, at_priority, getting_in_again, now_serving + count)
  on conflict (user_id, priority, again) do update set turn = greatest(t.turn, now_serving) + count
  returning turn into last_turn;
  place := (at_priority::bigint << 48) + last_turn - count;
  if place < (select last_value from private.line_head) then
    perform pg_catalog.setval('private.line_head', place);
  end if;
  return last_turn - count + 1;
end $$;

-- Wake sleeping workers, at most every 5 ms: each NOTIFY takes a lock of the whole server at commit. One that is swallowed follows another
-- by less than that, so a worker that was woken looks again 5 ms later before it sleeps. Longer spares the lock and lets a job that comes
-- right after another wait: at 20 ms half of the jobs of a busy line waited 10.
create function private.wake_workers() returns void language plpgsql volatile set search_path = '' as $$
declare
  time_us bigint := private.machine_us();
begin
  if time_us - (select last_value from private.line_notified) not between 0 and 5000 then
    perform pg_catalog.setval('private.line_notified', time_us);
    perform pg_catalog.pg_notify('myjoe_jobs', '');
  end if;
end $$;

create function private.wake_on_insert() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.wake_workers();
  return null;
end $$;
create trigger wake_on_insert after insert on public.jobs for each statement execute function private.wake_on_insert();

-- Put jobs whose time has come in line.
create function private.line_up(jobs_max integer) returns void language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  due uuid[];
  share record;
  first_place bigint;
begin
  due := array(select id from public.jobs where status = 'pending' and place is null and scheduled_at <= private.clock()
               order by scheduled_at limit jobs_max for update skip locked);
  for share in
    select user_id, priority, array_agg(id order by created_at, id) as ids from public.jobs where id = any (due)
    group by user_id, priority order by user_id, priority
  loop
    first_place := (share.priority::bigint << 48) + private.take_turns(share.user_id, share.priority, true, cardinality(share.ids));
    update public.jobs j set place = first_place + numbered.position - 1
    from unnest(share.ids) with ordinality as numbered (id, position) where j.id = numbered.id;
  end loop;
end $$;
