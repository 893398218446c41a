-- What people wait for goes along an index, whatever the server knows of its tables: just after an
-- upgrade or a restoring it knows nothing.

alter function private.take_rate(text, integer, integer) set enable_seqscan = off;
alter function private.book_payment(uuid, text, jsonb, jsonb) set enable_seqscan = off;
alter function private.export_account_v1(uuid) set enable_seqscan = off;
alter function private.count_intended(uuid[]) set enable_seqscan = off;
alter function private.end_jobs(uuid[], text, text, text) set enable_seqscan = off;

-- As before, but for the dead jobs.
create or replace function private.redraw_pages(of_user uuid, in_run uuid, idempotency_key text, wanted integer[] default null,
                                     agreed_half bigint default null)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  redraw uuid := gen_random_uuid();
  manifest jsonb;
  answer jsonb;
  ids uuid[];
begin
  -- One order of a user at a time, as in submit_run.
  perform from public.credit_accounts where user_id = of_user for update;
  select r.answer into answer from public.redraws r where r.user_id = of_user and r.key = idempotency_key;
  if found then
    return answer;
  end if;
  if not exists (select from public.runs where id = in_run and user_id = of_user) then
    raise invalid_parameter_value using message = format('user %s has no run %s', of_user, in_run);
  end if;
  manifest := private.redraw_manifest(of_user, in_run, wanted);
  if manifest is null then
    return private.refuse_redraw();
  end if;
  answer := private.decide_pages(of_user, manifest, false);
  if not (answer ->> 'accepted')::boolean then
    return answer;
  end if;
  if (answer ->> 'credits_half')::bigint <> agreed_half then
    return private.refusal('price_changed', format('The price is %s credits now. Try again if that is fine.',
                                                   private.credits((answer ->> 'credits_half')::bigint)), null);
  end if;
  ids := private.enqueue_jobs(of_user, in_run, 'page', (
    select jsonb_agg(jsonb_build_object('payload', m.page, 'operations', m.operations, 'credits_half', page.credits_half,
             'cogs_max_micro_usd', page.cogs_max, 'max_attempts', page.attempts_max) order by m.page_number)
    from private.manifest_pages(manifest) m
    cross join lateral (
      select sum(c.credits_half), sum(c.max_micro_usd), min(c.attempts_max)
      from private.operation_costs(moment) c where c.operation = any (m.operations)
    ) as page (credits_half, cogs_max, attempts_max)
  ), (select priority from public.plans where code = answer ->> 'plan'));
  answer := answer || jsonb_build_object('redraw_id', redraw, 'job_ids', ids);
  insert into public.redraws (id, user_id, run_id, key, page_count, answer, created_at)
  values (redraw, of_user, in_run, idempotency_key, (answer ->> 'page_count')::integer, answer, moment);
  insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, reason, created_at)
  values (of_user, 'burn', -(answer ->> 'credits_half')::bigint, 'burn:' || redraw, in_run,
          case answer ->> 'page_count' when '1' then '1 page drawn again' else format('%s pages drawn again', answer ->> 'page_count') end,
          moment);
  -- A page that is tried again here is not one for an admin to requeue.
  update public.dead_jobs d set requeued_as = pair.new_job
  from (
    select distinct on (j.id) j.id as new_job, old.id as dead_job
    from public.jobs j
    join public.jobs old on old.run_id = in_run and old.type = 'page' and old.payload -> 'page' = j.payload -> 'page'
    -- Asked of each page, so by its id: joined, the dead jobs of all users would be gone through.
    where j.id = any (ids) and (select x.requeued_as is null from public.dead_jobs x where x.job_id = old.id)
    order by j.id, old.created_at desc
  ) as pair
  where d.job_id = pair.dead_job;
  return answer;
end $$;
