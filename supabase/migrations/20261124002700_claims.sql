-- A claim that may be asked for twice. When a connection breaks after the server has committed, the answer is lost, and the worker asks
-- again: it gets the same jobs, because each claim has a name of its own under which they are locked. Without this they would wait for the
-- end of a lease of which nobody knows, and that would count as an attempt.
create function private.claim_once(claim text, by_messages boolean, jobs_max integer, lease_seconds double precision, per_user_max integer)
returns table (id uuid, lease_token bigint, type text, payload jsonb, operations text[], user_id uuid, run_id uuid, attempts integer,
               max_attempts integer, cogs_max_micro_usd bigint)
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  -- The first one may still be at it, with nobody listening any more.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: ' || claim, 0));
  return query
    select j.id, j.lease_token, j.type, j.payload, j.operations, j.user_id, j.run_id, j.attempts, j.max_attempts, j.cogs_max_micro_usd
    from public.jobs j where j.locked_by = claim and j.status = 'in_progress';
  if found then
    return;
  elsif by_messages then
    return query
      select c.id, c.lease_token, c.type, c.payload, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd
      from private.claim_messages(claim, jobs_max, lease_seconds, per_user_max) c;
  else
    return query
      select c.id, c.lease_token, c.type, c.payload, c.operations, c.user_id, c.run_id, c.attempts, c.max_attempts, c.cogs_max_micro_usd
      from private.claim_jobs(claim, jobs_max, lease_seconds, per_user_max) c;
  end if;
end $$;
grant execute on function private.claim_once(text, boolean, integer, double precision, integer) to service_role;
