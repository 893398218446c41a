-- Runs put together to be taken home: a ZIP of all pages, or a book to print. A worker binds them,
-- for no credits, and what was bound once is not bound again.

create table public.page_locks (
  run_id uuid not null references public.runs (id) on delete restrict,
  page integer not null check (page > 0),
  user_id uuid not null references public.profiles (id) on delete restrict,
  created_at timestamptz not null default now(),
  primary key (run_id, page)
);
alter table public.page_locks enable row level security;
create index page_locks_user on public.page_locks (user_id);
grant select on public.page_locks to authenticated, service_role, myjoe_admin;
create policy "Locks can be read by their owners" on public.page_locks for select to authenticated using ((select auth.uid()) = user_id);
create policy "Locks can be read by admins" on public.page_locks for select to myjoe_admin using (true);

-- The pages of runs as their users see them. A page may have been drawn more than once: its state
-- is that of its newest job, and its picture is the newest that was finished, so that no failure
-- takes an older picture away.
create view public.run_pages with (security_invoker = true) as
  select latest.run_id, latest.page, latest.user_id, latest.job_id, latest.title, latest.prompt, latest.status, latest.stopping,
         latest.credits_half, latest.error_kind, latest.since, drawn.job_id as picture_job_id, drawn.files,
         l.page is not null as locked
  from (
    select distinct on (j.run_id, (j.payload ->> 'page')::integer)
           j.run_id, (j.payload ->> 'page')::integer as page, j.user_id, j.id as job_id, j.payload ->> 'title' as title,
           j.payload ->> 'prompt' as prompt, j.status, j.cancel_requested_at is not null and j.completed_at is null as stopping,
           j.credits_half, j.error_kind, j.updated_at as since
    from public.jobs j where j.type = 'page' and j.run_id is not null
    order by j.run_id, (j.payload ->> 'page')::integer, j.created_at desc, j.completed_at desc nulls first, j.id
  ) as latest
  left join (
    select distinct on (j.run_id, (j.payload ->> 'page')::integer)
           j.run_id, (j.payload ->> 'page')::integer as page, j.id as job_id, g.files
    from public.jobs j join public.generations g on g.job_id = j.id where j.type = 'page' and j.status = 'completed'
    order by j.run_id, (j.payload ->> 'page')::integer, j.created_at desc, j.completed_at desc, j.id
  ) as drawn on drawn.run_id = latest.run_id and drawn.page = latest.page
  left join public.page_locks l on l.run_id = latest.run_id and l.page = latest.page;
grant select on public.run_pages to authenticated, service_role, myjoe_admin;

create table public.exports (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete restrict,
  run_id uuid not null references public.runs (id) on delete restrict,
  kind text not null check (kind in ('zip', 'book')),
  -- SHA-256 over which pictures, in which order, under which titles.
  content_hash bytea not null,
  page_count integer not null check (page_count > 0),
  -- Who binds it at present, and once bound, where it lies.
  job_id uuid not null references public.jobs (id) on delete restrict,
  file text,
  bytes bigint check (bytes > 0),
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (run_id, kind, content_hash),
  check ((file is null) = (finished_at is null) and (file is null) = (bytes is null))
);
alter table public.exports enable row level security;
create index exports_user on public.exports (user_id, created_at desc);
create index exports_job on public.exports (job_id);
grant select on public.exports to authenticated, service_role, myjoe_admin;
create policy "Exports can be read by their owners" on public.exports for select to authenticated using ((select auth.uid()) = user_id);
create policy "Exports can be read by admins" on public.exports for select to myjoe_admin using (true);

-- Bound books are larger than pages, and ZIPs are a kind of their own. A ZIP of 400 pages as SVG,
-- PNG and PDF has some 100 MB.
update storage.buckets set file_size_limit = 524288000, allowed_mime_types = allowed_mime_types || array['application/zip']
where id = 'pages';

-- Have the pages of a run that are there bound: {"accepted": true, "export_id"}. The same pictures
-- again give the same export; one that came to nothing is bound anew.
create function private.request_export(of_user uuid, in_run uuid, of_kind text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  run public.runs;
  pages jsonb;
  hash bytea;
  e public.exports;
  job uuid;
begin
  select * into run from public.runs where id = in_run and user_id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('user %s has no run %s', of_user, in_run);
  end if;
  select jsonb_agg(jsonb_build_object('page', p.page, 'title', p.title, 'job', p.picture_job_id, 'files', p.files) order by p.page)
  into pages from public.run_pages p where p.run_id = in_run and p.picture_job_id is not null;
  if pages is null then
    return private.refusal('nothing_drawn', 'No page of this book has been drawn yet.', null);
  end if;
  hash := sha256(convert_to(pages::text, 'UTF8'));
  select * into e from public.exports x where x.run_id = in_run and x.kind = of_kind and x.content_hash = hash;
  if e.id is null or (e.file is null and exists (select from public.jobs j where j.id = e.job_id and j.completed_at is not null)) then
    job := (private.enqueue_jobs(of_user, in_run, 'bind', jsonb_build_array(jsonb_build_object('payload', jsonb_build_object(
              'kind', of_kind, 'title', run.manifest -> 'title', 'pages', pages))),
            (select l.priority from public.plans l where l.code = run.plan)))[1];
    insert into public.exports as x (user_id, run_id, kind, content_hash, page_count, job_id, created_at)
    values (of_user, in_run, of_kind, hash, jsonb_array_length(pages), job, private.clock())
    on conflict (run_id, kind, content_hash) do update set job_id = excluded.job_id
    returning * into e;
  end if;
  return jsonb_build_object('accepted', true, 'export_id', e.id);
end $$;
grant execute on function private.request_export(uuid, uuid, text) to service_role;

-- Keep where a bound export lies. False if the job is somebody else's by now.
create function private.finish_export(of_job uuid, token bigint, bound_file text, bound_bytes bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.jobs where id = of_job and lease_token = token and lease_until is not null for update;
  if not found then
    return false;
  end if;
  update public.exports set file = bound_file, bytes = bound_bytes, finished_at = private.clock() where job_id = of_job;
  return found;
end $$;
grant execute on function private.finish_export(uuid, bigint, text, bigint) to service_role;
