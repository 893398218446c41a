-- For a worker that cannot listen: which of its jobs are to be stopped.
create function private.cancel_requested(job_ids uuid[]) returns setof uuid
language sql stable security definer set search_path = '' as
$$ select j.id from public.jobs j where j.id = any (job_ids) and j.cancel_requested_at is not null $$;
grant execute on function private.cancel_requested(uuid[]) to service_role;
