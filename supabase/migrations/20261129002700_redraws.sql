-- Pages drawn again: what failed or was stopped, or what somebody does not like. Each is a new job
-- in the same run, judged and paid like a run of its own.

create table public.redraws (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete restrict,
  run_id uuid not null references public.runs (id) on delete restrict,
  -- One key for each intent, as for runs.
  key text not null check (length(key) between 8 and 200),
  page_count integer not null check (page_count > 0),
  answer jsonb not null,
  created_at timestamptz not null default now(),
  unique (user_id, key)
);
alter table public.redraws enable row level security;
create index redraws_user on public.redraws (user_id, created_at desc);
create index redraws_run on public.redraws (run_id);
grant select on public.redraws to service_role, myjoe_admin;
create policy "Redraws can be read by admins" on public.redraws for select to myjoe_admin using (true);

-- Pages that are drawn again count as those of runs do.
create or replace function private.pages_ordered(of_user uuid, after timestamptz) returns table (pages integer, at timestamptz)
language sql stable set search_path = '' as $$
  select r.page_count, r.created_at from public.runs r where r.user_id = of_user and r.created_at > after
  union all
  select d.page_count, d.created_at from public.redraws d where d.user_id = of_user and d.created_at > after
$$;

-- Lock a page, or unlock it: a locked page is not drawn again.
create function private.lock_page(of_user uuid, in_run uuid, of_page integer, locked boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.run_pages p where p.run_id = in_run and p.user_id = of_user and p.page = of_page) then
    raise invalid_parameter_value using message = format('user %s has no page %s in run %s', of_user, of_page, in_run);
  end if;
  if locked then
    insert into public.page_locks (run_id, page, user_id, created_at) values (in_run, of_page, of_user, private.clock())
    on conflict do nothing;
  else
    delete from public.page_locks where run_id = in_run and page = of_page;
  end if;
  return locked;
end $$;
grant execute on function private.lock_page(uuid, uuid, integer, boolean) to service_role;

-- Which pages of a run would be drawn again, as a manifest whose pages are the payloads of their
-- newest jobs: of those that are wanted (null is all), the ones that nobody is drawing and nobody
-- locked. Null where there is none.
create function private.redraw_manifest(of_user uuid, in_run uuid, wanted integer[]) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('pages', jsonb_agg(j.payload || jsonb_build_object('operations', to_jsonb(j.operations)) order by p.page))
  from public.run_pages p join public.jobs j on j.id = p.job_id
  where p.run_id = in_run and p.user_id = of_user and not p.locked and p.status in ('completed', 'failed', 'cancelled')
    and (wanted is null or p.page = any (wanted))
  having count(*) > 0
$$;

create function private.refuse_redraw() returns jsonb language sql immutable set search_path = '' as $$
  select private.refusal('nothing_to_draw', 'There is nothing to draw again here: these pages are being drawn, or are locked.', null)
$$;

-- What redraw_pages would answer now. Nothing is written.
create function private.quote_redraw(of_user uuid, in_run uuid, wanted integer[] default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when manifest is null then private.refuse_redraw() else private.decide_pages(of_user, manifest, false) end
  from (select private.redraw_manifest(of_user, in_run, wanted)) as again (manifest)
$$;
grant execute on function private.quote_redraw(uuid, uuid, integer[]) to service_role;

-- Draw pages of a run again: {"accepted": true, "job_ids", …}, once for each key.
create function private.redraw_pages(of_user uuid, in_run uuid, idempotency_key text, wanted integer[] default null,
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
    join public.dead_jobs x on x.job_id = old.id and x.requeued_as is null
    where j.id = any (ids) order by j.id, old.created_at desc
  ) as pair
  where d.job_id = pair.dead_job;
  return answer;
end $$;
grant execute on function private.redraw_pages(uuid, uuid, text, integer[], bigint) to service_role;
