-- Pauses: a provider, or the storage, that is known to refuse is left alone by all workers until it
-- may be asked again. So one refusal is told to all, and no page buys a drawing that nothing keeps.

create table private.pauses (
  -- A provider's name, or 'storage'.
  what text primary key check (length(what) between 1 and 60),
  -- The kind and the words of the last refusal.
  kind text not null,
  reason text not null,
  began_at timestamptz not null,
  -- When it may be asked again. The row stays until it has answered well.
  until timestamptz not null,
  -- How often in a row it was asked again in vain.
  times integer not null default 0 check (times >= 0)
);
alter table private.pauses enable row level security;
grant select on private.pauses to service_role, myjoe_admin;
create policy "Pauses can be read by admins" on private.pauses for select to myjoe_admin using (true);

-- It refuses. Several who find that at once, or were amid it, are one time. Returns whether this is
-- the beginning, and the seconds until it may be asked again.
create function private.begin_pause(of_what text, of_kind text, words text, after_seconds double precision,
                                    out began boolean, out seconds double precision)
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  pause_until timestamptz;
begin
  insert into private.pauses as p (what, kind, reason, began_at, until)
  values (of_what, of_kind, words, moment, moment + private.pause_of_others(after_seconds, 0))
  on conflict (what) do update set
    kind = excluded.kind, reason = excluded.reason,
    times = case when p.until <= moment then p.times + 1 else p.times end,
    until = case when p.until <= moment then moment + private.pause_of_others(after_seconds, p.times + 1)
                 else greatest(p.until, moment + private.pause_of_others(after_seconds, p.times)) end
  returning p.until, p.xmax = 0 into pause_until, began;  -- a row that was there has an older version
  seconds := extract(epoch from pause_until - moment);
end $$;
grant execute on function private.begin_pause(text, text, text, double precision) to service_role;

-- It has answered well. Returns for how many seconds it had not; null where it was not paused.
create function private.end_pause(of_what text) returns double precision
language sql volatile security definer set search_path = '' as $$
  delete from private.pauses where what = of_what returning extract(epoch from private.clock() - began_at)::double precision
$$;
grant execute on function private.end_pause(text) to service_role;

-- All pauses, for a worker that claims: {"replicate": {"seconds", "kind", "reason"}, …}, with the
-- seconds until it may be asked again, 0 where that is now. Null where there is none.
create function private.paused() returns jsonb language sql stable security definer set search_path = '' as $$
  select jsonb_object_agg(what, jsonb_build_object('kind', kind, 'reason', reason,
                                                   'seconds', greatest(extract(epoch from until - private.clock()), 0)::double precision))
  from private.pauses
$$;
grant execute on function private.paused() to service_role;
