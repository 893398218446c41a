-- An operator's troubles are told once, whichever workers meet them: who begins or ends one asks
-- here whether anybody has said so.

create table private.troubles_told (
  -- A provider, 'storage', or 'myjoe' for what is set up wrong here; and the kind of error.
  provider text not null check (length(provider) between 1 and 60),
  kind text not null check (length(kind) between 1 and 60),
  began_at timestamptz not null,
  primary key (provider, kind)
);
alter table private.troubles_told enable row level security;
grant select on private.troubles_told to service_role, myjoe_admin;
create policy "Troubles can be read by admins" on private.troubles_told for select to myjoe_admin using (true);

-- A page has met it. Whether nobody has told of it yet.
create function private.begin_trouble(of_provider text, of_kind text) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
  insert into private.troubles_told (provider, kind, began_at) values (left(of_provider, 60), left(of_kind, 60), private.clock())
  on conflict do nothing;
  return found;
end $$;
grant execute on function private.begin_trouble(text, text) to service_role;

-- It is over. For how many seconds it stood; null where somebody has told of that.
create function private.end_trouble(of_provider text, of_kind text) returns double precision
language sql volatile security definer set search_path = '' as $$
  delete from private.troubles_told where provider = left(of_provider, 60) and kind = left(of_kind, 60)
  returning extract(epoch from private.clock() - began_at)::double precision
$$;
grant execute on function private.end_trouble(text, text) to service_role;

-- End those of which no page tells any more, whether it waits or is tried again: the workers that
-- would have said so are gone. For a worker that starts.
create function private.end_troubles_of_nobody() returns table (provider text, kind text, seconds double precision)
language sql volatile security definer set search_path = '' set enable_seqscan = off set jit = off as $$
  delete from private.troubles_told t where not exists (
    select from public.jobs j
    where j.status in ('pending', 'in_progress') and j.error_kind = t.kind and starts_with(j.last_error, t.provider || ': '))
  returning t.provider, t.kind, extract(epoch from private.clock() - t.began_at)::double precision
$$;
grant execute on function private.end_troubles_of_nobody() to service_role;
