-- Browsers hear of their own jobs: a slim message for each change of state on the private topic user:<id>. No costs, no prompts, nobody
-- else's rows. Jobs of one run that change together share a message: it says which run, which state and which jobs. A broadcast is best
-- effort (realtime.send swallows every error), so a browser reads its jobs anew whenever it joins.
--
-- One message per job would cost a claim of 100 as much as the rest of it, 18 µs a job: each send is a subtransaction and a row.

create function private.tell_new_jobs() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.send(jsonb_build_object('run_id', run_id, 'status', status, 'job_ids', jsonb_agg(id)), 'jobs', 'user:' || user_id, true)
  from added group by user_id, run_id, status;
  return null;
end $$;
create trigger tell_new_jobs after insert on public.jobs referencing new table as added
  for each statement execute function private.tell_new_jobs();

create function private.tell_changed_jobs() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.send(jsonb_build_object('run_id', a.run_id, 'status', a.status, 'job_ids', jsonb_agg(a.id)), 'jobs',
                        'user:' || a.user_id, true)
  from after a join before b on b.id = a.id where b.status <> a.status group by a.user_id, a.run_id, a.status;
  return null;
end $$;
create trigger tell_changed_jobs after update on public.jobs referencing old table as before new table as after
  for each statement execute function private.tell_changed_jobs();

create policy "Users can listen to their own topic" on realtime.messages for select to authenticated
  using (extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.uid())::text);
