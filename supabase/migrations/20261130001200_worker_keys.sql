-- Which providers the workers have keys for. An operation that no worker can do is switched off, so
-- that nobody pays for pages that would only wait; it is switched on when one comes that can.

create table private.worker_providers (
  worker text primary key,
  -- The providers that the worker has; '*' for all, as the sketcher stands in for each.
  providers text[] not null,
  seen_at timestamptz not null
);
alter table private.worker_providers enable row level security;
grant select on private.worker_providers to service_role, myjoe_admin;
create policy "Workers' providers can be read by admins" on private.worker_providers for select to myjoe_admin using (true);

-- A worker tells which providers it has: when it starts, and every few minutes. With null it
-- leaves. Returns what was switched because of it: 'off' or 'on', and why.
--
-- What a plan is made with is left alone: planning is not done by workers. What the guard or an
-- admin has switched off stays off.
create function private.tell_providers(of_worker text, its_providers text[]) returns table (operation text, action text, reason text)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  -- A worker that was not heard of for so long is gone. Longer bears longer outages; shorter
  -- notices sooner that nobody has a key any more. Workers tell every five minutes.
  gone constant interval := interval '15 minutes';
  no_key constant text := 'no worker has a key for ';
  seen record;
begin
  -- One at a time, with the guard and with each other.
  perform from public.governor_settings for update;
  if its_providers is null then
    delete from private.worker_providers where worker = of_worker;
    return;
  end if;
  insert into private.worker_providers (worker, providers, seen_at) values (of_worker, its_providers, private.clock())
  on conflict (worker) do update set providers = excluded.providers, seen_at = excluded.seen_at;
  delete from private.worker_providers where seen_at < private.clock() - gone;
  for seen in
    select o.code, o.switched_off, coalesce(starts_with(o.switch_reason, no_key), false) as by_us,
           exists (select from private.worker_providers w where '*' = any (w.providers) or path.needed <@ w.providers) as can,
           array(select p.needed from unnest(path.needed) as p (needed) where p.needed <> all (its_providers)) as lacking
    from public.operations o
    cross join lateral (
      select array_agg(distinct s.provider order by s.provider) as needed
      from public.operation_steps s where s.operation = o.code and s.fallback = o.uses_fallback
    ) as path
    where not o.per_run and path.needed is not null order by o.code
  loop
    operation := seen.code;
    if not seen.can and not seen.switched_off then
      action := 'off';
      reason := no_key || array_to_string(seen.lacking, ', ');
    elsif seen.can and seen.switched_off and seen.by_us then
      action := 'on';
      reason := 'a worker has all its keys';
    else
      continue;
    end if;
    update public.operations o set switched_off = action = 'off', switch_reason = reason, switched_at = private.clock()
    where o.code = seen.code;
    return next;
  end loop;
end $$;
grant execute on function private.tell_providers(text, text[]) to service_role;
