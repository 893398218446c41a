-- Claims whose answer came to nothing: what they had leased goes back at once, untried.

-- Hand back all that a claim has leased, by its name. Its worker says so where it could not read
-- the answer, or never had it. Returns how many there were.
create function private.release_claim(claim text) returns integer
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  ids uuid[];
  tokens bigint[];
begin
  -- The claim may still be running, with nobody left to read its answer.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: ' || claim, 0));
  select array_agg(j.id), array_agg(j.lease_token) into ids, tokens
  from public.jobs j where j.locked_by = claim and j.status = 'in_progress';
  if ids is null then
    return 0;
  end if;
  return (select count(*) from private.release_jobs(ids, tokens));
end $$;
grant execute on function private.release_claim(text) to service_role;
