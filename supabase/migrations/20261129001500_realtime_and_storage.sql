-- What reaches browsers besides rows: messages about their own jobs, and the files of their pages.
--
-- Each change of a job's state sends a slim message on the private topic user:<id>. It holds no
-- costs, no prompts and nobody else's rows. Jobs of one run that change together share a message:
-- each send is a subtransaction and a row, and one per job would double the price of a claim of
-- many. A broadcast is best effort (realtime.send swallows every error), so a browser reads its
-- jobs anew whenever it joins. enqueue_jobs announces new jobs by itself.

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

-- Pages lie in a private bucket under <user>/<job>/<file>. The worker writes with the service key;
-- users read their own.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('pages', 'pages', false, 52428800, array['image/png', 'image/svg+xml', 'image/tiff', 'application/pdf']);

create policy "Pages can be read by their owners" on storage.objects for select to authenticated
  using (bucket_id = 'pages' and (storage.foldername(name))[1] = (select auth.uid())::text);
