-- Books for printers and packs for shops: what an order says of its print, and exports of several
-- files with what a printer would say to them. ZIPs and plain books stay what they were, and so
-- does what an older Studio or worker asks for them.

-- What is wrong with what is asked of a print; null if nothing is: {"printer": "kdp", "trim":
-- "8.5x11" (inches), "bleed", "single_sided", "title", "author"}, for a shop {"shop": "etsy",
-- "title", "author"}. Whatever is not said has its default. Which printers and shops there are is
-- the worker's to know.
create function private.print_fault(wanted jsonb) returns text language sql immutable set search_path = '' as $$
  select case
    when wanted is null then null
    when jsonb_typeof(wanted) <> 'object' then 'a print is an object'
    else (
      select case when f.kind is null then format('a print has no %s', left(given.key, 40))
                  when jsonb_typeof(given.value) <> f.kind then format('%s of a print is not a %s', given.key, f.kind)
                  when length(given.value #>> '{}') > f.length_max
                    then format('%s of a print is longer than %s characters', given.key, f.length_max)
                  else format('%s of a print is none', given.key) end
      from jsonb_each(wanted) as given
      left join (values ('printer', 'string', 40, '^[a-z][a-z0-9-]*$'), ('shop', 'string', 40, '^[a-z][a-z0-9-]*$'),
                        ('trim', 'string', 20, '^[0-9]{1,2}([.][0-9]{1,4})?x[0-9]{1,2}([.][0-9]{1,4})?$'),
                        ('bleed', 'boolean', 5, ''), ('single_sided', 'boolean', 5, ''), ('title', 'string', 200, '^[^\n\r]*$'),
                        ('author', 'string', 120, '^[^\n\r]*$')) as f (field, kind, length_max, pattern) on f.field = given.key
      where f.kind is null or jsonb_typeof(given.value) <> f.kind or length(given.value #>> '{}') > f.length_max
         or (given.value #>> '{}') !~ f.pattern
      order by given.key limit 1) end
$$;

-- What a run's order says of its print, whole: what it leaves open follows from its paper and its
-- title. Runs of before there were prints say nothing, and have the defaults.
create function private.print_order(manifest jsonb) returns jsonb language sql immutable set search_path = '' as $$
  select jsonb_build_object(
           'printer', 'kdp', 'bleed', false, 'single_sided', true, 'author', '',
           'title', left(translate(coalesce(manifest ->> 'title', ''), E'\n\r', '  '), 200),
           'trim', case manifest #>> '{book,paper}' when 'a4' then '8.27x11.69' when 'square' then '8.5x8.5' when '8x10' then '8x10'
                                                    else '8.5x11' end)
         || case when jsonb_typeof(said) = 'object' and private.print_fault(said) is null then said else '{}' end
  from (select manifest #> '{book,print}') as given (said)
$$;

-- An order's bounds hold for its print, too.
create or replace function private.order_fault(manifest jsonb) returns text language sql immutable set search_path = '' as $$
  select coalesce(
    (select format('page %s: %s', number, private.page_fault(page))
     from jsonb_array_elements(manifest -> 'pages') with ordinality as given (page, number)
     where private.page_fault(page) is not null order by number limit 1),
    (select format('%s is longer than 20000 characters, or lies too deep', left(given.key, 40))
     from jsonb_each(manifest - 'pages') as given
     where length(given.key) > 40 or length(given.value::text) > 20000 or jsonb_path_exists(given.value, 'strict $.**{5}')
        or jsonb_path_exists(given.value, 'strict $.** ? (@.type() == "number" && @ > 1e15 || @.type() == "number" && @ < -1e15)')
     order by given.key limit 1),
    private.print_fault(manifest #> '{book,print}'))
$$;

-- Drafts that stand there already stay.
alter table public.drafts add constraint drafts_print_bounded check (private.print_fault(request -> 'print') is null) not valid;

alter table public.exports drop constraint exports_kind_check;
alter table public.exports add constraint exports_kind_check check (kind in ('zip', 'book', 'print', 'shop'));
-- What was asked for (private.print_order), how many pages are done, and once it is finished: the
-- files by name, as {"interior.pdf": {"key", "bytes"}}; what a printer would say to them; and
-- whether it would take them. What it would not take has a report and no book.
alter table public.exports add column wanted jsonb not null default '{}';
alter table public.exports add column pages_done integer not null default 0 check (pages_done >= 0);
alter table public.exports add column files jsonb not null default '{}' check (jsonb_typeof(files) = 'object');
alter table public.exports add column report jsonb not null default '{}' check (length(report::text) <= 400000);
alter table public.exports add column ready boolean;

-- KDP and Etsy ask whether a person edited what a machine drew. The owner says so of a page, here
-- or after it was taken home.
alter table public.generations add column edited_at timestamptz;

create function private.mark_edited(of_user uuid, in_run uuid, of_page integer, edited boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.generations g set edited_at = case when edited then coalesce(g.edited_at, private.clock()) end
  from public.run_pages p where p.run_id = in_run and p.user_id = of_user and p.page = of_page and g.job_id = p.picture_job_id;
  return found;
end $$;
grant execute on function private.mark_edited(uuid, uuid, integer, boolean) to service_role;

-- Reports are JSON, and a pack has a page to read.
update storage.buckets set allowed_mime_types = allowed_mime_types || array['application/json', 'text/plain'] where id = 'pages';

-- How many bindings a user may have begun in 24 hours: they cost nothing but our time and room.
-- More lets a person try more titles and sizes; fewer leaves less to a program that runs wild.
create function private.bindings_per_day_max() returns integer language sql immutable set search_path = '' as $$ select 60 $$;

-- Have the pages of a run that are there bound: {"accepted": true, "export_id"}. `of_kind` is
-- "zip", "book" (all pages as one PDF), "print" (interior and cover for a printer) or "shop" (a
-- pack); `wanted` says what of the run's print is to be otherwise. The same pages in the same print
-- give the same export; one that came to nothing is bound anew.
create function private.request_binding(of_user uuid, in_run uuid, of_kind text, wanted jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  run public.runs;
  pages jsonb;
  told jsonb;
  print jsonb := '{}';
  earlier integer;
  hash bytea;
  e public.exports;
  job uuid;
begin
  -- The account first, as the governor does: one binding of a user at a time is counted.
  perform from public.credit_accounts where user_id = of_user for update;
  select * into run from public.runs where id = in_run and user_id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('user %s has no run %s', of_user, in_run);
  end if;
  if private.print_fault(wanted) is not null then
    raise check_violation using message = private.print_fault(wanted);
  end if;
  select jsonb_agg(jsonb_build_object('page', p.page, 'title', p.title, 'job', p.picture_job_id, 'files', p.files) order by p.page),
         jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
           'page', p.page, 'title', p.title, 'job', p.picture_job_id, 'files', p.files, 'provider', g.provider, 'model', g.model,
           'edited', g.edited_at is not null, 'margin_in', j.payload -> 'margin_in')) order by p.page)
  into pages, told
  from public.run_pages p join public.jobs j on j.id = p.picture_job_id join public.generations g on g.job_id = p.picture_job_id
  where p.run_id = in_run;
  if pages is null then
    return private.refusal('nothing_drawn', 'No page of this book has been drawn yet.', null);
  end if;
  if of_kind in ('print', 'shop') then
    print := private.print_order(run.manifest) || wanted;
    print := case of_kind when 'print' then print - 'shop'
             else jsonb_build_object('shop', coalesce(print ->> 'shop', 'etsy'), 'title', print -> 'title',
                                     'author', print -> 'author') end;
    hash := sha256(convert_to(told::text || print::text, 'UTF8'));
  else
    hash := sha256(convert_to(pages::text, 'UTF8'));
  end if;
  select * into e from public.exports x where x.run_id = in_run and x.kind = of_kind and x.content_hash = hash;
  if e.id is null or (e.file is null and exists (select from public.jobs j where j.id = e.job_id and j.completed_at is not null)) then
    select count(*) into earlier
    from public.jobs j where j.user_id = of_user and j.type = 'bind' and j.created_at > private.clock() - interval '24 hours';
    if earlier >= private.bindings_per_day_max() then
      return private.refusal('bound_often', format('You have had %s books bound in 24 hours, which is the most.', earlier), null);
    end if;
    job := (private.enqueue_jobs(of_user, in_run, 'bind', jsonb_build_array(jsonb_build_object('payload', jsonb_build_object(
              'kind', of_kind, 'title', run.manifest -> 'title', 'pages', told) || case print when '{}' then '{}'
              else jsonb_build_object('print', print) end)),
            (select l.priority from public.plans l where l.code = run.plan)))[1];
    insert into public.exports as x (user_id, run_id, kind, content_hash, page_count, job_id, wanted, created_at)
    values (of_user, in_run, of_kind, hash, jsonb_array_length(pages), job, print, private.clock())
    on conflict (run_id, kind, content_hash) do update set job_id = excluded.job_id, pages_done = 0
    returning * into e;
  end if;
  return jsonb_build_object('accepted', true, 'export_id', e.id);
end $$;
grant execute on function private.request_binding(uuid, uuid, text, jsonb) to service_role;

-- As an older Studio asks.
create or replace function private.request_export(of_user uuid, in_run uuid, of_kind text) returns jsonb
language sql volatile security definer set search_path = '' as $$ select private.request_binding(of_user, in_run, of_kind) $$;

-- The export that a job binds: its own, or that of the dead job whose place it takes, as an admin
-- had it tried again.
create function private.export_of(of_job uuid) returns uuid
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  with recursive line as (
    select of_job as id union select d.job_id from public.dead_jobs d join line on d.requeued_as = line.id
  )
  select e.id from public.exports e join line on e.job_id = line.id limit 1
$$;

create or replace function private.finish_export(of_job uuid, token bigint, bound_file text, bound_bytes bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.jobs where id = of_job and lease_token = token and lease_until is not null for update;
  if not found then
    return false;
  end if;
  update public.exports set file = bound_file, bytes = bound_bytes, finished_at = private.clock(), job_id = of_job
  where id = private.export_of(of_job);
  return found;
end $$;

-- How many pages of an export are done. False if the job is somebody else's by now.
create function private.note_binding(of_job uuid, token bigint, done integer) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.jobs where id = of_job and lease_token = token and lease_until is not null for update;
  if not found then
    return false;
  end if;
  update public.exports set pages_done = least(done, page_count), job_id = of_job where id = private.export_of(of_job);
  return found;
end $$;
grant execute on function private.note_binding(uuid, bigint, integer) to service_role;

-- Keep the files of a bound export by name, {"interior.pdf": {"key", "bytes"}}, and what a printer
-- would say to them, {"ready", "findings", …}. False if the job is somebody else's by now.
create function private.finish_binding(of_job uuid, token bigint, stored jsonb, told jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.jobs where id = of_job and lease_token = token and lease_until is not null for update;
  if not found then
    return false;
  end if;
  update public.exports set
    files = stored, report = told, ready = (told ->> 'ready')::boolean, pages_done = page_count, finished_at = private.clock(),
    job_id = of_job,
    -- The file by which whoever knows of one alone knows it.
    file = (select f.value ->> 'key' from jsonb_each(stored) f order by f.key <> 'interior.pdf', f.key limit 1),
    bytes = (select sum((f.value ->> 'bytes')::bigint) from jsonb_each(stored) f)
  where id = private.export_of(of_job);
  return found;
end $$;
grant execute on function private.finish_binding(uuid, bigint, jsonb, jsonb) to service_role;

-- All that lies in the storage for a user: as before, and every file of an export.
create or replace function private.files_of_user(of_user uuid) returns setof text
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select f.value from public.generations g, jsonb_each_text(g.files) as f where g.user_id = of_user
    union select e.file from public.exports e where e.user_id = of_user and e.file is not null
    union select f.value ->> 'key' from public.exports e, jsonb_each(e.files) as f where e.user_id = of_user
    union select format('%s/%s/drafts/%s.%s', of_user, j.id, s.step, suffix)
          from public.jobs j, (select distinct o.step from public.operation_steps o) as s, unnest(array['png', 'svg']) as suffix
          where j.user_id = of_user and j.type = 'page' and j.status <> 'completed' and j.attempts > 0
    union select o.name from storage.objects o where o.bucket_id = 'pages' and (storage.foldername(o.name))[1] = of_user::text;
end $$;

-- What is a user's to take along: as before, and of an export all that it is.
alter function private.export_account(uuid) rename to export_account_v1;
create function private.export_account(of_user uuid) returns jsonb language sql stable security definer set search_path = '' as $$
  select private.export_account_v1(of_user) || jsonb_build_object('exports', (
    select coalesce(jsonb_agg(jsonb_build_object('book', e.run_id, 'kind', e.kind, 'file', e.file, 'wanted', e.wanted, 'files', e.files,
                                                 'report', e.report, 'at', e.created_at) order by e.created_at), '[]')
    from public.exports e where e.user_id = of_user))
$$;
grant execute on function private.export_account(uuid) to service_role;
revoke execute on function private.export_account_v1(uuid) from service_role;
