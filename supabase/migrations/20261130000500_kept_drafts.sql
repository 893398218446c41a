-- Drafts that the storage did not take: pictures that were paid for, kept here until their page is
-- done. They are few: a storage that refuses is paused, and then none is bought.

create table private.kept_drafts (
  job_id uuid not null references public.jobs (id) on delete cascade,
  step text not null check (length(step) between 1 and 40),
  media_type text not null check (length(media_type) between 1 and 60),
  -- As large as a provider's file may be.
  content bytea not null check (octet_length(content) <= 50000000),
  created_at timestamptz not null default now(),
  primary key (job_id, step)
);
alter table private.kept_drafts enable row level security;
-- Pictures are compressed already.
alter table private.kept_drafts alter column content set storage external;
grant select on private.kept_drafts to service_role, myjoe_admin;
create policy "Kept drafts can be read by admins" on private.kept_drafts for select to myjoe_admin using (true);

-- Keep a step's picture. Not fenced: the money is gone, whoever has the job. What belongs to jobs
-- that have ended goes.
create function private.keep_draft(of_job uuid, of_step text, of_type text, picture bytea) returns void
language sql volatile security definer set search_path = '' as $$
  -- Asked of each draft, which are few, and not of all jobs.
  delete from private.kept_drafts d where (select j.completed_at from public.jobs j where j.id = d.job_id) is not null;
  insert into private.kept_drafts (job_id, step, media_type, content, created_at)
  select j.id, of_step, of_type, picture, private.clock() from public.jobs j where j.id = of_job and j.completed_at is null
  on conflict (job_id, step) do update set media_type = excluded.media_type, content = excluded.content, created_at = excluded.created_at
$$;
grant execute on function private.keep_draft(uuid, text, text, bytea) to service_role;

create function private.kept_draft(of_job uuid, of_step text) returns table (media_type text, content bytea)
language sql stable security definer set search_path = '' as
$$ select d.media_type, d.content from private.kept_drafts d where d.job_id = of_job and d.step = of_step $$;
grant execute on function private.kept_draft(uuid, text) to service_role;

-- As before, and what was kept for a job goes with it.
create or replace function private.end_jobs(job_ids uuid[], end_status text, error text, kind text) returns void
language sql volatile set search_path = '' as $$
  with ended as (
    update public.jobs set status = end_status, last_error = coalesce(error, last_error), error_kind = coalesce(kind, error_kind),
      locked_by = null, locked_at = null, lease_until = null, completed_at = private.clock(), updated_at = private.clock()
    where id = any (job_ids) and completed_at is null
    returning *
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, detail, at)
    select id, end_status, lease_token, attempts, error, completed_at from ended
  ), buried as (
    insert into public.dead_jobs (job_id, user_id, error_kind, last_error, attempts, died_at)
    select id, user_id, error_kind, last_error, attempts, completed_at from ended where status = 'failed'
  ), dropped as (
    delete from private.kept_drafts where job_id = any (job_ids)
  )
  insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, job_id, created_at)
  select user_id, 'refund', credits_half, 'refund:' || id, run_id, id, completed_at from ended where credits_half > 0
$$;

-- The page is done, or its picture was refused.
create function private.drop_drafts(of_job uuid) returns integer language plpgsql security definer set search_path = '' as $$
declare
  dropped integer;
begin
  delete from private.kept_drafts where job_id = of_job;
  get diagnostics dropped = row_count;
  return dropped;
end $$;
grant execute on function private.drop_drafts(uuid) to service_role;

-- What was paid for is booked along the keys of its jobs, also where the planner has no statistics
-- yet and takes a handful of costs for a hundred: it would read all jobs for them.
alter function private.record_costs(jsonb) set enable_seqscan = off;
alter function private.record_costs(jsonb) set jit = off;
