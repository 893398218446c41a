-- A worker whose connection broke cannot know whether its completion arrived, and asks again: under the same token it gets the same answer.
-- A token that completed a job completed it for good, so who holds it is told so as often as he asks.

create or replace function private.complete_jobs(job_ids uuid[], tokens bigint[], results jsonb[] default null) returns setof uuid
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  moment timestamptz := private.clock();
  accepted uuid[];
begin
  with done as (
    update public.jobs j set status = 'completed', locked_by = null, locked_at = null, lease_until = null, completed_at = moment,
      updated_at = moment
    from (select * from unnest(job_ids, tokens, results) as u (id, token, result) order by u.id) as held
    where j.id = held.id and j.lease_token = held.token and j.lease_until is not null
    returning j.id, j.user_id, j.lease_token, j.attempts, held.result
  ), logged as (
    insert into public.job_events (job_id, event, lease_token, attempt, at)
    select d.id, 'completed', d.lease_token, d.attempts, moment from done d
  ), kept as (
    insert into public.generations (job_id, user_id, provider, model, width_px, height_px, dpi, bit_depth, files, qc, created_at)
    select d.id, d.user_id, d.result ->> 'provider', d.result ->> 'model', (d.result ->> 'width_px')::integer,
           (d.result ->> 'height_px')::integer, (d.result ->> 'dpi')::integer, (d.result ->> 'bit_depth')::integer,
           coalesce(d.result -> 'files', '{}'), coalesce(d.result -> 'qc', '{}'), moment
    from done d where d.result is not null
  )
  select coalesce(array_agg(d.id), '{}') into accepted from done d;
  return query select unnest(accepted);
  if cardinality(accepted) < cardinality(job_ids) then
    -- A statement of its own, which sees what an earlier call has done while this one waited for it.
    return query
      select j.id from public.jobs j join unnest(job_ids, tokens) as held (id, token) on j.id = held.id and j.lease_token = held.token
      where j.status = 'completed' and j.id <> all (accepted);
  end if;
end $$;
